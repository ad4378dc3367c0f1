"""The base of every contract, and the few constrained types they share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

__all__ = [
    "AccountId",
    "CandidateId",
    "ChannelId",
    "Contract",
    "MediaUri",
    "Name",
    "Payload",
    "PublicationId",
    "RecipeName",
    "RenderId",
    "Seconds",
    "Timestamp",
    "Unit",
    "as_json_says",
    "control_in",
]

M = TypeVar("M", bound=BaseModel)
_NATIVE = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199}"
_PART = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,254}"  # no file system takes a longer name
_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # category Cc of Unicode, without the three below

CandidateId = Annotated[
    str,
    StringConstraints(pattern=rf"^[a-z0-9_]{{1,32}}:{_NATIVE}$"),
    Field(description="`platform:native_id`, the natural key of a candidate and of its clip"),
]
AccountId = Annotated[
    str,
    StringConstraints(pattern=rf"^[a-z0-9_]{{1,32}}:{_NATIVE}$"),
    Field(description="`platform:name` of a publishing account, for example `outbox:default`"),
]
ChannelId = Annotated[str, StringConstraints(pattern=_NAME), Field(description="name of a channel")]
RecipeName = Annotated[str, StringConstraints(pattern=_NAME), Field(description="name of a recipe")]
RenderId = Annotated[
    str, StringConstraints(pattern=r"^r_[0-9a-f]{20}$"), Field(description="made from clip, span and recipe")
]
PublicationId = Annotated[
    str, StringConstraints(pattern=r"^p_[0-9a-f]{20}$"), Field(description="made from render and account")
]
MediaUri = Annotated[
    str,
    StringConstraints(pattern=rf"^media://{_PART}(/{_PART})*$", max_length=1000),
    Field(description="`media://` key that the media store resolves to local disk or S3"),
]
Name = Annotated[str, StringConstraints(max_length=300)]
"""What somebody else may have chosen and a read model looks up: short enough for any index."""
Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False, description="seconds")]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="a share from 0 to 1")]


def _of_the_calendar(moment: datetime) -> datetime:
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is no moment of the years 1 to 9999") from None
    return moment


Timestamp = Annotated[AwareDatetime, AfterValidator(_of_the_calendar)]


class Contract(BaseModel):
    """Frozen value. Unknown fields are ignored, so that an older reader survives a newer writer.

    A bare body (one that a person or a program sent without our envelope) is parsed with `extra="forbid"` instead, so
    that a misspelt field is answered, not dropped.
    """

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, validate_default=True)


class Payload(Contract):
    """The body of an event or a command. `key` names the thing it is about."""

    VERSION: ClassVar[int] = 1

    @property
    def key(self) -> str:
        """The id of the entity that this is about; it becomes the `subject` attribute of the CloudEvent."""
        raise TypeError(f"{type(self).__name__} does not say what it is about")


def as_json_says(model: type[M], body: Any) -> M:
    """The model in a JSON body that somebody sent: no unknown field, and no `true` or `"3"` where a number is wanted.

    `3.0` is a whole number in JSON. Raises `ValidationError`.
    """
    fits = model.model_validate(body, extra="forbid")  # says of more that does not fit what it is
    try:
        model.model_validate_json(json.dumps(body), extra="forbid", strict=True)
    except ValidationError as error:
        if any(not isinstance(fault["input"], float) for fault in error.errors(include_url=False)):
            raise
    return fits


def control_in(value: Any) -> tuple[str, str] | None:
    """Where texts, alone or in lists and mappings, hold a control character other than newline, return and tab.

    The path to it (`wording.title`) and its name (`U+0000`); None: nowhere. What a person sends has none: no database
    keeps U+0000, and no page shows the others. Who takes an order from somebody asks this; what is on the stream
    already, or what an actor found somewhere, is read as it is.
    """
    if isinstance(value, str):
        found = _CONTROL.search(value)
        return ("", f"U+{ord(found.group()):04X}") if found else None
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        inside = value.items()
    elif isinstance(value, list | tuple):
        inside = enumerate(value)
    for name, item in inside:
        if (hit := control_in(item) or control_in(name)) is not None:
            return f"{name}.{hit[0]}".rstrip("."), hit[1]
    return None
