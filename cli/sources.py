"""What a person may give as a source: a path or an address."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cli.output import CliError

__all__ = ["as_url", "slug"]

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


def as_url(source: str, what: str = "video") -> str:
    """An address; a path becomes `file://`. Raises `CliError` for a path that is no file."""
    if _SCHEME.match(source) and not source.lower().startswith("file:"):
        return source
    path = Path(unquote(urlsplit(source).path)) if source.lower().startswith("file:") else Path(source).expanduser()
    if not path.exists():
        raise CliError(f"there is no {what} at {path}", advice="Check the path", code=2)
    if not path.is_file():
        raise CliError(f"{path} is no file", advice=f"Name one {what}", code=2)
    return path.resolve().as_uri()


def slug(title: str, longest: int = 48) -> str:
    """A file name made of a title: letters, digits and `-`; never empty."""
    plain = "-".join(re.findall(r"\w+", title.lower()))[:longest].strip("-")
    return plain or "short"
