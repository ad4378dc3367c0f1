"""The envelope: structured CloudEvents 1.0 JSON with a contract as `data`.

Source: CloudEvents 1.0.2 JSON event format, sections 2 and 3; the extension attributes are lower-case as its section on
attribute naming asks. `correlationid` is the id of the first event of a chain, `causationid` of the one before, `owner`
the id of the user whose command began the chain; without one it is the operator's, and only an admin sees it.
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.base import Name, Payload, Timestamp

__all__ = ["CONTENT_TYPE", "Event", "Progress"]

CONTENT_TYPE = "application/cloudevents+json"

T = TypeVar("T", bound=Payload)


class Event(BaseModel, Generic[T]):
    """One event. `id` is deterministic where it follows from another event; the stream refuses the same id twice."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[Name, Field(min_length=1, description="who emitted it, for example `clipwire/ranker`")]
    type: Annotated[Name, Field(description="the subject on the bus")]
    subject: Annotated[Name | None, Field(description="the entity that it is about")] = None
    time: Timestamp
    datacontenttype: Literal["application/json"] = "application/json"
    data: T
    correlationid: Name | None = None
    causationid: Name | None = None
    owner: Name | None = None
    traceparent: str | None = None
    schemaversion: int = 1

    def to_json(self) -> bytes:
        """The body as it travels: absent attributes are left out, as CloudEvents asks."""
        attributes = self.model_dump_json(exclude={"data"}, exclude_none=True)
        return f'{attributes[:-1]},"data":{self.data.model_dump_json()}}}'.encode()


class Progress(BaseModel):
    """How far a piece of work is; sent on `progress.<stage>.<id>`, not kept."""

    model_config = ConfigDict(frozen=True)

    stage: str
    entity: str
    done: Annotated[float | None, Field(ge=0, le=1, description="share done; absent: not known")] = None
    note: str = ""
    owner: Annotated[Name | None, Field(description="as of the event that is worked on")] = None
    eta_s: Annotated[float | None, Field(ge=0, description="seconds left, where known")] = None
    time: Timestamp
