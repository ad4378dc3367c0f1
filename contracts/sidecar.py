"""The `NAME.json` beside a video: what its owner says about it, and what that means for its rights."""

from __future__ import annotations

import re
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
from contracts.media import Rights

__all__ = [
    "LARGEST",
    "RightsStatus",
    "Sidecar",
    "SidecarError",
    "attribution",
    "creative_commons",
    "parse_sidecar",
    "rights_beside",
    "timestamp",
]

LARGEST = 1 << 20
"""Bytes above which a `NAME.json` is not read."""

_CC = re.compile(
    r"^(?:https?:)?//(?:www\.)?creativecommons\.org/"
    r"(?P<kind>licenses|publicdomain)/(?P<name>[a-z+-]+)/(?P<version>\d\.\d)(?:[/?#].*)?$",
    re.IGNORECASE,
)
_CC_CODES = {"by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd"}
_PUBLIC_DOMAIN = {"zero": "CC0", "mark": "CC-PDM"}
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
    """What a `NAME.json` tells: its `rights_status`, else what a Creative Commons deed allows, or `default`."""
    deed = creative_commons(sidecar.licence_url) or creative_commons(sidecar.licence)
    status = sidecar.rights_status
    if status is None:
        status = default if deed is None else ("licensed" if deed[1] else "unknown")
    licence = deed[0] if deed and (sidecar.licence is None or "//" in sidecar.licence) else sidecar.licence
    owner = sidecar.owner or sidecar.author
    credit = sidecar.attribution
    if credit is None and status in {"licensed", "permission"}:
        credit = attribution(title, owner, licence, sidecar.licence_url)
    address = sidecar.licence_url or (sidecar.licence if deed and sidecar.licence and "//" in sidecar.licence else None)
    return Rights(status=status, licence=licence, licence_url=address, owner=owner, attribution=credit)


def creative_commons(url: str | None) -> tuple[str, bool] | None:
    """SPDX id of a Creative Commons deed, and whether anybody may publish a cut of the work; none: it is no such deed.

    NonCommercial and NoDerivatives are no open licences (Open Definition 2.1): a short is a derivative and may earn
    money, so there a person has to decide. Ported versions have the id of the unported text; the address says which
    one it is. Source: https://creativecommons.org/share-your-work/cclicenses, https://spdx.org/licenses.
    """
    match = _CC.match((url or "").strip())
    if match is None:
        return None
    name, version = match["name"].lower(), match["version"]
    if match["kind"].lower() == "publicdomain":
        return (f"{_PUBLIC_DOMAIN[name]}-{version}", True) if name in _PUBLIC_DOMAIN else None
    if name not in _CC_CODES:
        return None
    return f"CC-{name.upper()}-{version}", not {"nc", "nd"} & set(name.split("-"))


def attribution(title: str, owner: str | None, licence: str | None, page: str | None) -> str:
    """A credit line with title, author, source and licence, as Creative Commons recommends (TASL)."""
    by = f" by {owner}" if owner else ""
    rest = ", ".join(piece for piece in (licence, page) if piece)
    return f"“{title}”{by}" + (f" ({rest})" if rest else "")


def timestamp(text: str | None) -> datetime | None:
    """An ISO 8601 date or time; UTC where it names no zone; none for nonsense."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
