"""What Instagram and Facebook share: requests to the Graph API, its errors, insights.

Sources: Meta's "Graph API: Handle Errors", "Rate Limits", "Instagram Platform: Error Codes".
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from actors.publisher.adapters.platforms.answers import objects_of, text_of
from actors.publisher.ports import Answer, Call, LostError, Session, UnconfirmedError
from runtime.errors import Reject, Retry, Unavailable
from runtime.replies import fault_of

__all__ = [
    "ADVICE",
    "CAP_S",
    "TOKEN",
    "TRANSIENT",
    "UNAUTHORIZED",
    "AbsentError",
    "Graph",
    "SpentError",
    "advised",
    "checked",
    "next_page",
    "number",
    "refused",
]

T = TypeVar("T")
TOKEN = frozenset({190, 102})
RATE = frozenset({4, 17, 32, 613, 80001, 80002})
TRANSIENT = frozenset({-2, -1, 1, 2, 6000})
FAILED = frozenset({2207001, 2207003, 2207032, 2207053, 2207082})
"""Subcodes of the same, whatever their code."""
PERMISSION = frozenset({3, 10, 200})
BAD = 100
"""A parameter that is wrong; with the subcode `ABSENT`: the object that was asked for is not there."""
ABSENT = 33
CAP = 2207042
SPENT = frozenset({2207006, 2207008, 2207020})
"""Subcodes: the container is no more. A new one may work, and nothing was published."""
NOT_READY = 2207027
ADVICE: Mapping[int, str] = {
    368: "Look into the account's support inbox there: it is blocked for breaking a policy",
    2207004: "The cover is too large: JPEG, 8 MB at most",
    2207005: "The cover has to be a JPEG",
    2207009: "The picture's shape is not taken: render it in 9:16",
    2207010: "Shorten the description to 2,200 characters, 30 hashtags and 20 @ at most",
    2207026: "Render it again: MP4 with H.264 and AAC, 23 to 60 fps, 3 s to 15 min, 300 MB at most",
    2207050: "Open the app there and do what it asks: the account is restricted",
    2207051: "It was taken for spam. Let the account rest for some days, and post less often",
    2207052: "The video could not be fetched from CLIPWIRE_INSTAGRAM_MEDIA_BASE_URL: it has to be public, https, "
    "without redirects",
    2207077: "The video could not be fetched from CLIPWIRE_INSTAGRAM_MEDIA_BASE_URL: it has to be public, https, "
    "without redirects",
}
"""What a person can do about a code or subcode that says no for good."""
RATE_S = 300.0
CAP_S = 3600.0
"""The window of 24 hours rolls: some room comes back within it, when is not told."""
UNAUTHORIZED = 401


class SpentError(Exception):
    """An upload or container that is good for nothing any more. Nothing was published by it; a new one is needed."""


class AbsentError(SpentError):
    """What was asked for is not there."""


@dataclass(frozen=True)
class Graph:
    """Requests to one version of one host, and what their answers mean. `service`: for messages."""

    service: str
    base_url: str
    version: str

    @property
    def address(self) -> str:
        """Host and version."""
        return f"{self.base_url.rstrip('/')}/{self.version}"

    def call(self, method: str, path: str, **values: str) -> Call:
        """A request; `values` go into the address of a GET or DELETE, else into the body."""
        url = f"{self.address}/{path}"
        return Call(method, url, form=values) if method == "POST" else Call(method, url, params=values)

    async def ask(self, session: Session, call: Call) -> dict[str, Any]:
        """For what may be repeated. Raises `Retry`, `Unavailable`, `Reject`, `SpentError`."""
        return await self._told(session, call, session.ask)

    async def read(self, session: Session, call: Call) -> dict[str, Any]:
        """As `ask`, of what stays: raises `Reject` where it is not there."""
        try:
            return await self.ask(session, call)
        except SpentError as error:
            raise advised(self.service, str(error), 0) from error

    async def make(self, session: Session, call: Call, *, ask: Callable[[], Awaitable[T | None]]) -> T | dict[str, Any]:
        """For what creates something. What was refused is asked for all the same: publishing is known to be carried
        out and answered with an error. Raises as `ask`, and `LostError`, also where that question has no answer."""
        try:
            return await self._told(session, call, session.make)
        except _BusyError as error:
            raise LostError(error.what) from error
        except (Reject, SpentError):
            try:
                found = await ask()
            except (Reject, Retry, SpentError, UnconfirmedError) as unknown:
                raise LostError(f"it was refused, and what became of it is not told: {unknown}") from unknown
            if found is None:
                raise
            return found

    async def insights(self, session: Session, path: str, names: Sequence[str]) -> dict[str, Any]:
        """Values by metric. One that the post does not have spoils the whole question (error 100): then each is asked
        by itself. Empty for a post that is not there."""
        answer = await self._sent(session, self.call("GET", path, metric=",".join(names)), session.ask)
        fault = fault_of(answer.body)
        if fault.get("code") == BAD and fault.get("error_subcode") != ABSENT and len(names) > 1:
            found: dict[str, Any] = {}
            for name in names:
                found |= await self.insights(session, path, [name])
            return found
        if fault.get("code") == BAD:
            return {}
        return dict(_metric(each) for each in objects_of(checked(self.service, answer), "data"))

    async def _told(self, session: Session, call: Call, send: Callable[[Call], Awaitable[Answer]]) -> dict[str, Any]:
        return checked(self.service, await self._sent(session, call, send))

    async def _sent(self, session: Session, call: Call, send: Callable[[Call], Awaitable[Answer]]) -> Answer:
        answer = await send(call)
        if answer.status != UNAUTHORIZED and fault_of(answer.body).get("code") in TOKEN:
            await session.renew()  # a token that is refused with a 400: nothing was done
            answer = await send(call)
        return answer


class _BusyError(Unavailable):
    """An error that Meta calls passing: it does not say what became of the request."""


def checked(service: str, answer: Answer) -> dict[str, Any]:
    """The answer's JSON. Raises what `refused` makes of an error."""
    if not answer.ok or fault_of(answer.body):
        raise refused(service, answer)
    return answer.json()


def refused(service: str, answer: Answer) -> Reject | Retry | SpentError:
    """What an error answer means, by Meta's tables of codes and subcodes."""
    fault = fault_of(answer.body)
    code, subcode = number(fault.get("code")), number(fault.get("error_subcode"))
    words = str(fault.get("error_user_msg") or fault.get("message") or f"HTTP {answer.status}")[:300]
    said = f"{words} (code {code}, {subcode})" if subcode else f"{words} (code {code})"
    if subcode in SPENT:
        return SpentError(said)
    if code == BAD and subcode == ABSENT:
        return AbsentError(said)
    if subcode in ADVICE or code in ADVICE:
        return advised(service, said, subcode if subcode in ADVICE else code)
    if subcode == CAP:
        return Retry(f"{service} takes no more posts of this account today: {said}", after=CAP_S)
    if subcode == NOT_READY:
        return Retry(f"{service} still works on the video: {said}", after=30.0)
    if code in RATE:
        wait = _regained(answer) or RATE_S
        return Retry(f"{service} takes no more requests for now: {said}", after=wait, advice="It is tried again")
    if code in TRANSIENT or subcode in FAILED or fault.get("is_transient") is True:
        return _BusyError(f"{service} has trouble: {said}", advice="It is tried again by itself")
    if code in TOKEN or code in PERMISSION:
        return Reject(
            f"{service} does not allow it: {said}",
            advice=f"Connect the account again and agree to all that is asked: `clipwire account connect {service}`",
        )
    return Reject(f"{service} refuses it: {said}", advice="Correct what it names, then publish it again")


def advised(service: str, said: str, code: int) -> Reject:
    """A no for good, with what a person can do about it."""
    advice = ADVICE.get(code, "Correct what it names, then publish it again")
    return Reject(f"{service} refuses it: {said}", advice=advice)


def next_page(told: Mapping[str, Any]) -> dict[str, str]:
    """What to ask the next page of a list with; empty where there is none."""
    after = text_of(told, "paging", "cursors", "after")
    return {"after": after} if after and text_of(told, "paging", "next") else {}


def _metric(each: Mapping[str, Any]) -> tuple[str, Any]:
    values, total = each.get("values"), each.get("total_value")
    first = values[0] if isinstance(values, list) and values else total
    return str(each.get("name")), first.get("value") if isinstance(first, dict) else None


def number(value: object) -> int:
    """A whole number that somebody else wrote; 0 where it is none."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def _regained(answer: Answer) -> float | None:
    """Seconds until requests are taken again, of the usage headers: JSON with minutes somewhere in it."""
    minutes: list[float] = []

    def search(value: Any) -> None:
        if isinstance(value, dict):
            told = value.get("estimated_time_to_regain_access")
            if isinstance(told, int | float):
                minutes.append(told)
            for each in value.values():
                search(each)
        elif isinstance(value, list):
            for each in value:
                search(each)

    for name in ("x-business-use-case-usage", "x-page-usage", "x-app-usage"):
        try:
            search(json.loads(answer.headers.get(name, "null")))
        except (ValueError, RecursionError):
            continue  # a header that nobody can read says nothing
    return min(max(minutes) * 60, 86_400.0) if minutes and max(minutes) > 0 else None
