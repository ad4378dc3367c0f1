"""What yt-dlp's failures mean: later, never, and what a person can do about it."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from textwrap import shorten

from actors.downloader.adapters.guard import Guard
from actors.downloader.core import PRIVATE_ADDRESSES, without_secrets
from actors.downloader.ports import Unreachable
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["failure_of"]

_BOT = re.compile(r"not a bot|captcha|unusual traffic", re.IGNORECASE)
_SIGN_IN = re.compile(
    r"sign in|log in|login required|logged[- ]in|members[- ]only|age[- ]restricted|only available for registered",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"private video|video unavailable|has been removed|no longer available|does not exist"
    r"|account .*terminated|deleted",
    re.IGNORECASE,
)
_REGION = re.compile(
    r"geo.?restrict|not available (?:in|from) your (?:country|location)|blocked it in your country", re.IGNORECASE
)
_EMPTY = re.compile(
    r"file is empty|did not get any data|no video formats|no formats|requested format is not available", re.IGNORECASE
)
_LEADS_TO = re.compile(r"No connection adapters were found for '?([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_LONGEST = 400
_COOKIES = "Give the cookies of a signed-in browser in CLIPWIRE_DOWNLOADER_COOKIES_FILE"


def failure_of(error: BaseException, *, url: str, guard: Guard, downloading: bool, cookies: bool) -> Reject | Retry:
    """The failure that a download ended with, in our terms.

    `downloading`: bytes of the video were already coming, so that a refusal means a link that has run out rather
    than a closed door.
    """
    shown = without_secrets(url)
    if guard.refused:
        return Reject(
            f"{shown} leads to {guard.refused[0]}, which is no public address",
            advice=f"Set {PRIVATE_ADDRESSES}=true if videos of your own network shall be fetched",
        )
    chain = list(_chain(error))
    text = (
        without_secrets(re.sub(r"\x1b\[[0-9;]*m", "", str(error)))
        .removeprefix("ERROR: ")
        .split("; please report")[0]
        .split(" (caused by")[0]
    )
    text = shorten(text, _LONGEST, placeholder=" …")
    status = next((code for e in chain if isinstance(code := getattr(e, "status", None), int)), None)
    if status is not None:
        loops = any(getattr(e, "redirect_loop", False) for e in chain)
        return _by_status(status, shown, downloading=downloading, cookies=cookies, loops=loops)
    unanswered = None if downloading else _unanswered(chain, text, shown)
    return _by_words(text, shown, cookies=cookies) or unanswered or _by_type(chain, text, shown)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error with everything that it was made of; yt-dlp keeps it in attributes of its own."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        info = getattr(current, "exc_info", None)
        waiting += [getattr(current, "cause", None), info[1] if info else None, current.__cause__, current.__context__]
        waiting += [arg for arg in current.args if isinstance(arg, BaseException)]


def _by_status(status: int, shown: str, *, downloading: bool, cookies: bool, loops: bool) -> Reject | Retry:
    if status == 429:
        advice = "It asks for fewer requests: send it again later." + ("" if cookies else f" {_COOKIES}")
        return Retry(f"{shown} answers HTTP 429 (too many requests)", after=300, advice=advice)
    if status >= 500 or status in {408, 425}:
        return Unavailable(f"{shown} answers HTTP {status}", advice="Its server has a problem: send it again later")
    if status in {401, 403} and downloading:
        return Retry(
            f"{shown} stopped with HTTP {status} in the middle",
            after=60,
            advice=f"Its link may have run out. {_COOKIES}",
        )
    if status in {401, 403, 407}:
        return Reject(f"{shown} answers HTTP {status} (not allowed)", advice=f"{_COOKIES}, or give another address")
    if 300 <= status < 400:
        where = "in a circle" if loops else "nowhere"
        return Reject(
            f"{shown} redirects {where} (HTTP {status})",
            advice="Open it in a browser, and give the address where the video plays",
        )
    return Reject(
        f"{shown} answers HTTP {status}", advice="Check the address in a browser; the video may have been removed"
    )


def _by_words(text: str, shown: str, *, cookies: bool) -> Reject | Retry | None:
    if _BOT.search(text):
        again = "The cookies may have run out; export them again" if cookies else _COOKIES
        return Retry(f"{shown}: the source wants to know that you are no robot", after=900, advice=again)
    if _REGION.search(text):
        return Reject(
            f"{shown} cannot be watched from here", advice="A proxy elsewhere may help: CLIPWIRE_DOWNLOADER_PROXY"
        )
    if leads := _LEADS_TO.search(text):
        return Reject(
            f"{shown} redirects to an address that begins with {leads[1]}:, which is not fetched from the web",
            advice="Give an address that leads to http or https",
        )
    if _GONE.search(text):
        return Reject(f"{shown} is private or gone: {text}", advice="Check the address in a browser")
    if _SIGN_IN.search(text):
        return Reject(f"{shown} is only for signed-in viewers: {text}", advice=_COOKIES)
    if _EMPTY.search(text):
        return Reject(
            f"{shown} has no video to download: {text}", advice="Give the address of a video that plays in a browser"
        )
    return None


def _unanswered(chain: list[BaseException], text: str, shown: str) -> Unreachable | None:
    """Where nothing answered at all: no host of this name, no connection, or not a byte."""
    if any(isinstance(e, socket.gaierror) for e in chain) or "resolve" in text:
        return Unreachable(
            f"The host of {shown} is not known",
            advice="Check the address for typing errors, and the network; or send it again later",
        )
    if any(isinstance(e, TimeoutError) for e in chain) or "timed out" in text.lower():
        return Unreachable(
            f"{shown} does not answer in time",
            advice="Check the address, or send it again later; CLIPWIRE_DOWNLOADER_STALL_S says how long is waited",
        )
    refused = re.search(r"\[Errno -?\d+\] ([\w ]+)", text)
    if refused and "new connection" in text:
        return Unreachable(
            f"{shown} cannot be reached ({refused[1].lower()})", advice="Check the address, or send it again later"
        )
    return None


def _by_type(chain: list[BaseException], text: str, shown: str) -> Reject | Retry:
    names = {type(e).__name__ for e in chain}
    if any(isinstance(e, TimeoutError) for e in chain) or "timed out" in text.lower():
        return Unavailable(
            f"{shown} stopped coming",
            advice="Send it again later; CLIPWIRE_DOWNLOADER_STALL_S says how long is waited",
        )
    if any(isinstance(e, ssl.SSLError) for e in chain) or "CertificateVerifyError" in names:
        return Reject(f"{shown} has no valid certificate: {text}", advice="Give an address with a valid one")
    if "UnsupportedError" in names:
        return Reject(
            f"{shown} is no video that can be read",
            advice="Give the address of a video file, or of a page on a site that yt-dlp knows",
        )
    if names & {"TransportError", "IncompleteRead", "ProxyError", "ContentTooShortError"} or any(
        isinstance(e, ConnectionError) for e in chain
    ):
        return Unavailable(
            f"{shown} cannot be reached: {text}", advice="Check the address and the network, or send it again later"
        )
    if any(isinstance(e, OSError) and e.errno == 28 for e in chain):
        return Retry(
            "The disk for downloads is full",
            after=600,
            advice="Make room, or set CLIPWIRE_DOWNLOADER_SCRATCH to another disk",
        )
    return Reject(
        f"{shown} cannot be downloaded: {text}",
        advice="Check the address in a browser; a newer yt-dlp may know this site better",
    )
