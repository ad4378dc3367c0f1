"""What opens an upload is kept while it goes on, and neither kept nor told to anybody once the video is out."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from runtime.claims import Claim
from tests.publisher.platforms.cases import CASES
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import PlatformServer
from tests.publisher.platforms.snapchat_server import SnapchatServer
from tests.support.claims import MemoryClaims

MARKS = {"tiktok": "upload_token", "youtube": "upload_id", "snapchat": ""}


class SeenClaims(MemoryClaims):
    """Remembers all that was ever written, and shows what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def _write(self, claim: Claim) -> Claim:
        self.written.append(claim.model_dump_json())
        return super()._write(claim)

    @property
    def there(self) -> list[str]:
        return list(self._kept.values())


def secrets_of(server: PlatformServer, name: str) -> list[str]:
    """Snapchat's are keys of the publisher's own; the others come as addresses with a token."""
    if isinstance(server, SnapchatServer):
        return [base64.b64encode(each).decode() for media in server.media.values() for each in (media.key, media.iv)]
    return [MARKS[name]]


@pytest.mark.parametrize("name", MARKS)
async def test_what_opens_an_upload_is_not_found_once_the_video_is_out(name: str, tmp_path: Path) -> None:
    server: Any = CASES[name].server()
    with server.running():
        async with Kit(CASES[name], server, tmp_path) as kit:
            claims = kit.bench.claims = SeenClaims()
            assert await kit.drive(kit.request(await kit.render())) == "done"
    secrets = secrets_of(server, name)
    assert secrets
    assert any(secret in text for secret in secrets for text in claims.written), "nothing was kept to go on with"
    told = [data.model_dump_json() for _, data in kit.bench.stream.stored]
    assert not [secret for secret in secrets for text in (*claims.there, *told) if secret in text]
