"""What a post says, and when a publication that somebody began may be begun again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contracts.media import Rights

__all__ = [
    "DONE",
    "REFUSED",
    "SAID",
    "SENDING",
    "credit",
    "describe",
    "seconds_to_wait",
    "split_account",
    "unknown_platform",
]

# Steps of the claim `publish/<publication_id>`. A new claim (`taken`) has sent nothing yet, like one that was refused:
# whoever goes on has to advance it to SENDING first, and only one can.
SENDING = "sending"
"""Bytes may be on their way, or there."""
REFUSED = "refused"
"""The platform has said no, so nothing is there; a new request may try again."""
DONE = "done"
"""It is published; `publication` in the claim's data says where."""
SAID = "said"
"""And `publish.done` is on the stream: nothing is left to do, for ever."""


def split_account(account_id: str) -> tuple[str, str]:
    """Platform and name of an account id."""
    platform, _, name = account_id.partition(":")
    return platform, name


def unknown_platform(account_id: str, known: Iterable[str]) -> tuple[str, str]:
    """What is wrong with an account on a platform that is not here, and what to do."""
    platform, _ = split_account(account_id)
    names = ", ".join(f"`{name}:<account>`" for name in sorted(known)) or "none is set up"
    return f"there is no platform {platform!r} to publish {account_id!r} on", f"Use an account of: {names}"


def describe(description: str, rights: Rights) -> str:
    """The description with the credit line of the rights, once."""
    line = credit(rights)
    if line is None or line in description:
        return description
    return f"{description.rstrip()}\n\n{line}".lstrip("\n")


def credit(rights: Rights) -> str | None:
    """The credit line: as the source words it, else of what is known. None for the operator's own, or if nothing is."""
    if rights.attribution:
        return rights.attribution
    if rights.status == "owned":
        return None
    known = [word for word in (rights.owner, rights.licence, rights.licence_url) if word]
    return f"Source: {', '.join(known)}" if known else None


def seconds_to_wait(*, since: datetime, now: datetime, quarantine: float, mine: bool, exclusive: bool) -> float:
    """How long a publication that was begun, and that the platform does not show, has to be left alone; 0: not at all.

    Who began it may still be sending, or its post may not be visible yet. Only where the platform itself cannot hold
    it twice may the same message go on at once after a crash. A clock that runs ahead never makes it longer than
    `quarantine`.
    """
    if mine and exclusive:
        return 0.0
    return max(0.0, min(quarantine, quarantine - (now - since).total_seconds()))
