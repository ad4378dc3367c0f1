"""Requests of LinkedIn's Videos and Posts APIs, and text as they want it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from actors.publisher.adapters.platforms.answers import objects_of, words_in
from actors.publisher.ports import Answer, Call, Piece, Post
from runtime.errors import Reject

__all__ = ["Part", "Requests", "little", "parts_of", "refused", "urn_of"]

_RESERVED = re.compile(r"[\\|{}@\[\]()<>*_~]|#(?!\w)|(?<=[\w#])#")


@dataclass(frozen=True)
class Part:
    """Bytes of the video and where they go; `last` is one of them."""

    url: str
    first: int
    last: int


@dataclass(frozen=True)
class Requests:
    """`version`: a month, as `202605`."""

    base_url: str
    version: str

    def initialize(self, owner: str, post: Post) -> Call:
        """A new upload."""
        asked = {"owner": owner, "fileSizeBytes": post.film.bytes, "uploadCaptions": False, "uploadThumbnail": False}
        return self._call("POST", "videos", json={"initializeUploadRequest": asked}, action="initializeUpload")

    def send(self, post: Post, part: Part) -> Call:
        """The bytes of a part. Its address is signed, and takes no token."""
        headers = {"Content-Type": "application/octet-stream"}
        piece = Piece(post.film.path, part.first, part.last - part.first + 1)
        return Call("PUT", part.url, headers=headers, body=piece, authorize=False)

    def finalize(self, video: str, token: str, etags: Sequence[str]) -> Call:
        """All parts are there."""
        asked = {"video": video, "uploadToken": token, "uploadedPartIds": list(etags)}
        return self._call("POST", "videos", json={"finalizeUploadRequest": asked}, action="finalizeUpload")

    def status(self, video: str) -> Call:
        """How far LinkedIn is with it."""
        return self._call("GET", f"videos/{quote(video, safe='')}")

    def post(self, owner: str, video: str, post: Post) -> Call:
        """Show it."""
        feed = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
        body = {
            "author": owner,
            "commentary": little(post.description),
            "visibility": "PUBLIC",
            "distribution": feed,
            "content": {"media": {"id": video} | ({"title": post.title} if post.title else {})},
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        return self._call("POST", "posts", json=body)

    def list(self, owner: str, start: int) -> Call:
        """What an organization has posted, newest first."""
        return self._call(
            "GET", "posts", method="FINDER", author=owner, q="author", start=str(start), count="50", sortBy="CREATED"
        )

    def delete(self, post: str) -> Call:
        """Take a post down."""
        return self._call("DELETE", f"posts/{quote(post, safe='')}", method="DELETE")

    def organizations(self) -> Call:
        """The organizations that a member administers."""
        return self._call("GET", "organizationAcls", q="roleAssignee", role="ADMINISTRATOR", state="APPROVED")

    def organization(self, ident: str) -> Call:
        """Its name."""
        return self._call("GET", f"organizations/{ident}")

    def _call(self, verb: str, path: str, *, json: Any = None, method: str = "", **params: str) -> Call:
        headers = {"LinkedIn-Version": self.version, "X-Restli-Protocol-Version": "2.0.0"}
        if method:
            headers["X-RestLi-Method"] = method
        url = f"{self.base_url.rstrip('/')}/rest/{path}"
        return Call(verb, url, params=params, headers=headers, json=json)


def little(text: str) -> str:
    """Text with its reserved characters escaped; a `#` that begins a hashtag stays one.

    Source: LinkedIn, "little Text Format": what is not escaped cuts the rest off.
    """
    return _RESERVED.sub(r"\\\g<0>", text)


def urn_of(account_id: str) -> str:
    """`urn:li:person:abc` of `linkedin:person-abc`."""
    kind, _, ident = account_id.partition(":")[2].partition("-")
    return f"urn:li:{kind}:{ident}"


def parts_of(told: Mapping[str, Any], size: int) -> list[Part]:
    """The parts that LinkedIn wants; none where they are not told, or leave a gap."""
    parts = [
        Part(str(each["uploadUrl"]), int(each["firstByte"]), int(each["lastByte"]))
        for each in objects_of(told, "uploadInstructions")
        if {"uploadUrl", "firstByte", "lastByte"} <= each.keys()
    ]
    ends = [-1, *(part.last for part in parts)]
    whole = all(part.first == end + 1 for part, end in zip(parts, ends, strict=False)) and ends[-1] == size - 1
    return parts if whole else []


def refused(answer: Answer) -> Reject:
    """A no for good, with what a person can do about it."""
    told = answer.json()
    code, words = words_in(told, "code"), words_in(told, "message") or f"HTTP {answer.status}"
    advice = "Correct what it names, then publish it again"
    if answer.status == 426 or code == "NONEXISTENT_VERSION":
        advice = "Set CLIPWIRE_LINKEDIN_VERSION to a month that LinkedIn still serves; each lives a year"
    elif answer.status in {401, 403}:
        advice = "Connect the account again and agree to all that is asked: `clipwire account connect linkedin`"
    elif "duplicate" in f"{code} {words}".lower():
        advice = "It has a post with these words already: if that is this short, say that it is there, with its "
        advice += "address; else publish it with another `description`"
    return Reject(f"LinkedIn refuses it: {words}{f' ({code})' if code else ''}", advice=advice)
