"""What a post says: the channel's templates, cut to what the platform takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import regex

from actors.publisher.core.chapters import Chapter, written
from actors.publisher.core.counting import cut, length
from actors.publisher.core.limits import Hashtags, Limits, Text
from contracts.events import PublishRequested
from contracts.media import Rights
from contracts.publishing import WORDING_FIELDS, Wording
from contracts.renders import Render

__all__ = ["Words", "credit", "hashtag", "plain", "worded"]

_FIELD = re.compile(rf"\{{({'|'.join(WORDING_FIELDS)})\}}")
_CHAPTERS = re.compile(r"^\W*0?0:00\b", re.MULTILINE)
"""Written by a person, who knows better."""
_LINE_ENDS = regex.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_UNSEEN = regex.compile(r"[^\P{Cc}\n]|\p{Cs}|\p{Noncharacter_Code_Point}")
_FOUND = regex.compile(r"(?<![\w&])#([\w\p{M}]+)")


@dataclass(frozen=True)
class Words:
    """Title, description with its hashtags and credit in it, and the hashtags by themselves, without `#`."""

    title: str
    description: str
    tags: tuple[str, ...]


def worded(
    render: Render,
    request: PublishRequested,
    wording: Wording,
    limits: Limits,
    *,
    channel: str = "",
    chapters: Sequence[Chapter] = (),
) -> Words:
    """The words of a post on a platform with these limits, by the channel's templates.

    Hashtags and credit are kept whole; what has to give way is the description, then hashtags from the last one on,
    then the chapters. Where a platform has no title, it stands at the beginning of the description.
    """
    text = plain(render.description if request.description is None else request.description)
    known = {
        "title": " ".join(plain(render.title if request.title is None else request.title).split()),
        "credit": plain(credit(render.rights) or ""),
        "channel": plain(channel),
        "chapters": "" if _CHAPTERS.search(text) else plain(written(chapters)),
    }
    if known["credit"] and known["credit"] in text:
        known["credit"] = ""  # a person has written it where they want it
    tags = _tags((*wording.hashtags, *render.tags), limits.hashtags, known["title"] + " " + text)
    title = _title(plain(wording.title), known, limits.title)
    body = plain(wording.description)
    if limits.title is None and "{title}" not in body:
        body = f"{{title}}\n\n{body}"
    if known["credit"] and "{credit}" not in body:
        body = f"{body}\n\n{{credit}}"
    seen = tags if limits.hashtags.place == "description" else ()
    return Words(title, _description(body, known, text, seen, limits.description), tags)


def plain(text: str) -> str:
    """The text without what nobody sees and platforms refuse or show as boxes: control characters, halves of
    surrogate pairs, characters that are none. Ends of lines are `\\n`."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))


def _title(template: str, known: Mapping[str, str], limit: Text | None) -> str:
    if limit is None:
        return known["title"]
    filled = " ".join(_filled(template, {**known, "description": "", "hashtags": "", "chapters": ""}).split())
    return cut(_allowed(filled, limit), limit.most, limit.unit)


def _description(body: str, known: Mapping[str, str], text: str, tags: tuple[str, ...], limit: Text) -> str:
    """The body with as much of the text, then of the hashtags, as there is room for."""
    text = _allowed(text, limit)
    known = {name: _allowed(value, limit) for name, value in known.items()}
    for chapters in dict.fromkeys((known["chapters"], "")):
        for kept in range(len(tags), -1, -1):
            values = {**known, "chapters": chapters, "hashtags": " ".join(f"#{tag}" for tag in tags[:kept])}
            whole = _filled(body, {**values, "description": text})
            if length(whole, limit.unit) <= limit.most:
                return whole
            room = limit.most - length(_filled(body, {**values, "description": ""}), limit.unit) - 2
            shorter = cut(text, room, limit.unit) if room > 0 else ""
            whole = _filled(body, {**values, "description": shorter})
            if length(whole, limit.unit) <= limit.most:
                return whole
    bare = {**known, "chapters": "", "hashtags": "", "description": ""}
    return cut(_filled(body, bare), limit.most, limit.unit)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its fields; empty ones leave no empty lines."""
    text = _FIELD.sub(lambda match: values.get(match[1], ""), template)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()


def _allowed(text: str, limit: Text) -> str:
    return text.translate({ord(letter): None for letter in limit.forbidden})


def _tags(words: Iterable[str], limit: Hashtags, text: str) -> tuple[str, ...]:
    """Hashtags, each once whatever its case, that are not in the text already: those count, and are seen there."""
    there = {found.casefold() for found in _FOUND.findall(text)}
    room = max(0, limit.most - len(there))
    tags: dict[str, str] = {}
    for word in words:
        tag = hashtag(word)
        if tag and tag.casefold() not in there:
            tags.setdefault(tag.casefold(), tag)
    chosen: list[str] = []
    for tag in tags.values():
        if len(chosen) < room and (limit.total is None or len(",".join([*chosen, tag])) <= limit.total):
            chosen.append(tag)
    return tuple(chosen)


def hashtag(words: str) -> str:
    """Words as one hashtag, without `#`: `AiTools` for `ai tools`. Empty where platforms would see none in it (only
    digits, only marks)."""
    parts = regex.findall(r"[\w\p{M}]+", words)
    tag = parts[0] if len(parts) == 1 else "".join(part[:1].upper() + part[1:] for part in parts)
    return tag if regex.search(r"\p{L}", tag) else ""


def credit(rights: Rights) -> str | None:
    """The credit line: as the source words it, else of what is known. None for the operator's own, or if nothing is."""
    if rights.attribution:
        return rights.attribution
    if rights.status == "owned":
        return None
    known = [word for word in (rights.owner, rights.licence, rights.licence_url) if word]
    return f"Source: {', '.join(known)}" if known else None
