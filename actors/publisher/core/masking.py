"""Secrets taken out of what people read, whoever wrote it: a platform may quote what it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, quote_plus

__all__ = ["MASK", "masked"]

MASK = "•••"
_SHORTEST = 6
"""Characters below which a text is no secret, and would be found anywhere."""


def masked(text: str, secrets: Iterable[str | None]) -> str:
    """`text` without any of the secrets, also as they are written in addresses."""
    ways = {way for secret in secrets if secret for way in (secret, quote(secret, safe=""), quote_plus(secret))}
    for way in sorted(ways, key=len, reverse=True):
        if len(way) >= _SHORTEST:
            text = text.replace(way, MASK)
    return text
