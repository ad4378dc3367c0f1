"""What follows an upload to YouTube: captions, what YouTube makes of the video, the thumbnail.

The video is out by then: what cannot be done of it is told as a note. Only a video that YouTube itself refuses is none.
"""

from __future__ import annotations

import asyncio
from typing import Any

from actors.publisher.adapters.platforms.answers import text_of
from actors.publisher.adapters.platforms.notes import noted
from actors.publisher.adapters.platforms.youtube_calls import Api, items, took
from actors.publisher.ports import Post, Session
from runtime.errors import Reject

__all__ = ["MANAGE", "captioned", "finish", "is_short"]

MANAGE = "https://www.googleapis.com/auth/youtube.force-ssl"
"""The scope that captions and deleting need."""
_SHORT_S = 180.0
_POLL_S = 10.0
_PROCESSING_S = 180.0
"""How long YouTube may take over a video until it is left to itself; Shorts take a minute or less."""
_REFUSED = {"failed", "rejected", "deleted"}


async def finish(session: Session, api: Api, post: Post, video: str, *, captions: bool) -> list[str]:
    """What could not be done, in words. Raises `Reject` where YouTube refuses the video after all."""
    notes: list[str] = []
    if captions and captioned(post, session.tokens.scopes):
        await noted(session, notes, "the captions were not added", lambda: _add_captions(session, api, post, video))
    if not is_short(post):
        await noted(session, notes, "the thumbnail was not set", lambda: _set_thumbnail(session, api, post, video))
    state: dict[str, Any] = {}

    async def look() -> None:
        state.update(await _processed(session, api, video))

    await noted(session, notes, "what YouTube makes of the video is not known", look)
    status = text_of(state, "status", "uploadStatus")
    if status in _REFUSED:
        why = text_of(state, "status", "rejectionReason") or text_of(state, "status", "failureReason")
        raise Reject(
            f"YouTube took all of the video and {status} it: {why or 'it does not say why'}",
            advice="Look at it in YouTube Studio and delete it there; render another one before you publish again",
        )
    size = text_of(state, "fileDetails", "fileSize")
    if size.isdigit() and int(size) != post.film.bytes:
        notes.append(
            f"YouTube has {size} bytes of it, the file has {post.film.bytes}: look whether it plays to its end"
        )
    if is_short(post) and status == "processed":
        await noted(session, notes, "the thumbnail was not set", lambda: _set_thumbnail(session, api, post, video))
    elif is_short(post):
        notes.append(
            "the thumbnail was not set: YouTube takes that of a Short when it has processed it, and has not yet"
        )
    return notes


def is_short(post: Post) -> bool:
    """Whether YouTube takes it for a Short: no wider than high, up to three minutes."""
    return post.film.width <= post.film.height and post.film.duration <= _SHORT_S


def captioned(post: Post, scopes: tuple[str, ...]) -> bool:
    """Whether its captions can be added: YouTube wants to know their language."""
    return MANAGE in scopes and post.captions is not None and post.language is not None


async def _add_captions(session: Session, api: Api, post: Post, video: str) -> None:
    if post.captions is None:
        return
    answer = await session.ask(api.captions(post, video, await asyncio.to_thread(post.captions.read_bytes)))
    if answer.status != 409:  # they are there, from before
        took(answer, "YouTube refused them", session.now)


async def _set_thumbnail(session: Session, api: Api, post: Post, video: str) -> None:
    answer = await session.ask(api.thumbnail(post, video, post.cover.stat().st_size))
    took(answer, "YouTube refused it (it wants a channel with a verified telephone number)", session.now)


async def _processed(session: Session, api: Api, video: str) -> dict[str, Any]:
    """What YouTube tells of the video once it is through with it, or has taken too long; empty if it shows none."""
    call = api.get("videos", part="status,processingDetails,fileDetails", id=video)
    told: dict[str, Any] = {}
    for _ in range(int(_PROCESSING_S / _POLL_S)):
        listed = items(took(await session.ask(call), "YouTube does not tell", session.now))
        told = listed[0] if listed else {}
        if text_of(told, "status", "uploadStatus") != "uploaded":
            break
        await session.pause(_POLL_S)
    return told
