"""A video on its way to LinkedIn: parts at signed addresses, finalized, worked on."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from actors.publisher.adapters.platforms.answers import number_of, object_of
from actors.publisher.adapters.platforms.linkedin_calls import Part, Requests, parts_of, refused, urn_of
from actors.publisher.ports import Answer, Call, Post, Session, Steps
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["Upload"]

PAUSES_S = (1.0, 5.0, 15.0)
POLLS_S = (2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0)
TRIES = 5
_KEPT = ("video", "parts", "upload_token", "until", "etags")


@dataclass(frozen=True)
class Upload:
    """Of one post. Nobody sees a video that is in no post, so that everything here may be repeated."""

    requests: Requests
    session: Session
    post: Post
    steps: Steps

    async def through(self) -> None:
        """Bring it to where it can be posted."""
        if not self.steps.get("finalized"):
            await self._send()
            await self.steps.keep(finalized=True)
        if not self.steps.get("available"):
            await self._worked_on()
            await self.steps.keep(available=True)

    async def _send(self) -> None:
        if self.steps.get("video") is None or self.session.now.timestamp() * 1000 >= self.steps.get("until"):
            await self._begin()
        parts = [Part(**each) for each in self.steps.get("parts")]
        for part in parts[len(self.steps.get("etags")) :]:
            answer = await self._sent(self.requests.send(self.post, part))
            etag = answer.headers.get("etag")
            if not answer.ok or not etag:
                raise await self._anew(f"HTTP {answer.status} for bytes {part.first} to {part.last}")
            await self.steps.keep(etags=[*self.steps.get("etags"), etag])
            await self.session.progress((part.last + 1) / self.post.film.bytes)
        call = self.requests.finalize(self.steps.get("video"), self.steps.get("upload_token"), self.steps.get("etags"))
        answer = await self.session.ask(call)
        # One that was finalized already, and whose answer was lost, is refused as well.
        if not answer.ok and await self._state() == "WAITING_UPLOAD":
            raise await self._anew(f"HTTP {answer.status} for finalizing it")

    async def _begin(self) -> None:
        answer = await self.session.ask(self.requests.initialize(urn_of(self.post.account_id), self.post))
        if not answer.ok:
            raise refused(answer)
        told = object_of(answer.json(), "value")
        parts, until = parts_of(told, self.post.film.bytes), number_of(told, "uploadUrlsExpireAt")
        if not parts or not told.get("video"):
            raise Unavailable("LinkedIn did not say where the bytes go", advice="It is tried again by itself")
        await self.steps.keep(
            video=str(told["video"]),
            parts=[asdict(part) for part in parts],
            upload_token=str(told.get("uploadToken") or ""),
            until=float("1e15") if until is None else until,
            etags=[],
        )

    async def _sent(self, call: Call) -> Answer:
        """A part whose answer was lost is sent again: it is the same bytes."""
        for pause in PAUSES_S:
            try:
                return await self.session.ask(call)
            except Unavailable:
                await self.session.pause(pause)
        return await self.session.ask(call)

    async def _anew(self, why: str) -> Reject | Retry:
        """Forget the upload; what to raise."""
        tries = int(self.steps.get("tries") or 0) + 1
        await self.steps.drop(*_KEPT)
        await self.steps.keep(tries=tries)
        if tries >= TRIES:
            return Reject(
                f"LinkedIn has dropped {tries} uploads in a row, the last with {why}",
                advice="Render it again: MP4, 75 KB to 500 MB, 3 s to 30 min",
            )
        return Retry(f"LinkedIn has dropped the upload: {why}", after=30.0 * 2 ** (tries - 1), advice="It begins anew")

    async def _worked_on(self) -> None:
        for pause in POLLS_S:
            if await self._state() == "AVAILABLE":
                return
            await self.session.pause(pause)
        raise Retry("LinkedIn is still working on the video", after=60.0, advice="It is asked again by itself")

    async def _state(self) -> str:
        answer = await self.session.ask(self.requests.status(self.steps.get("video")))
        if not answer.ok:
            raise refused(answer)
        told = answer.json()
        if told.get("status") == "PROCESSING_FAILED":
            raise Reject(
                f"LinkedIn cannot show the video: {told.get('processingFailureReason') or 'it does not say why'}",
                advice="Render it again: MP4 with H.264 and AAC, 3 s to 30 min",
            )
        return str(told.get("status"))
