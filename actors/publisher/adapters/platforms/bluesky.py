"""Bluesky: videos of an account on any PDS, through Bluesky's video service.

A post has a record key of ours, made from the publication: it can be made once only, and is found by it. Sources: AT
Protocol, lexicons `app.bsky.video.*`, `app.bsky.feed.post`, `com.atproto.repo.*`; Bluesky's tutorial on video.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

import regex
from pydantic import Field

from actors.publisher.adapters.platforms.answers import Refusals, object_of, objects_of, text_of, time_of, whole_of
from actors.publisher.adapters.platforms.bluesky_calls import (
    POST,
    did_of,
    metrics_of,
    pds_did,
    posted,
    record_call,
    record_key,
    token_call,
    xrpc,
)
from actors.publisher.adapters.platforms.bluesky_login import AppPasswordGrant, error_of, reason_of
from actors.publisher.adapters.platforms.notes import labelless
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.ports import (
    Answer,
    Api,
    Call,
    Grant,
    Owner,
    Piece,
    Post,
    Posted,
    Session,
    Steps,
    Tokens,
)
from actors.publisher.settings import PublisherSettings
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Retry, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["Bluesky", "BlueskySettings", "open_platform"]

POLLS_S = (2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 30.0, 60.0)
_FAILURES = 3
"""Times that the video service may fail at a video before it is taken to be the video's fault; it often is not."""
_took = Refusals(
    reason_of,
    moved="Connect the account again with its server's address",
    otherwise="If it is the access, connect the account again",
).took


class BlueskySettings(Settings):
    """Where Bluesky is."""

    bluesky_base_url: Annotated[
        str,
        Field(pattern=r"^https?://", description="address of the PDS that is offered to who connects an account"),
    ] = "https://bsky.social"
    bluesky_video_base_url: Annotated[
        str, Field(pattern=r"^https?://", description="address of the service that takes videos for Bluesky")
    ] = "https://video.bsky.app"


class Bluesky:
    """See `Platform`. An account is its handle."""

    name: ClassVar[str] = "bluesky"
    limits = Limits(
        source="Bluesky: app.bsky.feed.post, app.bsky.video.getUploadLimits",
        description=Text(300, "graphemes"),
        bytes=(1, 100_000_000),
        duration=(0, 180),
        quotas=(Quota(25),),
    )

    def __init__(self, settings: BlueskySettings) -> None:
        self._video = settings.bluesky_video_base_url.rstrip("/")
        self.grant: Grant | None = AppPasswordGrant(settings.bluesky_base_url.rstrip("/"))

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`."""
        details = {name: tokens.more.get(name, "") for name in ("did", "handle", "pds")}
        name = regex.sub(r"[^A-Za-z0-9._~-]", "-", details["handle"])
        return [Owner(name, f"@{details['handle']}", tokens, details)]

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`: what is left of the day, and whether the account may send videos at all."""
        service = f"did:web:{urlsplit(self._video).hostname}"
        token = await self._service_token(session, service, "app.bsky.video.getUploadLimits")
        answer = await session.ask(
            Call(
                "GET",
                f"{self._video}/xrpc/app.bsky.video.getUploadLimits",
                headers={"Authorization": f"Bearer {token}"},
                authorize=False,
            )
        )
        told = _took(answer, "Bluesky does not tell what the account may upload")
        videos, room = whole_of(told, "remainingDailyVideos"), whole_of(told, "remainingDailyBytes")
        if videos == 0 or (room is not None and 0 <= room < post.film.bytes):
            raise Retry(
                f"{post.account_id} has used up what Bluesky takes in videos a day",
                after=3600.0,
                advice="It is tried again every hour",
            )
        if told.get("canUpload") is False:
            raise Reject(
                f"Bluesky takes no videos of {post.account_id}: {told.get('message') or told.get('error')}",
                advice="Confirm the account's e-mail address in Bluesky, or wait until tomorrow",
            )

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`. A video without its post is shown to nobody, and goes away by itself."""
        if steps.get("blob") is None:
            if steps.get("job") is None:
                await self._upload(session, post, steps)
            await self._wait(session, steps)

        async def make() -> str:
            call = record_call(session.account, post, steps.get("blob"), session.now)
            answer = await self._asked(session, call, make=True)
            if answer.ok:
                return session.now.isoformat()
            if error_of(answer) == "BlobNotFound":
                await steps.drop("blob", "job")
                raise Unavailable("Bluesky has let go of the video meanwhile", advice="It is sent again by itself")
            # Most servers answer a key that is taken with 500, some refuse it: then the post is there.
            if (there := await ask()) is not None:
                return there
            raise Reject(
                f"Bluesky refused the post: {reason_of(answer)}", advice="Change what it names, then publish it again"
            )

        async def ask() -> str | None:
            found = await self.find(session, post)
            return found.published_at.isoformat() if found else None

        at = await steps.once("post", make, ask=ask)
        there = posted(session.account, record_key(post.publication_id), datetime.fromisoformat(at))
        return replace(there, notes=labelless(post, "Bluesky"))

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`: by its record key. What a PDS has stored it tells at once."""
        key = record_key(post.publication_id)
        query = {"repo": did_of(session.account), "collection": POST, "rkey": key}
        answer = await self._asked(
            session, Call("GET", xrpc(session.account, "com.atproto.repo.getRecord"), params=query)
        )
        if error_of(answer) == "RecordNotFound" or answer.status == 404:
            return None
        told = _took(answer, "Bluesky does not tell whether the post is there")
        return posted(session.account, key, time_of(told, "value", "createdAt") or session.now)

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is not there is deleted."""
        record = {"repo": did_of(session.account), "collection": POST, "rkey": platform_id}
        answer = await self._asked(
            session, Call("POST", xrpc(session.account, "com.atproto.repo.deleteRecord"), json=record)
        )
        _took(answer, f"the post {platform_id} was not deleted")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Bluesky counts no views."""
        did, counted = did_of(session.account), {}
        address = xrpc(session.account, "app.bsky.feed.getPosts")
        for start in range(0, len(platform_ids), 25):
            uris = [f"at://{did}/{POST}/{key}" for key in platform_ids[start : start + 25]]
            # A parameter that is given several times, which `Call.params` does not hold.
            call = Call("GET", f"{address}?{'&'.join(f'uris={uri}' for uri in uris)}")
            listed = _took(await self._asked(session, call), "Bluesky does not tell what is counted")
            for told in objects_of(listed, "posts"):
                if (uri := text_of(told, "uri")) in uris:
                    counted[uri.rpartition("/")[2]] = metrics_of(told)
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        blob = {"$type": "blob", "ref": {"$link": "{blob}"}, "mimeType": "video/mp4", "size": post.film.bytes}
        created = datetime.fromtimestamp(0, UTC)
        return [
            token_call(account, pds_did(account), "com.atproto.repo.uploadBlob", created),
            self._upload_call(account, post, "{service_token}"),
            self._job_call("{job_id}"),
            record_call(account, post, blob, created),
        ]

    async def _upload(self, session: Session, post: Post, steps: Steps) -> None:
        token = await self._service_token(session, pds_did(session.account), "com.atproto.repo.uploadBlob")
        answer = await session.ask(self._upload_call(session.account, post, token))
        job = _job(answer)
        # A video that it has already is an error to it, and the answer names its job all the same.
        if not job.get("jobId"):
            if job.get("error") == "unconfirmed_email":
                raise Reject(
                    "Bluesky takes videos only of accounts whose e-mail address is confirmed",
                    advice="Confirm it in Bluesky's settings, then publish again",
                )
            if answer.ok or answer.status in {401, 403}:
                raise Unavailable(
                    f"Bluesky took the video and told nothing of it: {reason_of(answer)}",
                    advice="It is sent again by itself",
                )
            raise Reject(f"Bluesky does not take the video: {reason_of(answer)}", advice="Render it again, smaller")
        await steps.keep(job=job["jobId"])
        await session.progress(1.0)

    async def _wait(self, session: Session, steps: Steps) -> None:
        """Until the video is in the account's repository."""
        for pause in POLLS_S:
            answer = await session.ask(self._job_call(steps.get("job")))
            job = _job(answer)
            if isinstance(job.get("blob"), dict):
                return await steps.keep(blob=job["blob"])
            if not answer.ok or job.get("state") == "JOB_STATE_FAILED":
                return await self._failed(steps, str(job.get("message") or job.get("error") or reason_of(answer)))
            await session.pause(pause)
        raise Retry("Bluesky is still working on the video", after=60.0, advice="It is asked again by itself")

    async def _failed(self, steps: Steps, why: str) -> None:
        failures = int(steps.get("failures") or 0) + 1
        if failures >= _FAILURES:
            raise Reject(f"Bluesky cannot work on the video: {why[:300]}", advice="Render it again")
        await steps.drop("job")
        await steps.keep(failures=failures)
        raise Unavailable(f"Bluesky failed at the video: {why[:300]}", advice="It is sent again by itself")

    async def _service_token(self, session: Session, audience: str, method: str) -> str:
        """A token for one method of another service, in the account's name."""
        answer = await self._asked(session, token_call(session.account, audience, method, session.now))
        token = text_of(_took(answer, "Bluesky gave no token for its video service"), "token")
        if not token:
            raise Unavailable("Bluesky gave no token for its video service", advice="It is tried again")
        return token

    async def _asked(self, session: Session, call: Call, *, make: bool = False) -> Answer:
        """The answer; an access that has expired is a 400 here."""
        send = session.make if make else session.ask
        answer = await send(call)
        if answer.status == 400 and error_of(answer) in {"ExpiredToken", "InvalidToken"}:
            await session.renew()
            answer = await send(call)
        return answer

    def _upload_call(self, account: Account, post: Post, token: str) -> Call:
        return Call(
            "POST",
            f"{self._video}/xrpc/app.bsky.video.uploadVideo",
            params={"did": did_of(account), "name": f"{post.publication_id}.mp4"},
            headers={"Authorization": f"Bearer {token}", "Content-Type": post.film.content_type},
            body=Piece(post.film.path, 0, post.film.bytes),
            authorize=False,
        )

    def _job_call(self, job: str) -> Call:
        url = f"{self._video}/xrpc/app.bsky.video.getJobStatus"
        return Call("GET", url, params={"jobId": job}, authorize=False)


def _job(answer: Answer) -> dict[str, Any]:
    """The state of a video; as the lexicon has it, or bare, as the service often answers."""
    told = answer.json()
    return object_of(told, "jobStatus") or told


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Bluesky:
    """Bluesky, as the settings have it. Asks nothing yet."""
    return Bluesky(BlueskySettings())
