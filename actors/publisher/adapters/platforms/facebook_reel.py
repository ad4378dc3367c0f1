"""A reel on its way to Facebook: uploaded, finished, worked on until it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actors.publisher.adapters.platforms import meta
from actors.publisher.adapters.platforms.answers import object_of
from actors.publisher.adapters.platforms.facebook_calls import Requests, errors, page_of
from actors.publisher.adapters.platforms.meta_upload import send_bytes
from actors.publisher.ports import Post, Session, Steps, UnconfirmedError
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["KEPT", "Reel"]

KEPT = ("video", "upload_url", "sent", "finish")
"""What is known of an upload in the steps."""
POLLS_S = (3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0, 60.0)
STUCK = timedelta(hours=2)


@dataclass(frozen=True)
class Reel:
    """Of one post. Every method may raise `SpentError`: the upload is good for nothing any more. `upload_url`: of the
    host that takes bytes, where an answer names none."""

    requests: Requests
    upload_url: str
    session: Session
    post: Post
    steps: Steps

    async def upload(self) -> None:
        """Bring the bytes there. Nobody sees an upload that is not finished."""
        fresh = self.steps.get("video") is None
        if fresh:
            told = await self.requests.graph.ask(self.session, self.requests.start(page_of(self.session.account)))
            if not told.get("video_id"):
                raise Unavailable("facebook named no upload", advice="It is tried again by itself")
            video = str(told["video_id"])
            await self.steps.keep(video=video, upload_url=told.get("upload_url") or f"{self.upload_url}/{video}")

        async def asked() -> int:
            uploading = object_of(await self._status(), "uploading_phase")
            if uploading.get("status") == "complete":
                return self.post.film.bytes
            return meta.number(uploading.get("bytes_transfered") or uploading.get("bytes_transferred"))

        start = 0 if fresh else await asked()
        await send_bytes(self.session, "facebook", self.steps.get("upload_url"), self.post.film, start, asked=asked)

    async def finished(self) -> str | None:
        """Whether Facebook has been told to publish it: it works on nothing before. Now, as a time."""
        status = await self._status()
        if status.get("video_status") == "expired":
            raise meta.SpentError("the upload has expired")
        begun = any(
            object_of(status, name).get("status") not in {None, "not_started"}
            for name in ("processing_phase", "publishing_phase")
        )
        return self.session.now.isoformat() if begun or status.get("video_status") in {"processing", "ready"} else None

    async def worked_on(self, since: datetime) -> None:
        """Wait until it is shown, or set to its time. Raises `SpentError` or `Reject` for one that never will be."""
        for pause in POLLS_S:
            status = await self._status()
            waits = self.post.publish_at is not None and self.post.publish_at > self.session.now
            if object_of(status, "publishing_phase").get("status") == "complete":
                return
            if waits and status.get("video_status") == "ready":
                return  # it is shown at its time
            if status.get("video_status") == "expired":
                raise meta.SpentError("the upload has expired")
            if status.get("video_status") == "error" or errors(status):
                await self.steps.drop(*KEPT)  # nobody is shown it
                _refuse(errors(status))
            await self.session.pause(pause)
        if self.session.now - since > STUCK:
            raise UnconfirmedError(
                "Facebook has the video and has not published it for hours",
                advice="Look at the Page, then say whether it is there",
            )
        raise Retry("Facebook is still working on the video", after=60.0, advice="It is asked again by itself")

    async def _status(self) -> Mapping[str, Any]:
        try:
            told = await self.requests.graph.ask(self.session, self.requests.status(self.steps.get("video")))
        except (Reject, meta.AbsentError) as error:
            if not self.steps.get("sent"):
                raise
            raise UnconfirmedError(
                f"Facebook does not tell what became of the video, which may be shown: {error}",
                advice="Look at the Page, then say whether it is there",
            ) from error
        return object_of(told, "status")


def _refuse(told: Sequence[Mapping[str, Any]]) -> None:
    said = "; ".join(f"{each.get('message')} (code {each.get('code')})" for each in told)[:300] or "no reason"
    if all(meta.number(each.get("code")) in meta.TRANSIENT for each in told):
        raise meta.SpentError(said)
    raise Reject(
        f"facebook cannot show the video: {said}",
        advice="Render it again: MP4 in 9:16, H.264 and AAC, 24 to 60 fps, 3 to 90 s",
    )
