"""How long a server asks to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["wait_of"]

_LONGEST_S = 6 * 3600.0  # whoever asks for more is asked again then
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_IN_WORDS = re.compile(r"try again in ((?:\d+h)?(?:\d+m(?!s))?(?:[\d.]+s)?(?:[\d.]+ms)?)")


def wait_of(headers: Mapping[str, str], body: str = "") -> float | None:
    """Seconds until the next request, at most six hours. None where the server does not tell.

    `Retry-After` (RFC 9110, 10.2.3: a number or a date); else what Groq and OpenAI write into the error's text
    ("try again in 7m12s").
    """
    told = _told(headers.get("retry-after", "").strip(), body)
    return None if told is None else min(told, _LONGEST_S)


def _told(told: str, body: str) -> float | None:
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    if told:
        try:
            moment = parsedate_to_datetime(told)
        except (ValueError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    found = _IN_WORDS.search(body)
    return _seconds(found.group(1)) if found else None


def _seconds(duration: str) -> float | None:
    """`2m59.56s` as 179.56."""
    parts = _DURATION.fullmatch(duration)
    if not parts or not duration:
        return None
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
