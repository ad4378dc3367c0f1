"""The Internet Archive: its advanced search, over HTTP.

Source: advancedsearch.php as the `internetarchive` client uses it. What is most watched this week comes first.
Downloads count as views; likes and comments do not exist there. Fields are a string or a list of strings, as the
uploader made them.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
from pydantic import ValidationError

from actors.discovery.adapters.http import Answer, get, json_object
from actors.discovery.core import lucene_words, plain_text, runtime_seconds, timestamp
from actors.discovery.ports import Findings, Query, SourceError
from contracts.licences import rights_told
from contracts.media import Candidate

__all__ = ["ArchiveOrg"]

SERVICE = "archive.org"
_FIELDS = (
    "identifier",
    "title",
    "description",
    "creator",
    "publicdate",
    "runtime",
    "downloads",
    "licenseurl",
    "subject",
    "language",
)
# The field is free text: ISO 639-2 codes and English names are common.
_LANGUAGES = {
    "ara": "ar", "arabic": "ar", "chi": "zh", "zho": "zh", "chinese": "zh", "dut": "nl", "nld": "nl", "dutch": "nl",
    "eng": "en", "english": "en", "fre": "fr", "fra": "fr", "french": "fr", "ger": "de", "deu": "de", "german": "de",
    "hin": "hi", "hindi": "hi", "ita": "it", "italian": "it", "jpn": "ja", "japanese": "ja", "kor": "ko",
    "korean": "ko", "pol": "pl", "polish": "pl", "por": "pt", "portuguese": "pt", "rus": "ru", "russian": "ru",
    "spa": "es", "spanish": "es", "swe": "sv", "swedish": "sv", "tur": "tr", "turkish": "tr", "ukr": "uk",
    "ukrainian": "uk",
}  # fmt: skip


class ArchiveOrg:
    """Finds films and videos of the Internet Archive."""

    def __init__(self, client: httpx.AsyncClient, *, base_url: str, patience_s: float) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._patience_s = patience_s

    async def search(self, query: Query, found: Findings) -> None:
        """See `Source.search`."""
        params: dict[str, str | int | tuple[str, ...]] = {
            "q": search_text(query),
            "fl[]": _FIELDS,
            "sort[]": "week desc",
            "rows": query.limit,
            "page": 1,
            "output": "json",
        }
        until = asyncio.get_running_loop().time() + self._patience_s
        url = f"{self._base_url}/advancedsearch.php"
        answer = await get(self._client, url, params, service=SERVICE, until=until)
        odd = 0
        for doc in _docs(answer):
            try:
                candidate = read_item(doc)
            except (ValidationError, KeyError):
                odd += 1
                continue
            published = candidate.published_at
            if query.since is None or (published is not None and published >= query.since):
                found.add(candidate)
        if odd:
            found.note(f"{odd} items whose description could not be read were left out")


def search_text(query: Query) -> str:
    """The search in Lucene's syntax. Days are the finest unit that is asked for; the rest is sorted out afterwards."""
    clauses = [f"({lucene_words(query.niche)})", "mediatype:movies"]
    if query.since is not None:
        until = query.now + timedelta(days=1)
        clauses.append(f"publicdate:[{query.since:%Y-%m-%d} TO {until:%Y-%m-%d}]")
    return " AND ".join(clauses)


def read_item(doc: dict[str, Any]) -> Candidate:
    """A candidate out of one search result. Raises `KeyError` without an identifier, `ValidationError` if it is odd."""
    identifier = str(doc["identifier"])
    page = f"https://archive.org/details/{identifier}"
    title = _text(doc.get("title"), " ")[:1000] or identifier
    author = _text(doc.get("creator"), ", ") or None
    return Candidate(
        candidate_id=f"archive_org:{identifier}",
        url=page,
        title=title,
        source="archive_org",
        description=plain_text(_text(doc.get("description"), "\n"))[:20000],
        author=author,
        published_at=timestamp(_text(doc.get("publicdate"), " ")),
        duration=runtime_seconds(_first(doc.get("runtime"))),
        views=_count(doc.get("downloads")),
        language=_LANGUAGES.get(_first(doc.get("language")).lower()),
        tags=tuple(dict.fromkeys(_tags(doc.get("subject")))),
        thumbnail_url=f"https://archive.org/services/img/{identifier}",
        rights=rights_told(_first(doc.get("licenseurl")), title=title, owner=author, page=page),
    )


def _docs(answer: Answer) -> list[dict[str, Any]]:
    if answer.status in {429, 503}:
        wait = f"; it asks to wait {answer.retry_after:.0f} s" if answer.retry_after else ""
        raise SourceError(f"{SERVICE} is too busy to answer (HTTP {answer.status}{wait})", advice="Scan again later")
    if answer.status != 200:
        where = f" to {answer.location}" if answer.location else ""
        raise SourceError(
            f"{SERVICE} answered HTTP {answer.status}{where}",
            advice="Scan again later; if it stays so, check the address in CLIPWIRE_ARCHIVE_ORG_BASE_URL",
        )
    body = json_object(answer, service=SERVICE)
    response = body.get("response")
    docs = response.get("docs") if isinstance(response, dict) else None
    if not isinstance(docs, list) or not all(isinstance(doc, dict) for doc in docs):
        said = body.get("error") or body.get("message") or f"the fields {sorted(body)[:8]}"
        raise SourceError(
            f"{SERVICE} sent no list of results, but: {str(said)[:200]}", advice="Scan again, with simpler words"
        )
    return docs


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(one).strip() for one in values if isinstance(one, str | int | float) and str(one).strip()]


def _text(value: Any, between: str) -> str:
    return between.join(_strings(value))


def _first(value: Any) -> str:
    return next(iter(_strings(value)), "")


def _tags(value: Any) -> list[str]:
    return [tag.strip() for text in _strings(value) for tag in re.split(r"[;,]", text) if tag.strip()]


def _count(value: Any) -> int | None:
    text = _first(value)
    return int(text) if text.isdecimal() else None
