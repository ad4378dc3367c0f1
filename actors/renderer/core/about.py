"""The words that go with a short."""

from __future__ import annotations

from contracts.media import Clip, Rights

__all__ = ["describe"]


def describe(clip: Clip) -> str:
    """The description: who made the source, under which licence, where it is watched; as far as the source tells."""
    rights = clip.candidate.rights
    lines = [credit] if (credit := _credit(clip, rights)) else []
    if clip.source_url.startswith(("https://", "http://")):
        lines.append(f"Source: {clip.source_url}")
    return "\n".join(lines)


def _credit(clip: Clip, rights: Rights) -> str:
    if rights.attribution:
        credit = rights.attribution
    elif owner := rights.owner or clip.candidate.author:
        credit = f"“{clip.title}” by {owner}"  # typographic quotes: a title may hold straight ones
    else:
        credit = ""
    missing = [part for part in (rights.licence, rights.licence_url) if part and part not in credit]
    return ", ".join([*([credit] if credit else []), *missing])
