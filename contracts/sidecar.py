"""The `NAME.json` beside a video: what its owner says about it, and what that means for its rights."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from contracts.base import Seconds
from contracts.licences import attribution, known_licence
from contracts.media import Rights

__all__ = [
    "LARGEST",
    "RightsStatus",
    "Sidecar",
    "SidecarError",
    "parse_sidecar",
    "rights_beside",
    "timestamp",
]

LARGEST = 1 << 20
"""Bytes above which a `NAME.json` is not read."""

_RIGHTS = {"status": "rights_status"} | {name: name for name in ("licence", "license", "owner", "attribution")}
_RIGHTS |= {name: name for name in ("licence_url", "license_url")}

RightsStatus = Literal["owned", "licensed", "permission", "unknown"]
Count = Annotated[int, Field(ge=0)]


class SidecarError(Exception):
    """A `NAME.json` cannot be used; the text says why."""


def _moment(value: Any) -> Any:
    """A date alone, or a time without a zone, is UTC."""
    return timestamp(value) or value if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """Tags may also be one text with commas."""
    return [tag.strip() for tag in value.split(",") if tag.strip()] if isinstance(value, str) else value


class Sidecar(BaseModel):
    """A `NAME.json`: every field is optional. Unknown ones are told, not used."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    title: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    description: Annotated[str, Field(max_length=20000)] = ""
    author: str | None = None
    tags: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    published_at: Annotated[AwareDatetime | None, BeforeValidator(_moment)] = None
    language: str | None = None
    duration: Seconds | None = None
    views: Count | None = None
    likes: Count | None = None
    comments: Count | None = None
    thumbnail_url: str | None = None
    rights_status: RightsStatus | None = None
    licence: str | None = Field(default=None, validation_alias=AliasChoices("licence", "license"))
    licence_url: str | None = Field(default=None, validation_alias=AliasChoices("licence_url", "license_url"))
    owner: str | None = None
    attribution: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        """`"rights": {"status": …}` says the same as `"rights_status": …`; what stands outside of it wins."""
        inner = data.get("rights") if isinstance(data, dict) else None
        if not isinstance(inner, dict) or inner.keys() - _RIGHTS.keys():
            return data
        flat = {_RIGHTS[name]: value for name, value in inner.items()}
        return flat | {name: value for name, value in data.items() if name != "rights"}

    def told(self) -> dict[str, Any]:
        """Fields of a `Candidate` other than title and rights, as far as the file tells."""
        names = ("description", "author", "published_at", "duration", "views", "likes", "comments", "language", "tags")
        return {name: getattr(self, name) for name in (*names, "thumbnail_url")}


def parse_sidecar(body: bytes) -> Sidecar:
    """A file's content. Raises `SidecarError` where it is no JSON object of this shape."""
    if len(body) > LARGEST:
        raise SidecarError(f"has more than {LARGEST >> 20} MB")
    try:
        return Sidecar.model_validate_json(body.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SidecarError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def rights_beside(sidecar: Sidecar, *, title: str, default: RightsStatus) -> Rights:
    """What a `NAME.json` tells: its `rights_status`, else what the licence that it names allows, or `default`."""
    told, address = sidecar.licence, sidecar.licence_url
    known = [licence for licence in (known_licence(address), known_licence(told)) if licence is not None]
    status = sidecar.rights_status or default
    if sidecar.rights_status is None and known:
        status = "licensed" if all(licence.reusable for licence in known) else "unknown"
    if known and told is not None and "//" in told:
        told, address = None, address or told
    licence = told or (known[0].name if known else None)
    owner = sidecar.owner or sidecar.author
    credit = sidecar.attribution
    if credit is None and status in {"licensed", "permission"}:
        credit = attribution(title, owner, licence, sidecar.licence_url)
    return Rights(status=status, licence=licence, licence_url=address, owner=owner, attribution=credit)


def timestamp(text: str | None) -> datetime | None:
    """An ISO 8601 date or time; UTC where it names no zone; none for nonsense."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
