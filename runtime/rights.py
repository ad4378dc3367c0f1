"""Who may do what on the bus: one user for each actor and each door, with what its card says and nothing else.

What an actor may publish and hear follows from the docstring of its package (`runtime.flow`) and from the contracts;
for the doors there is a table here. Streams, buckets and consumers are the operator's: nobody else makes or ends them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from contracts import asks
from contracts.asks import Ask
from contracts.audit import AUDIT
from contracts.subjects import COMMANDS, WORK_FAILED
from runtime.flow import actor_folder, actor_names, read_docstring_flow, read_needs, read_own_commands
from runtime.topology import EVENTS, STORED, TIMERS, consumer_name

__all__ = ["DOOR_USERS", "inbox_of", "is_limited", "permissions"]

_ACCOUNTS = (asks.PLATFORMS, asks.CONNECT, asks.CONNECTION, asks.CALLBACK, asks.ACCOUNTS, asks.REMOVE)
_BOTS = (asks.TELEGRAM_CODE, asks.TELEGRAM_SHOWN, asks.TELEGRAM_UNLINK, asks.TELEGRAM_BRING, asks.TELEGRAM_REMOVE)
DOOR_USERS: dict[str, tuple[Ask[Any, Any], ...]] = {
    "http": (*_ACCOUNTS, *_BOTS, asks.PLAN, asks.PLANNED, asks.PUBLISHED, asks.METRICS, asks.DELETE),
    "telegram": (asks.METRICS,),
}
"""The doors, and what each may ask."""
_ANSWERING = {"max": 1, "expires": "5m"}
"""Whoever is asked may answer once, wherever the answer is wanted."""


def inbox_of(url: str) -> str:
    """Where answers to the user in an address go. Nobody else may listen there."""
    user = urlsplit(url).username
    return f"_INBOX_{user}" if user else "_INBOX"


def is_limited(url: str) -> bool:
    """Whether the user in an address is one of these, who may not make streams, buckets and consumers."""
    return urlsplit(url).username in {*actor_names(), *DOOR_USERS}


def permissions() -> dict[str, dict[str, Any]]:
    """What each user may publish and subscribe to, as NATS has it in its configuration. Raises `ValueError`."""
    actors = {name: _allowed(name, _actor_publishes(name)) for name in actor_names()}
    doors = {
        name: _allowed(name, _door_publishes(name, asked), hears=("progress.>", f"{STORED}.>"))
        for name, asked in DOOR_USERS.items()
    }
    return actors | doors


def _allowed(user: str, publishes: list[str], *, hears: tuple[str, ...] = ()) -> dict[str, Any]:
    answers = [ask.subject for ask in _asks() if ask.actor == user]
    allowed: dict[str, Any] = {
        "publish": {"allow": publishes},
        "subscribe": {"allow": [f"{inbox_of(f'nats://{user}@')}.>", *hears, *answers]},
    }
    return allowed | ({"allow_responses": _ANSWERING} if answers else {})


def _asks() -> list[Ask[Any, Any]]:
    return [value for value in vars(asks).values() if isinstance(value, Ask)]


def _actor_publishes(name: str) -> list[str]:
    folder = actor_folder(name)
    flow, needs = read_docstring_flow(folder), read_needs(folder)
    events = [*flow.emits, *read_own_commands(folder), WORK_FAILED.name]
    allowed = [*dict.fromkeys(events), f"progress.{name}.>", *_keeps("actors", f"{name}.*")]
    for subject in flow.listens:
        durable = consumer_name(name, subject)
        allowed += [
            f"$JS.API.CONSUMER.INFO.{EVENTS}.{durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{EVENTS}.{durable}",
            f"$JS.ACK.{EVENTS}.{durable}.>",
            f"$JS.ACK.*.*.{EVENTS}.{durable}.>",  # as later servers have it: with the domain and the account (ADR-15)
            f"dlq.{durable}.{subject}",
            *_keeps("attempts", f"{durable}.*"),
            *_sees("attempts", f"{durable}.*"),
        ]
    for family in needs.claims:
        allowed += [*_keeps("claims", f"{family}.*"), *_sees("claims", f"{family}.*")]
    for family in needs.seen:
        allowed += _sees("claims", f"{family}.*")
    if needs.channels:
        allowed += _sees("channels", "*")
    if needs.timers:
        allowed += ["timer.*", f"$JS.API.STREAM.PURGE.{TIMERS}"]
    return allowed


def _door_publishes(name: str, asked: tuple[Ask[Any, Any], ...]) -> list[str]:
    """Commands and questions; the stream and who is alive, to look at; channels, as doors make those of users."""
    return [
        *(command.name for command in COMMANDS),
        *(ask.subject for ask in asked),
        f"$JS.API.DIRECT.GET.{EVENTS}",
        f"$JS.API.STREAM.INFO.{EVENTS}",
        f"$JS.API.CONSUMER.LIST.{EVENTS}",
        *_lists("actors"),
        *_lists("channels"),
        *_keeps("channels", "*"),
        *([f"{AUDIT}.>"] if name == "http" else []),
    ]


def _keeps(bucket: str, keys: str) -> list[str]:
    return [f"$KV.{bucket}.{keys}"]


def _sees(bucket: str, keys: str) -> list[str]:
    return [f"$JS.API.DIRECT.GET.KV_{bucket}.$KV.{bucket}.{keys}"]


def _lists(bucket: str) -> list[str]:
    return [f"$JS.API.STREAM.INFO.KV_{bucket}", *_sees(bucket, ">")]
