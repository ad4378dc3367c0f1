"""The token of a bot stands in every address that is asked for it: errors may quote that."""

from __future__ import annotations

import re

__all__ = ["masked"]

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{3,}")


def masked(error: BaseException | str) -> str:
    """An error in words, without anything that looks like a token."""
    words = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return _TOKEN.sub("…", words)[:500]
