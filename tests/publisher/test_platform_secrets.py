"""The search for secrets, with the platforms themselves: their logins, their requests and what opens their uploads.

The publisher is the one that people run; the platforms are stand-ins at the addresses in its settings.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from runtime.bus import Bus
from runtime.embed import PostgresServer
from runtime.media import FileMediaStore
from tests.publisher.house import KEY, House, everything, house, not_found, ready
from tests.publisher.platforms.bluesky_server import BlueskyServer
from tests.publisher.platforms.telegram_server import TOKEN, TelegramServer
from tests.publisher.platforms.youtube_server import CHANNEL, YouTubeServer
from tests.publisher.support import a_render
from tests.support.running import until

APP_PASSWORD = "abcd-efgh"
WRONG = "what-somebody-typed-instead"
YOUTUBE, CHAT, SKY = f"youtube:{CHANNEL}", "telegram:my_shorts", "bluesky:me.test"


class Tube(YouTubeServer):
    """Its tokens are like nothing else, and it is through with a video at once."""

    def __init__(self) -> None:
        super().__init__()
        self.count, self.refresh, self.looks = 918_273_645, "rt-that-is-like-nothing-else", 0

    def agree(self, consent_url: str) -> dict[str, str]:
        """What a person's browser brings back who agreed."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(consent_url).query).items()}
        self.challenge = query["code_challenge"]
        return {"code": "code", "state": query["state"]}


def settings(tube: str, sky: str, telegram: str) -> dict[str, str]:
    return {
        "CLIPWIRE_YOUTUBE_BASE_URL": tube,
        "CLIPWIRE_YOUTUBE_ANALYTICS_BASE_URL": tube,
        "CLIPWIRE_GOOGLE_OAUTH_BASE_URL": tube,
        "CLIPWIRE_GOOGLE_OAUTH_AUTHORIZE_URL": f"{tube}/o/oauth2/v2/auth",
        "CLIPWIRE_YOUTUBE_CLIENT_ID": "client",
        "CLIPWIRE_YOUTUBE_CLIENT_SECRET": "secret",
        "CLIPWIRE_BLUESKY_BASE_URL": sky,
        "CLIPWIRE_BLUESKY_VIDEO_BASE_URL": sky,
        "CLIPWIRE_TELEGRAM_BASE_URL": telegram,
    }


async def test_no_secret_of_a_platform_is_found_anywhere(
    bus: Bus, nats_url: str, database_url: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    tube, sky, telegram, home = Tube(), BlueskyServer(), TelegramServer(), tmp_path / "home"
    sky.works_for = 0
    with tube.running() as a, sky.running() as b, telegram.running() as c:
        more = settings(a, b, c)
        async with house(bus, nats_url, database_url, home, publisher="actors.publisher", **more) as here:
            await until(lambda: ready(here), within=60)
            secrets = [TOKEN, APP_PASSWORD, WRONG, tube.refresh, KEY, sky.access, sky.refresh]
            await _live(here, tube)
            sky.outdated = True  # its access is renewed, and what it had before is a secret still
            await _published(here, SKY, 30.0)
            found = await everything(here, database_url, tmp_path, postgres.folder)
    secrets += [tube.access, sky.access, sky.refresh]
    secrets += [request.form()["code_verifier"] for request in tube.asked("POST /token")]
    assert len(tube.posted) == len(telegram.posted) == 1 and len(sky.records) == 2
    not_found(secrets, found)
    for account in (YOUTUBE, CHAT, SKY):
        known = [place for place, content in found.items() if account.encode() in content]
        assert any(place.startswith("stream EVENTS") for place in known), f"nothing was said of {account}"


async def _live(here: House, tube: Tube) -> None:
    """Accounts are connected, by what is typed in and by a consent page; wrong secrets are refused; all are used."""
    chat, handle = ("--name", "chat=@my_shorts"), ("--name", "identifier=me.test")
    server = ("--name", f"base_url={here.env['CLIPWIRE_BLUESKY_BASE_URL']}")
    assert await here.clipwire("account", "connect", "telegram", *chat, typed=f"{TOKEN}\n") == 0
    assert await here.clipwire("account", "connect", "telegram", *chat, typed=f"42:{WRONG}\n") == 1
    assert await here.clipwire("account", "connect", "bluesky", *handle, *server, typed=f"{WRONG}\n") == 1
    assert await here.clipwire("account", "connect", "bluesky", *handle, *server, typed=f"{APP_PASSWORD}\n") == 0
    assert (await here.connect("youtube", tube.agree)).status_code == 200
    for account_id in (YOUTUBE, CHAT, SKY):
        await _published(here, account_id, 1.0)
    assert await here.clipwire("account", "list", "--json") == 0
    render = (await a_render(FileMediaStore(here.home / "media"), start=60.0)).render_id
    for account_id in (YOUTUBE, CHAT, SKY):
        assert await here.clipwire("publish", render, "--account", account_id, "--dry-run") == 0
        assert await here.clipwire("publish", render, "--account", account_id, "--dry-run", "--json") == 0


async def _published(here: House, account_id: str, start: float) -> None:
    told = await here.publish(FileMediaStore(here.home / "media"), account_id, start)
    assert told.type == "publish.done", told.data
