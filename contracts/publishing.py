"""Value types of publishing: accounts, what a post discloses, when and in which words it goes out, what is counted."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from contracts.base import AccountId, Contract, Timestamp
from contracts.style import Label

__all__ = ["WORDING_FIELDS", "Account", "Disclosure", "Metrics", "PublishWish", "Schedule", "Span", "Wording"]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Zone = Annotated[
    str, StringConstraints(max_length=64), Field(description="IANA time zone, for example `Europe/Berlin`")
]


class Disclosure(Contract):
    """What viewers and platforms have to be told about a short."""

    synthetic: bool = Field(default=False, description="made or altered by a machine so that it seems real")
    paid_promotion: bool = Field(default=False, description="somebody paid for it, or gave something for it")
    made_for_kids: bool = Field(default=False, description="directed at children (COPPA)")


def _local(moment: time) -> time:
    if moment.tzinfo is not None:
        raise ValueError(f"{moment.isoformat()} has an offset; times of day are those of `timezone`")
    return moment.replace(microsecond=0, fold=0)


TimeOfDay = Annotated[time, AfterValidator(_local), Field(description="time of day, for example `18:30`")]


class Span(Contract):
    """Times of day from `start` until `end`, over midnight where `end` is not later; the same twice: all day."""

    start: TimeOfDay
    end: TimeOfDay

    def holds(self, moment: time) -> bool:
        """Whether a time of day lies in it; its end does not."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


class Schedule(Contract):
    """When shorts of a channel go out. Times of day are those of `timezone`, with its daylight saving: one that does
    not exist on a day is an hour later, one that exists twice is the first."""

    timezone: Zone = "UTC"
    days: tuple[Weekday, ...] = WEEK
    times: tuple[TimeOfDay, ...] = Field(
        default=(), description="slots of each day; none: `per_day` slots within `between`"
    )
    per_day: Annotated[
        int, Field(ge=1, le=200, description="posts a day on one account, where no `times` are named")
    ] = 3
    between: Span = Field(
        default=Span(start=time(9), end=time(21)),
        description="where no `times` are named: the first slot is at its start, the others follow evenly",
    )
    quiet: tuple[Span, ...] = Field(default=(), description="nothing goes out then, whatever the slots say")
    gap_min: Annotated[
        float, Field(ge=0, le=1440, description="minutes between two posts on one account, at least")
    ] = 30
    warm_up: tuple[Annotated[int, Field(ge=0, le=200)], ...] = Field(
        default=(), description="posts a day at most in the first, second, … week of an account; then `per_day` alone"
    )
    late: Literal["post", "skip"] = Field(
        default="post",
        description="what was due while nothing ran: `post` it in the next free slots, one by one, or `skip` it",
    )

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no IANA time zone; write it as `Europe/Berlin`")
        return name

    @model_validator(mode="after")
    def _days(self) -> Self:
        if not self.days:
            raise ValueError("days: name one at least")
        if all(any(span.holds(slot) for span in self.quiet) for _, slot in self.slots):
            raise ValueError("quiet: every slot of the day lies in it, so nothing would ever go out")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)

    @property
    def gap(self) -> timedelta:
        """`gap_min` as a duration."""
        return timedelta(minutes=self.gap_min)

    @property
    def slots(self) -> tuple[tuple[int, time], ...]:
        """The slots of one of `days`: a time of day, and how many days later it is (1: behind midnight)."""
        if self.times:
            return tuple((0, slot) for slot in sorted(set(self.times)))
        first = datetime.combine(date.min, self.between.start)
        length = datetime.combine(date.min, self.between.end) - first
        step = (length if length > timedelta(0) else length + timedelta(days=1)) / self.per_day
        moments = (first + n * step for n in range(self.per_day))
        return tuple(((moment.date() - date.min).days, moment.time().replace(microsecond=0)) for moment in moments)


WORDING_FIELDS = ("title", "description", "hashtags", "credit", "channel", "chapters")


def _known_fields(template: str) -> str:
    unknown = next((name for name in re.findall(r"\{([^\W\d]\w*)\}", template) if name not in WORDING_FIELDS), None)
    if unknown is not None:
        known = ", ".join(f"`{{{name}}}`" for name in WORDING_FIELDS)
        raise ValueError(f"`{{{unknown}}}` is no field; there are {known}")
    return template


Template = Annotated[str, AfterValidator(_known_fields)]


class Wording(Contract):
    """Templates of what a post says, with `{title}`, `{description}`, `{hashtags}`, `{credit}`, `{channel}` and
    `{chapters}`. The credit is added at the end where a template leaves it out."""

    title: Annotated[Template, Field(max_length=300)] = "{title}"
    description: Annotated[Template, Field(max_length=5000)] = "{description}\n\n{hashtags}\n\n{credit}"
    hashtags: tuple[Annotated[str, StringConstraints(max_length=100)], ...] = Field(
        default=(), description="of every post, before those of the short itself"
    )


class PublishWish(Contract):
    """How a short is to be published that has to be made in another shape or length first: as it was ordered.

    Where a person ordered it, no rule decides and nobody is asked again.
    """

    description: Annotated[str | None, Field(max_length=5000, description="absent: the render's own")] = None
    publish_at: Timestamp | None = Field(
        default=None, description="when it goes out; absent: in the next slot of the channel's schedule, else at once"
    )
    vouch: bool = Field(
        default=False, description="whoever asked vouches for rights that no rule of the channel allows"
    )
    requested_by: Annotated[str, Field(max_length=200)] = "operator"


class Account(Contract):
    """A publishing account, without its secrets."""

    account_id: AccountId
    platform: Label
    title: str = Field(description="as the platform shows it")
    state: Literal["ready", "reconnect"] = Field(
        default="ready", description="`reconnect`: the platform takes its tokens no more; a person has to log in again"
    )
    reason: str | None = Field(default=None, description="why it has to be connected again")
    owner: str = Field(default="operator", description="who connected it")
    scopes: tuple[str, ...] = ()
    details: dict[str, str] = Field(default={}, description="what the platform told of it; no secrets")
    connected_at: Timestamp
    expires_at: Timestamp | None = Field(default=None, description="of its access; it is renewed before")
    login_until: Timestamp | None = Field(
        default=None, description="when a person has to log in again at the latest; absent: not known, or never"
    )


class Metrics(Contract):
    """What a platform counts of one post. Absent: the platform does not tell."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None
    reach: int | None = None
    watched_s: float | None = Field(default=None, description="seconds watched in all")
    average_s: float | None = Field(default=None, description="seconds watched per view")
