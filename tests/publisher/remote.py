"""A platform that is elsewhere: it holds what it is sent as often as it is sent, and may not answer."""

from __future__ import annotations

import pytest

from actors.publisher.adapters.platforms.outbox import Outbox
from actors.publisher.ports import LostError, NotSentError, Post, Posted, Session, Steps, UnconfirmedError
from contracts.renders import Render
from contracts.subjects import PUBLISH_REQUESTED, PUBLISH_UNCONFIRMED
from runtime.actor import Actor
from runtime.errors import Reject, Retry
from tests.publisher.support import Bench, request
from tests.support.work import deliver

__all__ = ["Public", "Remote", "remote_publisher", "unconfirmed"]


class Remote(Outbox):
    """A platform that holds what it is sent as often as it is sent; `fails` says how its next answer fails."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.folder, media=bench.media)
        self._bench = bench
        self.posts: list[str] = []
        self.sessions: list[str] = []
        self.answers = True
        self.hides = False
        self.fails: BaseException | None = None

    async def check(self, session: Session, post: Post) -> None:
        if len(post.title) > 100:
            raise Reject("the title is too long", advice="Shorten it", field="title")

    async def find(self, session: Session, post: Post) -> Posted | None:
        if not self.answers:
            raise UnconfirmedError("the platform does not list its posts", advice="Look at the account")
        return self._posted_now() if post.publication_id in self.posts and not self.hides else None

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        if steps.get("session") is None:
            self.sessions.append(post.publication_id)
            await steps.keep(session=f"session-{len(self.sessions)}")

        async def make() -> str:
            error, self.fails = self.fails, None
            if error is None or not isinstance(error, Reject | NotSentError):
                self.posts.append(post.publication_id)
            if error is not None:
                raise error
            return "42"

        async def ask() -> str | None:
            return "42" if await self.find(session, post) else None

        await steps.once("post", make, ask=ask)
        return self._posted_now()

    def _posted_now(self) -> Posted:
        return Posted(platform_id="42", url="https://remote.example/42", published_at=self._bench.clock.now)


def remote_publisher(bench: Bench, remote: Remote) -> Actor:
    return bench.publisher(platform=remote)


class Public(Remote):
    """A platform that people see."""

    name = "peertube"


async def unconfirmed(bench: Bench, render: Render) -> Remote:
    """A platform that took a post, gave no answer, and cannot be searched."""
    remote = Remote(bench)
    remote.fails, remote.answers = LostError("no whole answer"), False
    with pytest.raises(Retry):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert len(work.of(PUBLISH_UNCONFIRMED)) == 1
    return remote
