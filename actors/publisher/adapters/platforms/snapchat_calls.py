"""Snapchat's requests, and how its answers are read.

Source: developers.snap.com, “Public Profile API”, as of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.answers import number_of, text_of, time_of, words_in
from actors.publisher.ports import Answer, Call, Part, Post, Posted
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Unavailable

__all__ = ["Requests", "metrics_of", "same", "told_by"]

_LANGUAGES = frozenset(["de", "es", "fi", "fr", "hu", "id", "it", "nl", "pl", "pt", "ro", "ru", "th", "tr"])
_LOCALES = {"ar": "ar_AE", "cs": "cs_CZ", "da": "da_DK", "el": "el_GR", "hi": "hi_IN", "ja": "ja_JP", "ko": "ko_KR"}
_LOCALES |= {"nb": "nb_NO", "sv": "sv_SE", "uk": "uk_UA", "vi": "vi_VN", "zh": "zh_CN"}


class Requests:
    """Every request of the platform. `base`: where the API answers."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")

    def me(self) -> Call:
        """The profile of whoever logged in."""
        return Call("GET", f"{self._base}/v1/public_profiles/my_profile")

    def listed(self, account: Account, cursor: str | None = None) -> Call:
        """The profile's Spotlights, the newest first."""
        params = {"limit": "50"} | ({"cursor": cursor} if cursor else {})
        return Call("GET", f"{self._profile(account)}/spotlights", params=params)

    def shown(self, account: Account, spotlight_id: str) -> Call:
        """One Spotlight."""
        return Call("GET", f"{self._profile(account)}/spotlights/{quote(spotlight_id, safe='')}")

    def counted(self, account: Account, spotlight_id: str) -> Call:
        """What is counted of one Spotlight."""
        call = self.shown(account, spotlight_id)
        return Call("GET", f"{call.url}/stats", params={"granularity": "LIFETIME"})

    def media(self, account: Account, post: Post, key: str, iv: str) -> Call:
        """Make room for a video. `key`, `iv`: in base64."""
        body = {"type": "VIDEO", "name": f"{post.publication_id}.mp4", "key": key, "iv": iv}
        return Call("POST", f"{self._profile(account)}/media", json=body)

    def part(self, path: str, number: int, data: bytes) -> Call:
        """Send a part, counted from 1."""
        file = Part("file", data, filename=f"part{number}", content_type="application/octet-stream")
        return Call("POST", self._own(path), parts=(Part("action", "ADD"), Part("part_number", str(number)), file))

    def final(self, path: str) -> Call:
        """All parts are there. Bytes make the field multipart, as Snapchat wants it here too."""
        return Call("POST", self._own(path), parts=(Part("action", b"FINALIZE", content_type="text/plain"),))

    def spotlight(self, account: Account, post: Post, media_id: str) -> Call:
        """Post it."""
        body = {"media_id": media_id, "description": post.description or post.title, "locale": locale(post.language)}
        return Call("POST", f"{self._profile(account)}/spotlights", json=body)

    def _profile(self, account: Account) -> str:
        return f"{self._base}/v1/public_profiles/{quote(account.account_id.partition(':')[2], safe='')}"

    def _own(self, path: str) -> str:
        """The address of a path that Snapchat told; the account's token goes nowhere else."""
        if path.startswith("{"):
            return path
        url = urljoin(f"{self._base}/", path)
        if urlsplit(url)[:2] != urlsplit(self._base)[:2]:
            raise Unavailable("Snapchat wants the video at an address that is not its own", advice="It is tried again")
        return url


def told_by(answer: Answer, what: str) -> dict[str, Any]:
    """An answer of `SUCCESS`. Raises `Reject` for others, `Unavailable` for what is no answer of Snapchat's."""
    told = answer.json()
    status = told.get("request_status")
    if answer.ok and status == "SUCCESS":
        return told
    if answer.ok and status is None:
        raise Unavailable(f"Snapchat's answer about {what} cannot be read{said(answer)}", advice="It is tried again")
    words = words_in(told, "display_message", "debug_message", "error_code") or f"HTTP {answer.status}"
    if answer.status in {401, 403}:
        raise Reject(
            f"Snapchat does not allow it: {what} ({words})",
            advice="Ask Snap to put your app's client id on the allowlist of the Public Profile API, and connect again",
        )
    raise Reject(
        f"Snapchat refused {what}: {words}",
        advice="Spotlight takes MP4 of 6 to 60 s, 9:16, at least 540x960, and a description of up to 160 characters",
    )


def same(spotlight: Mapping[str, Any], post: Post, since: datetime | None, now: datetime) -> Posted | None:
    words = " ".join((text_of(spotlight, "caption") or text_of(spotlight, "title")).split())
    length, at = number_of(spotlight, "duration"), time_of(spotlight, "created_at") or now
    if words != " ".join((post.description or post.title).split()) or not spotlight.get("id"):
        return None
    if length is not None and abs(length - post.film.duration) > 1:
        return None
    if since is not None and at < since - timedelta(minutes=1):
        return None
    return Posted(str(spotlight["id"]), str(spotlight.get("link") or ""), at)


def metrics_of(told: Any) -> Metrics:
    def count(*names: str) -> int | None:
        values = [_number(told, name) for name in names]
        return next((round(value) for value in values if value is not None), None)

    return Metrics(
        views=count("SPOTLIGHT_VIEWS", "VIEWS"),
        likes=count("SPOTLIGHT_FAVORITES", "FAVORITES"),
        comments=count("SPOTLIGHT_REPLIES", "REPLIES"),
        shares=count("SPOTLIGHT_SHARES", "SHARES"),
        reach=count("SPOTLIGHT_VIEWERS", "VIEWERS"),
    )


def _number(told: Any, name: str) -> float | None:
    """The first number of that name, wherever it stands: the answers of asset and profile differ in their shape."""
    if isinstance(told, dict):
        if (value := number_of(told, name)) is not None:
            return value
        told = list(told.values())
    for each in told if isinstance(told, list) else ():
        if (found := _number(each, name)) is not None:
            return found
    return None


def locale(language: str | None) -> str:
    """As Snapchat wants it: `en_US`."""
    base, _, country = (language or "en").replace("_", "-").lower().partition("-")
    if base in _LANGUAGES:
        return f"{base}_{country.upper() if len(country) == 2 else base.upper()}"
    return _LOCALES.get(base, "en_US")
