"""Which of the qualities and captions that yt-dlp lists are taken: pure functions of its dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["CaptionChoice", "choose_captions", "choose_formats"]

_PROTOCOLS = frozenset({"http", "https", "m3u8", "m3u8_native", "http_dash_segments"})
_FORMATS: tuple[Literal["json3", "vtt", "srt"], ...] = ("json3", "vtt", "srt")


def choose_formats(formats: Iterable[Mapping[str, Any]], *, max_height: int) -> list[Mapping[str, Any]]:
    """The formats to download, out of yt-dlp's (worst first): picture and sound in one, one of each, or picture alone.

    Best means the highest up to `max_height` (of the short side, so that tall videos are judged like wide ones);
    where all are higher, the lowest of them. A single file wins over a pair of the same height: nothing has to be
    put together.
    """
    usable = [
        f for f in formats if f.get("protocol") in _PROTOCOLS and not f.get("has_drm") and f.get("vcodec") != "images"
    ]
    videos = [f for f in usable if f.get("vcodec") != "none"]
    sounds = [f for f in usable if f.get("vcodec") == "none" and f.get("acodec") not in {"none", None}]
    if not videos:
        return []

    def rank(f: Mapping[str, Any]) -> tuple[bool, int, bool]:
        short = min(f.get("height") or 0, f.get("width") or f.get("height") or 0)
        has_sound = f.get("acodec") != "none"
        return (short <= max_height, short if short <= max_height else -short, has_sound)

    with_sound = [f for f in videos if f.get("acodec") != "none" or sounds]
    best = max(
        reversed(with_sound or videos), key=rank
    )  # reversed: of equals, yt-dlp's own order has the better one last
    if best.get("acodec") != "none" or not sounds:
        return [best]
    language = best.get("language")
    sound = max(
        enumerate(sounds),
        key=lambda item: (item[1].get("language") == language, item[1].get("language_preference") or -1, item[0]),
    )
    return [best, sound[1]]


@dataclass(frozen=True)
class CaptionChoice:
    """One caption file that a source offers. `data`: the text itself, where the source gave it at once."""

    format: Literal["json3", "vtt", "srt"]
    language: str
    origin: Literal["source", "automatic"]
    url: str | None = None
    data: str | None = None


def choose_captions(told: Mapping[str, Any]) -> list[CaptionChoice]:
    """At most one track by the author and one made automatically, in the language that is spoken, else English."""
    chosen = []
    for origin, field in (("source", "subtitles"), ("automatic", "automatic_captions")):
        offers = {k: v for k, v in (told.get(field) or {}).items() if k != "live_chat"}
        language = _spoken(offers, told.get("language"), automatic=origin == "automatic")
        choice = _best_file(offers[language], language, origin) if language else None
        if choice is not None:
            chosen.append(choice)
    return chosen


def _spoken(offers: Mapping[str, Any], language: str | None, *, automatic: bool) -> str | None:
    original = [tag for tag in offers if tag.endswith("-orig")]
    if original:  # YouTube marks what it heard, as opposed to its translations of that
        return original[0]
    for wanted in [language] if language else ["en"]:
        same = [tag for tag in offers if tag.lower() == wanted.lower()]
        base = wanted.split("-")[0].lower()
        alike = [tag for tag in offers if tag.split("-")[0].lower() == base]
        if same or alike:
            return (same or sorted(alike, key=len))[0]
    return next(iter(offers)) if len(offers) == 1 and not (automatic and language) else None


def _best_file(files: Iterable[Mapping[str, Any]], language: str, origin: Any) -> CaptionChoice | None:
    for wanted in _FORMATS:
        for file in files:
            plain = file.get("protocol") in {None, "http", "https"} and (file.get("url") or file.get("data"))
            if file.get("ext") == wanted and plain:
                tag = language.removesuffix("-orig")
                return CaptionChoice(wanted, tag, origin, url=file.get("url"), data=file.get("data"))
    return None
