"""Requests of Instagram's content publishing, and what its answers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from actors.publisher.adapters.platforms.answers import time_of
from actors.publisher.adapters.platforms.meta import Graph
from actors.publisher.core.shape import cuts_of
from actors.publisher.ports import Call, Post, Posted

__all__ = ["Requests", "posted", "same"]


@dataclass(frozen=True)
class Requests:
    """`media_url`: public address of the media folder; none: the bytes are sent."""

    graph: Graph
    media_url: str | None = None

    def quota(self, user: str) -> Call:
        """What may be posted today."""
        return self.graph.call("GET", f"{user}/content_publishing_limit", fields="config,quota_usage")

    def container(self, user: str, post: Post) -> Call:
        """A new container."""
        source = {"upload_type": "resumable"}
        if self.media_url:
            cut = next(cut for cut in cuts_of(post.render) if cut.video.sha256 == post.film.sha256)
            source = {"video_url": self._shown(cut.video.uri), "cover_url": self._shown(cut.thumbnail.uri)}
        values = {"media_type": "REELS", "caption": post.description, "share_to_feed": "true", **source}
        if post.disclosure.synthetic:
            values["is_ai_generated"] = "true"
        return self.graph.call("POST", f"{user}/media", **values)

    def coverless(self) -> tuple[str, ...]:
        """A note for a person where the cover is not sent: Instagram fetches covers, and takes no bytes of them."""
        note = "Instagram shows a frame of its own choice as the cover; CLIPWIRE_INSTAGRAM_MEDIA_BASE_URL lets it fetch"
        return () if self.media_url else (f"{note} ours",)

    def status(self, container: str) -> Call:
        """How far a container is."""
        return self.graph.call("GET", container, fields="status_code,status")

    def publish(self, user: str, container: str) -> Call:
        """Show it."""
        return self.graph.call("POST", f"{user}/media_publish", creation_id=container)

    def media(self, media: str) -> Call:
        """A reel's address and time."""
        return self.graph.call("GET", media, fields="id,permalink,media_product_type,timestamp")

    def list(self, user: str, after: Mapping[str, str]) -> Call:
        """What the account shows, newest first."""
        fields = "id,caption,media_product_type,permalink,timestamp"
        return self.graph.call("GET", f"{user}/media", fields=fields, limit="50", **after)

    def _shown(self, uri: str) -> str:
        return f"{(self.media_url or '').rstrip('/')}/{quote(uri.removeprefix('media://'))}"


def same(told: Mapping[str, Any], post: Post) -> bool:
    """Whether a medium is a reel with the post's caption, whatever became of its white space."""
    reel = told.get("media_product_type") in {"REELS", None}
    return reel and str(told.get("caption") or "").split() == post.description.split()


def posted(told: Mapping[str, Any], at: datetime) -> Posted:
    """A medium as it is told of. `at`: where it does not say when it was published."""
    ident = str(told.get("id"))
    url = str(told.get("permalink") or "https://www.instagram.com/")
    return Posted(platform_id=ident, url=url, published_at=time_of(told, "timestamp") or at)
