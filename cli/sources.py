"""What a person may give as a source: a path or an address."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from stat import S_ISREG
from urllib.parse import unquote, urlsplit

from cli.output import CliError

__all__ = ["as_url", "shown", "slug"]

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


def as_url(source: str, what: str = "video") -> str:
    """An address; a path becomes `file://`. Raises `CliError`, code 2, for a path that is no file."""
    if not source.strip():
        raise CliError(
            "no source given" if what == "video" else f"no {what} given", advice="Name a file or its address", code=2
        )
    if _SCHEME.match(source) and not source.lower().startswith("file:"):
        if not source.isprintable():
            raise CliError(f"{source!r} is no address of a {what}", advice="Check the address", code=2)
        return source
    path = Path(unquote(urlsplit(source).path)) if source.lower().startswith("file:") else Path(source).expanduser()
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a NUL, which no path can have
        known = isinstance(error, FileNotFoundError | NotADirectoryError)
        why = "" if known else f" ({getattr(error, 'strerror', None) or error})"
        raise CliError(f"there is no {what} at {shown(path)}{why}", advice="Check the path", code=2) from None
    if not S_ISREG(kind):
        raise CliError(f"{shown(path)} is no file", advice=f"Name one {what}", code=2)
    path = path.resolve()
    if any(unicodedata.category(letter) == "Cc" for letter in str(path)):  # no address may have one
        raise CliError(f"{shown(path)} has a control character in its name", advice="Rename it, or a folder", code=2)
    return path.as_uri()


def shown(path: Path, longest: int = 200) -> str:
    """A path in one line: quoted where it has characters that can't be seen, cut where it is `longest` or longer."""
    text = str(path)
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return text if text.isprintable() else repr(text)


def slug(title: str, longest: int = 48) -> str:
    """A file name made of a title: letters, digits and `-`, up to the last word that is whole; never empty."""
    plain = "-".join(re.findall(r"\w+", title.lower()))
    if len(plain) > longest:
        plain = plain[: longest + 1].rpartition("-")[0] or plain[:longest]
    return plain or "short"
