"""What a manifest says. A pure function of what was made, without a clock: the same twice is the same bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from contracts.base import CandidateId, Contract, RenderId, Seconds, Timestamp
from contracts.media import Clip, MediaRef, Rights
from contracts.renders import Recipe, Render
from contracts.work import Publication

__all__ = [
    "Manifest",
    "Timings",
    "difference",
    "files_of",
    "manifest_of_publication",
    "manifest_of_render",
    "manifest_uri",
    "moved",
    "outdated",
    "same_work",
]


class Timings(Contract):
    """Which span it shows, and how long making it took."""

    start: Seconds = Field(description="start of the span in its clip")
    end: Seconds = Field(description="end of the span in its clip")
    duration: Seconds = Field(description="duration of the finished short")
    seconds_spent: Seconds = Field(description="time that the renderer took")


class Manifest(Contract):
    """What was made, out of what, and every file of it with its checksum; kept in the media store."""

    about: Literal["render", "publication"]
    id: str
    render_id: RenderId
    clip_id: CandidateId
    title: str
    source_url: str | None = Field(default=None, description="where the clip came from; absent: its document is gone")
    rights: Rights
    recipe: Recipe
    encoder: str
    timings: Timings
    files: tuple[MediaRef, ...] = Field(description="every file, with size and checksum as read again from the store")
    publication: Publication | None = Field(default=None, description="where it was published, if this is about that")
    said_at: Timestamp | None = Field(default=None, description="time of the `publish.done` that told `publication`")
    software: str = Field(description="name and version of what wrote this, for example `clipwire/0.1.0`")


def manifest_uri(about: Literal["render", "publication"], ident: str) -> str:
    """Where the manifest of a render or a publication lies."""
    return f"media://archive/{about}s/{ident}.json"


def same_work(one: Manifest, other: Manifest) -> bool:
    """Whether both are about the same files, made in the same way, whoever wrote them and wherever the clip is now."""
    context = {"software": other.software, "source_url": other.source_url, "said_at": other.said_at}
    return one.model_copy(update=context) == other


def outdated(told: Manifest, kept: Manifest) -> bool:
    """Whether what is kept was said later, of the same publication."""
    return told.said_at is not None and kept.said_at is not None and told.said_at < kept.said_at


def moved(kept: Manifest, publication: Publication, *, said_at: datetime) -> Manifest | None:
    """The kept manifest of a post with the time at which it is to be seen now; none: this is another post."""
    if kept.publication is None or publication != kept.publication.model_copy(
        update={"published_at": publication.published_at}
    ):
        return None
    return kept.model_copy(update={"publication": publication, "said_at": said_at})


def files_of(render: Render) -> tuple[MediaRef, ...]:
    """The files that a render consists of."""
    return render.files


def difference(said: MediaRef, found: MediaRef) -> str | None:
    """How a file differs from what was said about it when it was made, in words; none: it does not."""
    if found.bytes != said.bytes:
        return f"{said.uri} has {found.bytes} bytes, and had {said.bytes} when it was made"
    if found.sha256 != said.sha256:
        return f"{said.uri} has the SHA-256 {found.sha256}, and had {said.sha256} when it was made"
    return None


def manifest_of_render(render: Render, clip: Clip | None, *, software: str) -> Manifest:
    """The manifest of a finished short. `clip`: absent where its document is no longer there."""
    return Manifest(
        about="render",
        id=render.render_id,
        render_id=render.render_id,
        clip_id=render.clip_id,
        title=render.title,
        source_url=clip.source_url if clip else None,
        rights=render.rights,
        recipe=render.recipe,
        encoder=render.encoder,
        timings=Timings(
            start=render.start, end=render.end, duration=render.duration, seconds_spent=render.seconds_spent
        ),
        files=files_of(render),
        software=software,
    )


def manifest_of_publication(
    publication: Publication, render: Render, clip: Clip | None, *, said_at: datetime, software: str
) -> Manifest:
    """The manifest of a publication: the one of its render, and where it was published."""
    whole = manifest_of_render(render, clip, software=software)
    about_it = {
        "about": "publication",
        "id": publication.publication_id,
        "title": publication.title,
        "publication": publication,
        "said_at": said_at,
    }
    return whole.model_copy(update=about_it)
