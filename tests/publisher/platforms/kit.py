"""Drives a platform through the publisher itself, as often as it takes, and says what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from actors.publisher.actor import build
from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.http import HttpApi
from actors.publisher.adapters.rehearsal import Rehearsal
from actors.publisher.adapters.session import AccountSession, OpenSessions
from actors.publisher.ports import Grant, Platform, Post, Tokens
from actors.publisher.store import SAID, ClaimedSteps, key_of
from contracts.events import PublishRequested
from contracts.keys import render_prefix, render_uri, transcript_uri
from contracts.media import Transcript
from contracts.publishing import Account
from contracts.renders import Render
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED, PUBLISH_UNCONFIRMED
from runtime.claims import Claims
from runtime.errors import Reject, Retry
from runtime.guard import guarded
from tests.publisher.platforms.server import PlatformServer
from tests.publisher.support import SETTINGS, START, Bench, DyingClaims, Killed, a_render, post_of
from tests.support.work import deliver

__all__ = ["Case", "Kit", "MemoryVault", "placed"]


@dataclass(frozen=True)
class Case:
    """A platform and the server that stands in for it. `open` makes the platform for a server's address.

    The server keeps in `posted` the bytes of every video that can be seen on the account. `{url}` in `details` and in
    the further secrets of `tokens` stands for its address.
    """

    server: Callable[[], PlatformServer]
    open: Callable[[str], Platform]
    tokens: Tokens
    account: str = "me"
    details: dict[str, str] = field(default_factory=dict)


class MemoryVault:
    """See `Vault`: one account, whose tokens `renew` replaces."""

    def __init__(self, account: Account, tokens: Tokens, renew: Callable[[Tokens], Awaitable[Tokens]]) -> None:
        self._account = account
        self._tokens = tokens
        self._renew = renew

    async def account(self, account_id: str) -> Account | None:
        return self._account if account_id == self._account.account_id else None

    async def tokens(self, account_id: str) -> Tokens:
        return self._tokens

    async def renewed(self, account_id: str, stale: Tokens) -> Tokens:
        if stale == self._tokens:
            self._tokens = await self._renew(stale)
        return self._tokens


class Kit:
    """A platform, its server, and everything that the publisher needs around them; `async with` closes its client."""

    def __init__(self, case: Case, server: PlatformServer, folder: Path) -> None:
        self.case, self.server, self._folder = case, server, folder
        self.bench = Bench(folder)
        self.platform = case.open(server.url)
        plain = httpx.AsyncClient(timeout=httpx.Timeout(10, connect=2), verify=False)  # no TLS: 0.1 s less each
        self.client = guarded(plain, {"127.0.0.1"}, setting="CLIPWIRE_PUBLISHER_PRIVATE_HOSTS")
        self.account = Account(
            account_id=f"{self.platform.name}:{case.account}",
            platform=self.platform.name,
            title="Me",
            details=placed(case.details, server.url),
            connected_at=START - timedelta(days=400),
        )
        tokens = case.tokens.model_copy(update={"more": placed(case.tokens.more, server.url)})
        self.vault = MemoryVault(self.account, tokens, self._refreshed)
        self.sessions = OpenSessions(self.vault, self.client, clock=self.bench.clock, sleep=self._sleep)

    async def __aenter__(self) -> Kit:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.client.aclose()

    @asynccontextmanager
    async def afresh(self) -> AsyncIterator[Kit]:
        """A platform that knows nothing yet at the same address, and a publisher that has the same files alone."""
        server = self.case.server()
        self.server.hand_over(server)
        async with Kit(self.case, server, self._folder) as kit:
            yield kit

    async def _refreshed(self, stale: Tokens) -> Tokens:
        assert self.platform.grant is not None
        return await self.platform.grant.refresh(HttpApi(self.client, self.platform.name), stale)

    async def _sleep(self, seconds: float) -> None:
        """Waiting moves the bench's clock."""
        self.bench.clock.move(seconds)

    async def session(self) -> AccountSession:
        return await self.sessions.open(self.platform, self.account.account_id, _unheard)

    @property
    def api(self) -> HttpApi:
        """As a grant and `owners` are given it: without an account."""
        return HttpApi(self.client, self.platform.name)

    @property
    def grant(self) -> Grant:
        assert self.platform.grant is not None
        return self.platform.grant

    async def render(self, **options: Any) -> Render:
        """A render whose source may be published by anybody."""
        return await a_render(self.bench.media, **options)

    async def changed(self, **fields: object) -> Render:
        """A render with other values in its document."""
        render = (await self.render()).model_copy(update=fields)
        await self.bench.media.write(render_uri(render.render_id), render)
        return render

    async def large(self, size: int, **fields: object) -> Render:
        """A render whose video has so many bytes."""
        name = f"{render_prefix((await self.render()).render_id)}/large.mp4"
        async with self.bench.media.writing(name, "video/mp4") as writing:
            once = hashlib.shake_256(b"clip").digest(999_983)  # a prime: no two chunks are alike
            writing.path.write_bytes((once * (size // len(once) + 1))[:size])
        return await self.changed(video=writing.ref, **fields)

    async def spoken(self, render: Render) -> None:
        """Let its clip have a transcript, and so its post a language."""
        heard = Transcript(
            clip_id=render.clip_id, language="en", method="captions:srt", timing="spread", words=(), sentences=()
        )
        await self.bench.media.write(transcript_uri(render.clip_id), heard)

    def post(self, render: Render, description: str = "", **more: Any) -> Post:
        """The post that the publisher would make, without its files."""
        made = post_of(render, self.case.account, description=description)
        ident, account = self.request(render).publication_id, self.account.account_id
        return replace(made, publication_id=ident, account_id=account, **more)

    async def steps(self) -> ClaimedSteps:
        """For `Platform.publish` itself."""
        claim = await self.bench.claims.take("publish/one", "worker")
        return ClaimedSteps(self.bench.claims, claim, clock=self.bench.clock, quarantine=120, patience=7200)

    def request(self, render: Render, **more: Any) -> PublishRequested:
        return PublishRequested(render_id=render.render_id, account_id=self.account.account_id, **more)

    def publisher(self, claims: Claims | None = None) -> Any:
        bench = self.bench
        return build(
            Desk(
                settings=SETTINGS,
                media=bench.media,
                claims=claims or bench.claims,
                channels=bench.channels,
                platforms={self.platform.name: self.platform},
                sessions=self.sessions,
                calendar=LedgerCalendar(bench.claims, clock=bench.clock, grace=120),
                timers=bench.timers,
                clock=bench.clock,
            )
        )

    def rehearsal(self) -> Rehearsal:
        bench = self.bench
        return Rehearsal(
            {self.platform.name: self.platform},
            self.sessions,
            media=bench.media,
            claims=bench.claims,
            channels=bench.channels,
            calendar=LedgerCalendar(bench.claims, clock=bench.clock, grace=120),
        )

    async def killed(self, request: PublishRequested, *, at: int, after: bool) -> bool:
        """Deliver a request to a worker that dies at its claim's change number `at`; false: it made fewer."""
        dying = self.publisher(DyingClaims(self.bench.claims, at=at, after=after))
        try:
            await deliver(dying, PUBLISH_REQUESTED, request)
        except Killed:
            return True
        return False

    async def drive(self, request: PublishRequested, *, deliveries: int = 60) -> str:
        """Deliver a request until it ends: `done`, `unconfirmed`, or `rejected: …`."""
        for attempt in range(1, deliveries + 1):
            try:
                work = await deliver(self.publisher(), PUBLISH_REQUESTED, request, attempt=attempt)
            except Reject as error:
                return f"rejected: {error}"
            except Retry as error:
                self.bench.clock.move(error.after if error.after is not None else 30.0)
                continue
            claim = await self.bench.claims.get(key_of(request.publication_id))
            if work.of(PUBLISH_DONE) or (claim is not None and claim.step == SAID):
                return "done"
            if work.of(PUBLISH_UNCONFIRMED):
                return "unconfirmed"
            if (timer := self.bench.timers.set.pop(request.publication_id, None)) is not None:
                self.bench.clock.now = max(self.bench.clock.now, timer[0])
        raise AssertionError(f"not over after {deliveries} deliveries")

    async def published(self, request: PublishRequested) -> dict[str, Any]:
        """What is kept of a post that is out; empty where it is not."""
        claim = await self.bench.claims.get(key_of(request.publication_id))
        assert claim is not None
        publication: dict[str, Any] = claim.data.get("publication", {})
        return publication

    async def told(self, render: Render, **more: Any) -> tuple[str, list[str]]:
        """What came of a request, and what a person is told besides."""
        request = self.request(render, **more)
        outcome = await self.drive(request)
        return outcome, (await self.published(request)).get("notes", [])

    def sent(self, render: Render) -> bytes:
        """The bytes that have to be there."""
        data = (self.bench.folder.parent / "media" / render.video.uri.removeprefix("media://")).read_bytes()
        assert hashlib.sha256(data).hexdigest() == render.video.sha256
        return data


def placed(values: dict[str, str], url: str) -> dict[str, str]:
    """The values with the server's address where `{url}` stands."""
    return {name: value.replace("{url}", url) for name, value in values.items()}


async def _unheard(done: float) -> None:
    return None
