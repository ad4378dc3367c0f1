"""TikTok's requests, the chunks of an upload, and what its error codes mean.

Source: TikTok for Developers, “Content Posting API” and “Display API”, as of November 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.answers import object_of, text_of, words_in
from actors.publisher.ports import Answer, Call, Film, Piece, Post
from runtime.errors import Reject, Retry, Unavailable

__all__ = [
    "Chunks",
    "caption",
    "chunk_call",
    "code_of",
    "creator_call",
    "data_of",
    "direct_call",
    "draft_call",
    "list_call",
    "query_call",
    "status_call",
    "user_call",
]

_CHUNK = 20_000_000
"""Bytes; TikTok takes from 5 to 64 MB, and the last one up to twice that."""
_HOUR = 3600.0

_LATER = {
    "spam_risk_too_many_posts": "the account has posted as often today as TikTok lets it, through all apps together",
    "spam_risk_too_many_pending_share": "five drafts of today wait in the account's inbox already",
    "reached_active_user_cap": "the app has posted for as many accounts today as TikTok lets it",
}
"""Caps of 24 hours: it is asked again every hour."""
_RECONNECT = frozenset({"scope_not_authorized", "scope_permission_missed"})
_ADVICE = {
    "spam_risk_user_banned_from_posting": "TikTok has barred the account from posting; its notices in the app say why",
    "unaudited_client_can_only_post_to_private_accounts": "Until TikTok has audited your app, make the account private "
    "in TikTok and set CLIPWIRE_TIKTOK_PRIVACY=SELF_ONLY, or use CLIPWIRE_TIKTOK_MODE=draft",
    "privacy_level_option_mismatch": "Set CLIPWIRE_TIKTOK_PRIVACY to what this account offers in TikTok",
    "app_version_check_failed": "Update the TikTok app on the account's phone",
}


@dataclass(frozen=True)
class Chunks:
    """How a file is cut: `count` chunks of `chunk` bytes, of which the last takes the rest as well."""

    size: int
    chunk: int
    count: int

    @classmethod
    def of(cls, size: int) -> Chunks:
        """The count is rounded down: TikTok's own rule."""
        count = size // _CHUNK
        return cls(size, size, 1) if count <= 1 else cls(size, _CHUNK, count)

    def span(self, position: int) -> tuple[int, int]:
        """First byte and end of the chunk that holds this byte."""
        index = min(position // self.chunk, self.count - 1)
        return index * self.chunk, self.size if index == self.count - 1 else (index + 1) * self.chunk

    def reached(self, answer: Answer) -> int | None:
        """How many bytes are there by the answer's `Content-Range`, or none if it does not say.

        TikTok's `bytes 0-{uploaded}/{total}` may mean the last byte or the count: ours end only where chunks end.
        """
        told = re.fullmatch(r"bytes \d+-(\d+)/\d+", answer.headers.get("content-range", "").strip())
        if told is None:
            return None
        last = int(told[1])
        return last + 1 if last + 1 == self.size or (last + 1) % self.chunk == 0 else min(last, self.size)


def caption(post: Post) -> str:
    """What stands under the video: hashtags and mentions in it work."""
    return post.description or post.title


def user_call(base: str) -> Call:
    """Whose tokens they are."""
    return Call("GET", f"{base}/v2/user/info/", params={"fields": "open_id,display_name"})


def creator_call(base: str) -> Call:
    """What the account may post now; TikTok wants it asked before every direct post."""
    return _post(f"{base}/v2/post/publish/creator_info/query/")


def direct_call(base: str, post: Post, *, privacy: str, creator: dict[str, Any]) -> Call:
    """Begin a post. `creator`: what `creator_call` told; what it has switched off stays off."""
    info = {
        "title": caption(post),
        "privacy_level": privacy,
        "disable_comment": bool(creator.get("comment_disabled")),
        "disable_duet": bool(creator.get("duet_disabled")),
        "disable_stitch": bool(creator.get("stitch_disabled")),
        "brand_content_toggle": post.disclosure.paid_promotion,
        "brand_organic_toggle": False,
        "is_aigc": post.disclosure.synthetic,
    }
    return _post(f"{base}/v2/post/publish/video/init/", {"post_info": info, "source_info": _source(post.film)})


def draft_call(base: str, post: Post) -> Call:
    """Begin a draft for the account's inbox. TikTok takes no words for it."""
    return _post(f"{base}/v2/post/publish/inbox/video/init/", {"source_info": _source(post.film)})


def chunk_call(url: str, film: Film, start: int, end: int) -> Call:
    """Send the bytes from `start` to before `end`. The address itself is the permission."""
    headers = {"Content-Type": film.content_type, "Content-Range": f"bytes {start}-{end - 1}/{film.bytes}"}
    return Call("PUT", url, headers=headers, body=Piece(film.path, start, end - start), authorize=False)


def status_call(base: str, publish_id: str) -> Call:
    """What became of it."""
    return _post(f"{base}/v2/post/publish/status/fetch/", {"publish_id": publish_id})


def list_call(base: str, cursor: int | None = None) -> Call:
    """Public videos of the account, the newest first."""
    body = {"max_count": 20} if cursor is None else {"max_count": 20, "cursor": cursor}
    fields = "id,title,video_description,create_time,duration,share_url"
    return _post(f"{base}/v2/video/list/", body, params={"fields": fields})


def query_call(base: str, ids: list[str]) -> Call:
    """What is counted of up to 20 videos."""
    fields = "id,view_count,like_count,comment_count,share_count"
    return _post(f"{base}/v2/video/query/", {"filters": {"video_ids": ids}}, params={"fields": fields})


def _post(url: str, body: Any = None, *, params: dict[str, str] | None = None) -> Call:
    return Call(
        "POST", url, params=params or {}, headers={"Content-Type": "application/json; charset=UTF-8"}, json=body
    )


def _source(film: Film) -> dict[str, Any]:
    chunks = Chunks.of(film.bytes)
    return {
        "source": "FILE_UPLOAD",
        "video_size": film.bytes,
        "chunk_size": chunks.chunk,
        "total_chunk_count": chunks.count,
    }


def code_of(answer: Answer) -> str | None:
    """TikTok's own code; `ok` is the only one that is good, whatever the status says."""
    return text_of(answer.json(), "error", "code") or None


def data_of(answer: Answer, what: str) -> dict[str, Any]:
    """The `data` of an answer. Raises `Reject`, `Retry` and `Unavailable` as its code says. `what` was asked for."""
    code = code_of(answer)
    told = answer.json()
    if code == "ok" and answer.ok:
        return object_of(told, "data")
    if code is None or code in {"internal_error", "access_token_invalid", "ok"}:
        raise Unavailable(
            f"TikTok did not answer {what}: {code or f'HTTP {answer.status}'}{said(answer)}",
            advice="It is tried again by itself; if it stays so, connect the account again",
        )
    if code == "rate_limit_exceeded":
        raise Retry(f"TikTok takes no more requests of the account for now, for {what}", after=60.0)
    if code in _LATER:
        raise Retry(f"{_LATER[code]} ({code})", after=_HOUR, advice="It is tried again every hour")
    if code in _RECONNECT:
        raise Reject(
            f"the account does not let the app do it: {what} ({code})",
            advice="Connect it again and agree to everything: `clipwire account connect tiktok`",
        )
    words = words_in(object_of(told, "error"), "message") or "no reason is told"
    raise Reject(
        f"TikTok refused {what}: {code} ({words})",
        advice=_ADVICE.get(code, "Look the code up in TikTok's documentation of the Content Posting API"),
    )
