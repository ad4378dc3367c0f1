"""An actor: a name, and a handler for each subject that it listens to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from contracts.base import Payload
from contracts.envelope import Event
from contracts.subjects import Subject

__all__ = ["Actor", "Handler", "Work"]

T = TypeVar("T", bound=Payload)
P = TypeVar("P", bound=Payload)
Handler = Callable[[T, "Work"], Awaitable[None]]


class Work(Protocol):
    """What a handler is given besides the payload: the message's envelope, and the way to say what came of it."""

    @property
    def event(self) -> Event[Any]:
        """The message, with its envelope."""
        ...

    @property
    def attempt(self) -> int:
        """1 at first, and one more each time that it was given back on purpose; a killed worker does not count."""
        ...

    def owned(self, owner: str | None) -> Work:
        """The same message, as this owner's: what is emitted and reported is theirs. None: the operator's."""
        ...

    async def emit(self, subject: Subject[P], data: P, *, once: str | None = None) -> None:
        """Put an event on the stream; returns when it is stored.

        Its id follows from this message, the subject and `data.key`, so that a second delivery emits nothing new. With
        `once` it follows from that word instead: whichever message gets there first.
        """
        ...

    async def progress(self, done: float | None = None, note: str = "", *, eta_s: float | None = None) -> None:
        """Say how far the work is, as a share from 0 to 1. Not kept; cheap enough for several a second."""
        ...


@dataclass
class Actor:
    """Handlers under one name. `slots`: how many messages of one subject are handled at a time in this process."""

    name: str
    slots: int = 4
    handlers: dict[Subject[Any], Handler[Any]] = field(default_factory=dict)

    def listen(self, subject: Subject[T]) -> Callable[[Handler[T]], Handler[T]]:
        """Decorate the handler of a subject.

        It may raise `Retry` (later), `Reject` (never); any other exception is a bug that is tried a few times. The
        message is acknowledged after it returns, so everything it emits is on the stream by then.
        """

        def register(handler: Handler[T]) -> Handler[T]:
            if subject in self.handlers:
                raise ValueError(f"actor {self.name!r} already listens to {subject.name}")
            self.handlers[subject] = handler
            return handler

        return register
