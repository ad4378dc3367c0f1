"""What a post on Bluesky is: its record with a key of ours, its facets, and the requests that make it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import regex

from actors.publisher.adapters.platforms.answers import sum_of, whole_of
from actors.publisher.ports import Call, Post, Posted
from contracts.publishing import Account, Metrics

__all__ = [
    "POST",
    "did_of",
    "facets",
    "metrics_of",
    "pds_did",
    "posted",
    "record_call",
    "record_key",
    "token_call",
    "xrpc",
]

POST = "app.bsky.feed.post"
_FACET = "app.bsky.richtext.facet"
_TOKEN_LASTS = timedelta(minutes=30)
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_SINCE_US, _SPAN_US = 1_672_531_200_000_000, 94_608_000_000_000
_LINK = regex.compile(r"https?://\S*[\p{L}\p{N}/_=&%#~+-]")
_TAG = regex.compile(r"(?<![^\s(])#([\w\p{M}]*\p{L}[\w\p{M}]*)")


def record_key(publication_id: str) -> str:
    """The key of the publication's post: a timestamp identifier (TID) in its form, always the same one.

    13 letters of base32-sortable: a zero bit, 53 bits of microseconds, 10 bits of a clock's id (AT Protocol, “Record
    keys”). The moment, of the years 2023 to 2025, and the clock are those of a hash.
    """
    number = int.from_bytes(hashlib.sha256(publication_id.encode()).digest()[:16])
    value = (_SINCE_US + (number >> 10) % _SPAN_US) << 10 | number & 0x3FF
    return "".join(_LETTERS[value >> shift & 31] for shift in range(60, -1, -5))


def facets(text: str) -> list[dict[str, Any]]:
    """Links and hashtags of a text, by their places in its UTF-8 (lexicon `app.bsky.richtext.facet`)."""
    links = [(match.span(), {"$type": f"{_FACET}#link", "uri": match[0]}) for match in _LINK.finditer(text)]
    tags = [(match.span(), {"$type": f"{_FACET}#tag", "tag": match[1]}) for match in _TAG.finditer(text)]
    return [
        {
            "index": {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())},
            "features": [feature],
        }
        for (start, end), feature in sorted(links + tags, key=lambda facet: facet[0])
    ]


def record_call(account: Account, post: Post, blob: dict[str, Any], created: datetime) -> Call:
    """Make the post."""
    film = post.film
    record: dict[str, Any] = {
        "$type": POST,
        "text": post.description,
        "createdAt": created.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "embed": {
            "$type": "app.bsky.embed.video",
            "video": blob,
            "alt": post.title,
            "aspectRatio": {"width": film.width, "height": film.height},
        },
    }
    if post.language:
        record["langs"] = [post.language]
    if found := facets(post.description):
        record["facets"] = found
    key = record_key(post.publication_id)
    return Call(
        "POST",
        xrpc(account, "com.atproto.repo.createRecord"),
        json={"repo": did_of(account), "collection": POST, "rkey": key, "record": record},
    )


def token_call(account: Account, audience: str, method: str, now: datetime) -> Call:
    """Get a token for one method of another service."""
    query = {"aud": audience, "lxm": method, "exp": str(int((now + _TOKEN_LASTS).timestamp()))}
    return Call("GET", xrpc(account, "com.atproto.server.getServiceAuth"), params=query)


def xrpc(account: Account, method: str) -> str:
    """The address of a method at the account's server."""
    return f"{account.details.get('pds', '')}/xrpc/{method}"


def did_of(account: Account) -> str:
    """Who the account is, whatever its handle."""
    return account.details.get("did", "")


def pds_did(account: Account) -> str:
    """The account's server, as tokens name it."""
    return f"did:web:{urlsplit(account.details.get('pds', '')).hostname}"


def posted(account: Account, key: str, at: datetime) -> Posted:
    """A post that is there."""
    return Posted(key, f"https://bsky.app/profile/{did_of(account)}/post/{key}", at)


def metrics_of(told: Mapping[str, Any]) -> Metrics:
    """What is counted of a post, of `app.bsky.feed.defs#postView`."""
    return Metrics(
        likes=whole_of(told, "likeCount"),
        comments=whole_of(told, "replyCount"),
        shares=sum_of(told, "repostCount", "quoteCount"),
        saves=whole_of(told, "bookmarkCount"),
    )
