"""A post put together: what the platform is given, decided from the render, the channel and the request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actors.publisher.core.chapters import Chapter, chapters, pieces_of
from actors.publisher.core.limits import Limits
from actors.publisher.core.rules import Rule, rules
from actors.publisher.core.shape import cuts_of, suits
from actors.publisher.core.slots import HORIZON
from actors.publisher.core.words import worded
from actors.publisher.ports import Film, Platform, Post
from contracts.events import PublishRequested
from contracts.keys import analysis_uri, render_uri, transcript_uri
from contracts.media import Transcript
from contracts.publishing import Wording
from contracts.renders import Render
from contracts.sight import Analysis
from contracts.timeline import Timeline
from contracts.work import Channel
from runtime.errors import Reject
from runtime.media import MediaStore

__all__ = [
    "broken_rules",
    "chapters_of",
    "facts_of",
    "in_reach",
    "platform_of",
    "post_of",
    "render_of",
    "transcript_of",
    "wording_of",
]


def platform_of(platforms: Mapping[str, Platform], account_id: str) -> Platform:
    """The platform of an account. Raises `Reject` for one that is not there, naming those that are."""
    name = account_id.partition(":")[0]
    if name not in platforms:
        known = ", ".join(f"`{known}:<account>`" for known in sorted(platforms))
        raise Reject(
            f"there is no platform {name!r} to publish {account_id!r} on",
            advice=f"Use an account of: {known}",
            field="account_id",
        )
    return platforms[name]


async def render_of(media: MediaStore, request: PublishRequested) -> Render:
    """The render that is asked for. Raises `Reject`."""
    uri = render_uri(request.render_id)
    if not await media.exists(uri):
        raise Reject(
            f"there is no render {request.render_id}",
            advice="Take its id from render.done, or order it with render.requested",
            field="render_id",
        )
    return await media.read(uri, Render)


async def transcript_of(media: MediaStore, render: Render) -> Transcript | None:
    """What is said in the clip; none for a render that was made without a clip of ours."""
    uri = transcript_uri(render.clip_id)
    return await media.read(uri, Transcript) if await media.exists(uri) else None


async def facts_of(
    media: MediaStore,
    render: Render,
    request: PublishRequested,
    channel: Channel,
    platform: Platform,
    transcript: Transcript | None,
) -> dict[str, Any]:
    """What is posted, as JSON values: decided once, then kept in the claim."""
    limits = platform.limits
    cut = next((cut for cut in cuts_of(render) if suits(cut, limits)), cuts_of(render)[0])
    wording = wording_of(channel, platform)
    chapters = await chapters_of(media, render, wording, limits, transcript)
    words = worded(render, request, wording, limits, channel=channel.title, chapters=chapters)
    return {
        "shape": cut.shape,
        "title": words.title,
        "description": words.description,
        "tags": list(words.tags),
        "language": transcript.language if transcript else None,
    }


def wording_of(channel: Channel, platform: Platform) -> Wording:
    """The channel's templates for a platform."""
    return channel.wordings.get(platform.name, channel.wording)


async def chapters_of(
    media: MediaStore, render: Render, wording: Wording, limits: Limits, transcript: Transcript | None
) -> tuple[Chapter, ...]:
    """Chapters for a description; none where its template wants none, or the platform has none."""
    if limits.chapters is None or "{chapters}" not in wording.description:
        return ()
    known = analysis_uri(render.clip_id)
    moments = (await media.read(known, Analysis)).moments if await media.exists(known) else ()
    plan = render.timeline
    timeline = await media.read(plan.uri, Timeline) if plan and await media.exists(plan.uri) else None
    sentences = transcript.sentences if transcript else ()
    return chapters(render, pieces_of(render, timeline), moments, sentences, limits.chapters)


async def post_of(media: MediaStore, request: PublishRequested, render: Render, facts: Mapping[str, Any]) -> Post:
    """The post that these facts describe, with its files on this machine. Raises `MediaMissing`."""
    cut = next(cut for cut in cuts_of(render) if cut.shape == facts["shape"])
    at = facts.get("publish_at")
    film = Film(
        path=await media.local(cut.video.uri),
        bytes=cut.video.bytes,
        sha256=cut.video.sha256,
        content_type=cut.video.content_type,
        width=cut.width,
        height=cut.height,
        duration=render.duration,
        fps=render.fps,
    )
    return Post(
        publication_id=request.publication_id,
        account_id=request.account_id,
        account=request.account_id.partition(":")[2],
        render=render,
        film=film,
        cover=await media.local(cut.thumbnail.uri),
        captions=await media.local(render.captions.uri) if render.captions else None,
        title=facts["title"],
        description=facts["description"],
        tags=tuple(facts["tags"]),
        language=facts.get("language"),
        disclosure=render.recipe.disclosure,
        publish_at=datetime.fromisoformat(at) if at else None,
    )


def in_reach(at: datetime, now: datetime) -> None:
    """Raises `Reject` for a time that is further away than slots are looked for."""
    if abs(at - now) > HORIZON:
        raise Reject(
            f"{at.isoformat()} is more than {HORIZON.days} days away", advice="Name a nearer time", field="publish_at"
        )


def broken_rules(platform: Platform, post: Post) -> list[Rule]:
    """The platform's rules that the post does not keep."""
    return [rule for rule in rules(platform.limits, post) if not rule.kept]
