"""One upload to TikTok, from its `publish_id` to the post: it goes on wherever it was left.

An upload can become one post at most. So a second is begun only when TikTok says that the first is dead, or when its
address has expired and its last bytes cannot be under way any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.tiktok_calls import Chunks, chunk_call, code_of, data_of, status_call
from actors.publisher.ports import LostError, Post, Posted, Session, Steps, UnconfirmedError
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["State", "Upload", "state_of"]

_TRIES = 4
"""Times in a row that no byte gets through before it is left for later."""
_PAUSES = (2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 30.0, 0.0)
"""Seconds between questions; TikTok takes 30 a minute and account, and most videos are ready within one."""
_UNDER_WAY = timedelta(minutes=10)
"""For so long after they were sent, the last bytes may be there without TikTok showing them."""
_AGAIN = frozenset({"internal", "video_pull_failed", "spam_risk_too_many_posts"})
_CAP, _REST = "spam_risk_too_many_posts", timedelta(days=1)
_TIMES = 3
_FORMAT = "Render it again: MP4 with H.264, 23 to 60 fps, sides from 360 to 4096 pixels"
_REASONS = {
    "file_format_check_failed": _FORMAT,
    "frame_rate_check_failed": _FORMAT,
    "picture_size_check_failed": _FORMAT,
    "duration_check_failed": "Make it shorter: the account's own limit may be 3, 5 or 10 minutes",
    "spam_risk_text": "TikTok takes the words for spam: change title, description or hashtags",
    "auth_removed": "The account has taken the app's permission back: connect it again",
    "publish_cancelled": "Somebody cancelled it in TikTok; publish it again if it is wanted after all",
}


@dataclass(frozen=True)
class State:
    """What TikTok tells of a `publish_id`."""

    status: str
    uploaded: int = 0
    reason: str = ""
    post_ids: tuple[str, ...] = ()

    def lacks(self, size: int) -> bool:
        """Whether bytes are missing."""
        return self.status == "PROCESSING_UPLOAD" and self.uploaded < size


async def state_of(session: Session, base: str, publish_id: str) -> State | None:
    """What became of it; none: TikTok does not know that id."""
    answer = await session.ask(status_call(base, publish_id))
    if code_of(answer) in {"invalid_publish_id", "token_not_authorized_for_specified_publish_id"}:
        return None
    data = data_of(answer, "what became of a post")
    uploaded, ids = data.get("uploaded_bytes"), data.get("publicaly_available_post_id")
    return State(
        status=str(data.get("status") or ""),
        uploaded=uploaded if isinstance(uploaded, int) else 0,
        reason=str(data.get("fail_reason") or "no reason is told"),
        post_ids=tuple(str(each) for each in ids) if isinstance(ids, list) else (),
    )


class Upload:
    """See above. `begin` asks TikTok for an upload and keeps `publish_id` and `upload_url` in the steps; `find`
    searches the account; `shown`: wait until the post has an address that everybody can open."""

    def __init__(
        self,
        session: Session,
        post: Post,
        steps: Steps,
        *,
        base: str,
        begin: Callable[[], Awaitable[None]],
        find: Callable[[], Awaitable[Posted | None]],
        shown: bool,
    ) -> None:
        self._session, self._post, self._steps = session, post, steps
        self._base = base
        self._begin = begin
        self._find = find
        self._shown = shown
        self._chunks = Chunks.of(post.film.bytes)

    async def make(self) -> dict[str, str]:
        """See `Steps.once`."""
        try:
            outcome = await self._made()
        except (Reject, Retry, UnconfirmedError) as error:
            if self._steps.get("sent"):  # whatever is said, the video may become a post
                raise LostError(str(error)) from error
            raise
        if outcome is None:
            raise self._refusal() or self._rest(5.0)
        return outcome

    async def ask(self) -> dict[str, str] | None:
        """See `Steps.once`. It goes on with the same upload, from which no second post can come."""
        if self._steps.get("publish_id") is None:
            return None
        return await self._ended(await self._state())

    async def _made(self) -> dict[str, str] | None:
        if self._steps.get("refused"):
            return None
        if self._steps.get("publish_id") is not None:
            return await self._ended(await self._state())
        if (rest := self._rest()).after:
            raise rest
        await self._begin()
        return await self._ended(State("PROCESSING_UPLOAD"))

    async def _ended(self, state: State | None) -> dict[str, str] | None:
        """The post; none: this upload is over without one, and forgotten."""
        if state is None:
            return await self._searched()
        lacking = state.lacks(self._chunks.size) and not self._steps.get("received")
        if lacking and not await self._sent(state.uploaded):
            await self._forget()
            return None
        return await self._settled()

    async def _searched(self) -> dict[str, str] | None:
        """TikTok does not know the upload any more."""
        if not self._steps.get("sent"):
            await self._forget()
            return None
        posted = await self._find()
        return None if posted is None else self._outcome(posted.platform_id, posted.url)

    async def _forget(self) -> None:
        await self._steps.drop("publish_id", "upload_url", "sent", "received")

    async def _state(self) -> State | None:
        return await state_of(self._session, self._base, self._steps.get("publish_id"))

    async def _refuse(self, what: str, advice: str) -> None:
        """Keep that TikTok will never take it: said by `make`, because what `ask` cannot tell is left to a person."""
        await self._steps.keep(refused={"what": what, "advice": advice})

    def _refusal(self) -> Reject | None:
        refused = self._steps.get("refused")
        return Reject(refused["what"], advice=refused["advice"]) if refused else None

    def _rest(self, least: float = 0.0) -> Retry:
        """How long nothing is uploaded: at least so many seconds."""
        until = self._steps.get("rests_until")
        left = (datetime.fromisoformat(until) - self._session.now).total_seconds() if until else 0.0
        if left > 0:
            return Retry(
                "the account has posted as often today as TikTok lets it (spam_risk_too_many_posts)",
                after=left,
                advice="It is uploaded again after a day; fewer posts a day come through at once",
            )
        return Retry("the upload to TikTok came to nothing", after=least, advice="Another one is begun by itself")

    # -- Bytes --------------------------------------------------------------------------------------------------------

    async def _sent(self, position: int) -> bool:
        """Send what is missing. False: it takes no more, and bytes are missing for good."""
        size, stuck = self._chunks.size, 0
        while position < size:
            reached = await self._chunk(position)
            if reached is None:
                return False
            stuck = 0 if reached > position else stuck + 1
            if stuck > _TRIES:
                raise Unavailable("TikTok does not take the bytes of the video", advice="It goes on later by itself")
            if stuck:
                await self._session.pause(2.0**stuck)
            position = reached
            await self._session.progress(position / size)
        return True

    async def _chunk(self, position: int) -> int | None:
        """How many bytes TikTok has after another chunk; none: it takes no more."""
        start, end = self._chunks.span(position)
        before = self._steps.get("sent")
        if end == self._chunks.size:
            await self._steps.keep(sent=self._session.now.isoformat())
        try:
            answer = await self._session.ask(chunk_call(self._steps.get("upload_url"), self._post.film, start, end))
        except Unavailable:
            state = await self._state()
            return self._confirmed(state)
        if answer.status == 201:
            await self._steps.keep(received=True)
            return self._chunks.size
        if answer.ok:
            return self._chunks.reached(answer) or end
        if answer.status == 416 and (reached := self._chunks.reached(answer)) is not None:
            return reached
        await self._steps.keep(sent=before)  # these bytes were refused
        state = await self._state()
        if state is not None and not state.lacks(self._chunks.size):
            return self._chunks.size
        if answer.status == 416:
            return self._confirmed(state)
        if answer.status in {403, 404}:
            self._wait_for_the_last_bytes()
            return None
        await self._refuse(
            f"TikTok did not take the bytes of the video: HTTP {answer.status}{said(answer)}",
            "Render the short again; if it stays so, report it with this message",
        )
        return None

    def _confirmed(self, state: State | None) -> int:
        if state is None:
            return 0
        return state.uploaded if state.lacks(self._chunks.size) else self._chunks.size

    def _wait_for_the_last_bytes(self) -> None:
        sent = self._steps.get("sent")
        left = datetime.fromisoformat(sent) + _UNDER_WAY - self._session.now if sent else timedelta(0)
        if left > timedelta(0):
            raise Retry(
                "the upload's address has expired, and TikTok may not show all of its bytes yet",
                after=left.total_seconds(),
                advice="It is asked again by itself, before another upload is begun",
            )

    # -- The post -----------------------------------------------------------------------------------------------------

    async def _settled(self) -> dict[str, str] | None:
        """Wait until TikTok has made a post or a draft of it; none: it failed, and may be tried again."""
        state = None
        for pause in _PAUSES:
            state = await self._state()
            if state is None:
                return await self._searched()
            if state.status == "FAILED":
                await self._failed(state.reason)
                return None
            if state.status == "SEND_TO_USER_INBOX":
                return self._draft()
            if state.status == "PUBLISH_COMPLETE" and (state.post_ids or not self._shown):
                break
            await self._session.pause(pause)
        if state is None or state.status != "PUBLISH_COMPLETE":
            raise Retry("TikTok is still working on the video", after=120.0, advice="It is asked again by itself")
        return self._public(state)

    async def _failed(self, reason: str) -> None:
        failures = int(self._steps.get("failures") or 0) + 1
        await self._steps.keep(failures=failures)
        if reason == _CAP:
            await self._steps.keep(rests_until=(self._session.now + _REST).isoformat())
        if reason not in _AGAIN or failures > _TIMES:
            advice = _REASONS.get(reason, "The account's notices in the TikTok app may say more")
            await self._refuse(f"TikTok made no post of the video: {reason}", advice)
        await self._forget()

    def _draft(self) -> dict[str, str]:
        return self._outcome(self._steps.get("publish_id"), "https://www.tiktok.com/")

    def _public(self, state: State) -> dict[str, str]:
        """What is private or still being looked at has no address of its own: the account's page stands for it."""
        page = f"https://www.tiktok.com/@{self._steps.get('username') or ''}"
        if not state.post_ids:
            return self._outcome(self._steps.get("publish_id"), page)
        return self._outcome(state.post_ids[0], f"{page}/video/{state.post_ids[0]}")

    def _outcome(self, platform_id: str, url: str) -> dict[str, str]:
        return {"id": platform_id, "url": url, "at": self._session.now.isoformat()}
