"""What lies beside a video: `NAME.json` with its description, `NAME.srt`, `.vtt` or `.json3` with its captions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from actors.discovery.core import attribution, creative_commons, timestamp
from contracts.base import Seconds
from contracts.media import Rights

__all__ = ["Captions", "Sidecar", "SidecarError", "captions_by_stem", "read_sidecar", "rights_beside"]

_LARGEST = 1 << 20
_CAPTIONS = (".json3", ".vtt", ".srt")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")

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


@dataclass(frozen=True)
class Captions:
    """A caption file, and the language in its name."""

    name: str
    language: str | None


def read_sidecar(path: Path) -> Sidecar:
    """The file's content. Raises `SidecarError` where it is no JSON object of this shape, `OSError`."""
    with path.open("rb") as file:
        body = file.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise SidecarError(f"has more than {_LARGEST >> 20} MB")
    try:
        return Sidecar.model_validate_json(body.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SidecarError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def captions_by_stem(names: Iterable[str]) -> dict[str, Captions]:
    """The best captions of a folder for each name without a suffix: word times first, then names without a language."""
    best: dict[str, tuple[tuple[int, str], Captions]] = {}

    def offer(stem: str, order: tuple[int, str], captions: Captions) -> None:
        if stem not in best or order < best[stem][0]:
            best[stem] = (order, captions)

    for name in names:
        base, suffix = os.path.splitext(name)  # noqa: PTH122  # thousands of names: no object for each
        if suffix not in _CAPTIONS:
            continue
        offer(base, (_CAPTIONS.index(suffix), ""), Captions(name, None))
        stem, _, language = base.rpartition(".")
        if stem and _LANGUAGE.match(language):
            offer(stem, (_CAPTIONS.index(suffix), language), Captions(name, language))
    return {stem: captions for stem, (_, captions) in best.items()}


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
