"""What a source tells about a video, as a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:  # building the contracts costs more than all else here, and the child processes need none of them
    from contracts.media import Candidate
    from contracts.sidecar import Sidecar

__all__ = ["completed", "described", "with_sidecar"]


def described(told: Mapping[str, Any], *, candidate_id: str, url: str) -> Candidate:
    """The candidate behind an address, out of what its source tells (yt-dlp's names) or else its file name."""
    from contracts.licences import rights_told
    from contracts.media import Candidate

    licence = told.get("license")
    author = told.get("uploader") or told.get("channel") or told.get("creator")
    title = (str(told.get("title") or "").strip() or _title_of(url))[:1000]
    return Candidate(
        candidate_id=candidate_id,
        url=url,
        title=title,
        source=str(told.get("extractor_key") or urlsplit(url).scheme).lower(),
        description=str(told.get("description") or "")[:20000],
        author=author,
        published_at=_published(told),
        duration=_number(told.get("duration")),
        views=_count(told.get("view_count")),
        likes=_count(told.get("like_count")),
        comments=_count(told.get("comment_count")),
        language=told.get("language") or None,
        tags=tuple(str(tag) for tag in (told.get("tags") or ())[:100]),
        thumbnail_url=told.get("thumbnail") or None,
        rights=rights_told(
            licence if isinstance(licence, str) else None,
            title=title,
            owner=author,
            page=told.get("webpage_url") or url,
        ),
    )


def with_sidecar(candidate: Candidate, sidecar: Sidecar) -> Candidate:
    """A plain file's candidate with what the `NAME.json` beside it says; rights that it does not tell are unknown."""
    from contracts.sidecar import rights_beside

    title = sidecar.title or candidate.title
    rights = rights_beside(sidecar, title=title, default="unknown")
    return candidate.model_copy(update={"title": title, **sidecar.told(), "rights": rights})


def completed(candidate: Candidate, told: Candidate) -> Candidate:
    """What was found before, with the gaps filled by what the download has told."""
    from contracts.media import Candidate, Rights

    known = candidate.model_dump(exclude_none=True, exclude_defaults=True)
    fresh = told.model_dump(exclude_none=True, exclude_defaults=True)
    rights = candidate.rights if candidate.rights != Rights() else told.rights
    return Candidate.model_validate({**fresh, **known, "rights": rights.model_dump()})


def _title_of(url: str) -> str:
    name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return " ".join(stem.replace("_", " ").split()) or url


def _published(told: Mapping[str, Any]) -> datetime | None:
    stamp = told.get("timestamp") or told.get("release_timestamp")
    if isinstance(stamp, int | float):
        return datetime.fromtimestamp(stamp, UTC)
    try:
        return datetime.strptime(str(told.get("upload_date")), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value >= 0 else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value >= 0 else None
