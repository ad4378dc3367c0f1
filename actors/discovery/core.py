"""Decisions of discovery: which sources, which rights, and what the sources' texts and times mean. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import isfinite

from contracts.ids import digest
from contracts.sidecar import timestamp

__all__ = [
    "iso_duration",
    "lucene_words",
    "plain_text",
    "published_since",
    "runtime_seconds",
    "scan_id_for",
    "sources_to_ask",
    "timestamp",
    "watch_scan_id",
]

_LUCENE = re.compile(r'([+\-!(){}\[\]^"~*?:\\/&|<>=])')
_LUCENE_WORDS = {"and", "or", "not", "to"}
_TAG = re.compile(r"<(?:br|/?p|/?div|/?li)\b[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_ISO = re.compile(
    r"^P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?$"
)
_CLOCK = re.compile(r"^(?:(\d+):)?(\d+):(\d{1,2}(?:[.,]\d+)?)$")
_UNITS = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:(h)(?:rs?|ours?)?|(m)(?:ins?|inutes?)?|(s)(?:ecs?|econds?)?)(?![a-z])", re.IGNORECASE
)
_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_PLAIN_SECONDS = 300.0
_A_YEAR = 366 * 86_400.0


def sources_to_ask(
    requested: Sequence[str], channel: Sequence[str], known: Iterable[str]
) -> tuple[list[str], list[str]]:
    """The sources to ask and the names that nobody knows: as requested, else as the channel says, else all of them."""
    everything = list(known)
    wanted = list(dict.fromkeys(requested or channel or everything))
    return [name for name in wanted if name in everything], [name for name in wanted if name not in everything]


def scan_id_for(given: str | None, event_id: str) -> str:
    """The scan's id: the given one, or one that follows from the request, so that a second delivery has the same."""
    return given or f"scan-{digest(event_id)}"


def watch_scan_id(candidate_ids: Iterable[str]) -> str:
    """Id of the scan that announces these new files: the same listing is the same scan, whoever sees it."""
    return f"inbox-{digest(sorted(candidate_ids))}"


def published_since(since_days: float | None, now: datetime) -> datetime | None:
    """The moment from which on a video must have been published."""
    return None if since_days is None else now - timedelta(days=since_days)


def lucene_words(niche: str) -> str:
    """The niche as Lucene terms that must all be there. Operators and special characters lose their meaning.

    Source: Lucene query parser syntax, "Escaping Special Characters".
    """
    words = [word.lower() if word.lower() in _LUCENE_WORDS else word for word in niche.split()]
    return " AND ".join(_LUCENE.sub(r"\\\1", word) for word in words)


def plain_text(text: str) -> str:
    """HTML as plain text: no tags, entities resolved, no more than one empty line."""
    lines = html.unescape(_MARKUP.sub("", _TAG.sub("\n", text))).splitlines()
    joined = "\n".join(" ".join(line.split()) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", joined).strip()


def iso_duration(text: str) -> float | None:
    """Seconds of an ISO 8601 duration such as `PT1H2M3S`; none for nonsense and for `P0D`, which live streams have."""
    match = _ISO.match(text.strip())
    if match is None:
        return None
    worth = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
    seconds = sum(float(match[unit] or 0) * size for unit, size in worth.items())
    return _plausible(seconds)


def runtime_seconds(text: str) -> float | None:
    """Seconds of a runtime as people write it: `1:02:03`, `15:30`, `90 seconds`, `1 hour 20 min`, `PT5M`.

    A bare number is taken for seconds if it has a fraction or is 300 or more; a smaller one may be minutes: none.
    """
    text = text.strip().lstrip("~").strip()
    if clock := _CLOCK.match(text):
        hours, minutes, seconds = clock[1], int(clock[2]), float(clock[3].replace(",", "."))
        if seconds >= 60 or (hours and minutes >= 60):
            return None
        return _plausible(int(hours or 0) * 3600 + minutes * 60 + seconds)
    if text[:1] in {"P", "p"}:
        return iso_duration(text.upper())
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return _plausible(float(text)) if "." in text or float(text) >= _PLAIN_SECONDS else None
    pieces = _UNITS.findall(text)
    return _plausible(
        sum(float(number.replace(",", ".")) * _UNIT_SECONDS["".join(unit).lower()] for number, *unit in pieces)
    )


def _plausible(seconds: float) -> float | None:
    return seconds if isfinite(seconds) and 0 < seconds < _A_YEAR else None
