"""Times as people write them: `19:30`, `tomorrow 9:00`, `in 2 hours`, `friday 18:00`, `25.11. 18:00`, ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["PastError", "moment_in"]

_DAYS: dict[str, int] = {
    **dict.fromkeys(("today", "heute", "сегодня"), 0),
    **dict.fromkeys(("tonight",), 0),
    **dict.fromkeys(("tomorrow", "morgen", "завтра"), 1),
    **dict.fromkeys(("übermorgen", "послезавтра"), 2),
}
_WEEKDAYS: dict[str, int] = {
    name: place
    for names in (
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
        ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
        ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
    )
    for place, name in enumerate(names)
}
_UNITS = (
    (re.compile(r"min|minutes?|minuten?|мин|минут[уы]?"), 1),
    (re.compile(r"h|hours?|std|stunden?|ч|час|часа|часов"), 60),
    (re.compile(r"d|days?|tage?n?|день|дня|дней"), 24 * 60),
)
_IN = re.compile(r"(?:in|через)\s+(\d{1,4})\s*([^\W\d]+)\.?")
_CLOCK = re.compile(r"(?:(?:at|um|в|во)\s+)?(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|uhr)?")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2})?)?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LEAD = re.compile(r"^(?:on|am|an|в|во)\s+")


class PastError(ValueError):
    """The time that is meant is over."""


def moment_in(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The time that a text names, and nothing but names; None where it is no time. Raises `PastError`.

    A time of day alone is the next one. One that daylight saving leaves out is an hour later, one that it repeats is
    the first.
    """
    words = " ".join(text.lower().replace(",", " ").split()).rstrip("!?")
    if len(words) > 60:
        return None
    try:
        moment = _full(text.strip()) or _after(words, now)
        if moment is None:
            moment = _on_a_day(words, now.astimezone(zone), zone)
        elif moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        if moment is None:
            return None
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if moment < now - timedelta(minutes=1):
        raise PastError(text)
    return moment


def _full(text: str) -> datetime | None:
    """A whole date with a time, as ISO 8601 writes it."""
    if not _ISO.match(text) or ":" not in text:
        return None
    return datetime.fromisoformat(text)


def _after(words: str, now: datetime) -> datetime | None:
    found = _IN.fullmatch(words)
    if found is None:
        return None
    minutes = next((size for unit, size in _UNITS if unit.fullmatch(found[2])), None)
    return now + timedelta(minutes=int(found[1]) * minutes) if minutes else None


def _on_a_day(words: str, local: datetime, zone: ZoneInfo) -> datetime | None:
    """A day and a time of day in any order; without a day the next such time."""
    for first, second in _halves(words):
        day, clock = _day(first, local.date()), _clock(second)
        if day is not None and clock is not None:
            return datetime.combine(day, clock, zone)
    clock = _clock(words)
    if clock is None or re.fullmatch(r"\d{1,2}", words):  # a number alone is no time
        return None
    today = datetime.combine(local.date(), clock, zone)
    return today if today > local else datetime.combine(local.date() + timedelta(days=1), clock, zone)


def _halves(words: str) -> list[tuple[str, str]]:
    pieces = words.split(" ")
    cuts = [(" ".join(pieces[:n]), " ".join(pieces[n:])) for n in range(1, len(pieces))]
    return cuts + [(right, left) for left, right in cuts]


def _day(words: str, today: date) -> date | None:
    words = _LEAD.sub("", words)
    if words in _DAYS:
        return today + timedelta(days=_DAYS[words])
    if words in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS[words] - today.weekday() - 1) % 7 + 1)
    if found := _ISO.fullmatch(words):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if (found := _DATE.fullmatch(words)) and 1 <= int(found[2]) <= 12:  # else it may be a time of day: 19.30
        year = int(found[3]) if found[3] else today.year
        day = date(year if year > 99 else 2000 + year, int(found[2]), int(found[1]))
        return day if found[3] or day >= today else day.replace(year=day.year + 1)
    return None


def _clock(words: str) -> time | None:
    found = _CLOCK.fullmatch(words)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] in {"am", "pm"}:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
