"""How long platforms say that they take no more requests, and how long an answer is waited for."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from actors.publisher.adapters.http import HttpApi, resets_in
from actors.publisher.ports import Call, LostError, Part, Piece
from tests.publisher.platforms.server import PlatformServer, Reply


@pytest.mark.parametrize("name", ["x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"])
def test_the_end_of_a_limit_is_read_however_it_is_written(name: str) -> None:
    at = datetime.now(UTC) + timedelta(seconds=300)
    for text in (at.isoformat().replace("+00:00", "Z"), str(int(at.timestamp()))):
        left = resets_in({name: text})
        assert left is not None
        assert 290 < left <= 300
    assert resets_in({name: "59"}) == 59


def test_retry_after_goes_before_and_nonsense_is_nothing() -> None:
    assert resets_in({"retry-after": "7", "x-ratelimit-reset": "59"}) == 7
    assert resets_in({"x-ratelimit-reset": "0"}) == 1
    assert resets_in({"x-ratelimit-reset": "2000-01-01T00:00:00Z"}) == 1
    for text in ("soon", "", "-5", "1e400"):
        assert resets_in({"x-ratelimit-reset": text}) in {None, 86_400}
    assert resets_in({}) is None


async def test_a_request_may_wait_longer_than_others_for_its_answer() -> None:
    server = PlatformServer()
    server.on("POST", "/slow", lambda request: Reply())
    server.fail("POST /slow", "slow", "slow")
    async with httpx.AsyncClient(timeout=0.05, verify=False) as client:
        with server.running() as url:
            api = HttpApi(client, "a platform")
            with pytest.raises(LostError):
                await api.make(Call("POST", f"{url}/slow"))
            patient = asyncio.create_task(api.make(Call("POST", f"{url}/slow", answer_s=60)))
            answered, _ = await asyncio.wait({patient}, timeout=0.2)
            assert not answered
            server.over.set()
            assert (await patient).ok


@pytest.mark.parametrize("form", ["body", "parts"])
async def test_a_file_is_closed_when_the_platform_hangs_up_on_it(tmp_path: Path, form: str) -> None:
    file = tmp_path / "short.mp4"
    file.write_bytes(bytes(8 << 20))
    piece = Piece(file, 0, file.stat().st_size)
    server = PlatformServer()
    server.fail("POST /video", "before")
    gc.disable()  # it would close the file some time, and complain
    try:
        async with httpx.AsyncClient(verify=False) as client:
            with server.running() as url:
                call = Call("POST", f"{url}/video", body=piece)
                if form == "parts":
                    call = Call("POST", f"{url}/video", parts=[Part("file", piece, "short.mp4")])
                with pytest.raises(LostError):
                    await HttpApi(client, "a platform").make(call)
        assert str(file) not in _open_files()
    finally:
        gc.enable()


def _open_files() -> set[str]:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list what a process has open")
    return {str(each.readlink()) for each in folder.iterdir() if each.is_symlink()}
