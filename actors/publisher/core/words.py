"""What a post says."""

from __future__ import annotations

from dataclasses import dataclass

from actors.publisher.core.limits import Limits
from contracts.events import PublishRequested
from contracts.media import Rights
from contracts.publishing import Wording
from contracts.renders import Render

__all__ = ["Words", "credit", "worded"]


@dataclass(frozen=True)
class Words:
    """Title, description with its hashtags and credit in it, and the hashtags by themselves, without `#`."""

    title: str
    description: str
    tags: tuple[str, ...]


def worded(render: Render, request: PublishRequested, wording: Wording, limits: Limits) -> Words:
    """The words of a post on a platform with these limits, by the channel's templates."""
    title = render.title if request.title is None else request.title
    text = render.description if request.description is None else request.description
    line = credit(render.rights)
    if line is not None and line not in text:
        text = f"{text.rstrip()}\n\n{line}".lstrip("\n")
    return Words(title, text, render.tags)


def credit(rights: Rights) -> str | None:
    """The credit line: as the source words it, else of what is known. None for the operator's own, or if nothing is."""
    if rights.attribution:
        return rights.attribution
    if rights.status == "owned":
        return None
    known = [word for word in (rights.owner, rights.licence, rights.licence_url) if word]
    return f"Source: {', '.join(known)}" if known else None
