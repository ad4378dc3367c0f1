"""Which addresses may be fetched, and what of them may be shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes, urlsplit

__all__ = ["PRIVATE_ADDRESSES", "Refusal", "refused_address", "without_secrets"]

PRIVATE_ADDRESSES = "CLIPWIRE_ALLOW_PRIVATE_ADDRESSES"
_LONGEST_NAME = 255
_SHOWN = 200
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")
_SECRET = re.compile(
    r"([?&;](?:[\w.-]*(?:token|key|sig|signature|secret|password|passwd|auth|credential|session)[\w.-]*)=)[^&\s'\"]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Refusal:
    """Why something is not done: what, and what to do next."""

    what: str
    advice: str


def refused_address(url: str, schemes: Collection[str]) -> Refusal | None:
    """Whether an address may be fetched at all, as far as its text tells."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # a port that is no number is only found when it is asked for
        url.encode()
    except ValueError:
        return Refusal(f"{_shown(url)} is no valid address", "Give https://… or file:///absolute/path")
    if any(unicodedata.category(letter) == "Cc" for letter in unquote(url)):
        return Refusal(
            f"{_shown(url)} has a control character in it", "Give the address as it is, without %00 and the like"
        )
    if any(len(unquote_to_bytes(name)) > _LONGEST_NAME for name in parts.path.split("/")) and parts.scheme == "file":
        return Refusal(f"{_shown(url)} has a name of more than {_LONGEST_NAME} bytes", "No file can be called that")
    if parts.scheme not in schemes:
        allowed = ", ".join(sorted(schemes))
        return Refusal(
            f"Addresses that begin with {parts.scheme}: are not fetched",
            f"Give one that begins with {allowed}; CLIPWIRE_DOWNLOADER_SCHEMES says which are allowed",
        )
    if parts.scheme == "file" and (parts.netloc not in {"", "localhost"} or not parts.path.startswith("/")):
        return Refusal(f"{url} does not name a file of this machine", "Give file:///absolute/path, with three slashes")
    if parts.scheme != "file" and not host:
        return Refusal(
            f"{without_secrets(url)} names no host", "Give a full address, for example https://example.org/video.mp4"
        )
    return None


def _shown(url: str) -> str:
    """An address that is wrong, short enough and of letters that can be written."""
    text = without_secrets(url).encode(errors="backslashreplace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def without_secrets(text: str) -> str:
    """The text without user names, passwords and keys in the addresses that it quotes."""
    return _SECRET.sub(r"\1…", _USERINFO.sub("", text))
