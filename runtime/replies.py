"""What a server says where it does not do what it was asked: how long to wait, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["fault_of", "retry_after", "seconds_of"]

_DAY_S = 86_400.0
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of the header `Retry-After` (RFC 9110, 10.2.3: a number or a date), at most a day; None without it.

    `headers`: as a client gives them, or with names in small letters.
    """
    told = (headers.get("retry-after") or "").strip()
    seconds = seconds_of(told)
    if seconds is None:
        try:
            moment = parsedate_to_datetime(told)
        except (ValueError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return min(seconds, _DAY_S)


def seconds_of(text: str) -> float | None:
    """Seconds of `27`, `27s`, `2m59.56s`, `350ms`; None for what is no such time."""
    parts = _DURATION.fullmatch(f"{text}s" if text[-1:].isdigit() else text)
    if not parts or not text:
        return None
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def fault_of(body: str | bytes) -> dict[str, Any]:
    """What stands under `error` in an answer of JSON, a text as its `message`; empty where nothing does."""
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    fault = answer.get("error") if isinstance(answer, dict) else None
    return fault if isinstance(fault, dict) else {"message": fault} if fault else {}
