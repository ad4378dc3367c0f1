"""Sends a command and follows what it leads to until nothing of it is left to do, or nobody is there to do it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from cli.output import CliError
from cli.steps import Steps
from contracts.envelope import Event
from runtime.bus import ConsumerState
from runtime.errors import Reject, Unavailable
from runtime.home import running_clipwire
from runtime.stack import Stack
from runtime.tasks import end
from runtime.topology import consumer_name

__all__ = ["Followed", "LostError", "Tell", "follow"]

_LOOK_S = 0.4
# A process that ends is started again within seconds, and says that it is alive every few seconds.
_PATIENCE_S = 25.0
_TRIES = 5


class Followed(Protocol):
    """An order, fed with the events of the stream."""

    @property
    def steps(self) -> Steps:
        """What of it is still to do."""
        ...

    def take(self, event: Event[Any]) -> str | None:
        """Learn from the next event, and let `steps` learn from it. A line for a person where it is worth one."""
        ...


Tell = Callable[[Event[Any], str | None], None]


class LostError(CliError):
    """What was joined has ended, or nobody listens to what is still to do."""


@dataclass
class _Place:
    """Up to which sequence the stream has been read."""

    sequence: int


async def follow(
    stack: Stack,
    command: Event[Any],
    order: Followed,
    tell: Tell,
    *,
    after: int | None = None,
    beside: Coroutine[Any, Any, None] | None = None,
    patience: float = _PATIENCE_S,
) -> None:
    """Publish `command` and give every event to `order`, then to `tell`, until no step of it is open.

    `after`: the sequence behind which is read; none: from the command on. `beside`: runs meanwhile. `patience`: seconds
    without a listener after which that is an error. Raises `LostError`.
    """
    tasks = [asyncio.create_task(beside)] if beside is not None else []
    try:
        if not stack.own:
            await _somebody_listens(stack, order.steps)
        sent = await stack.bus.publish(command)
        place = _Place(sent.sequence - 1 if after is None else after)
        tasks += [
            asyncio.create_task(_read(stack, order, tell, place)),
            asyncio.create_task(_look(stack, order.steps, place, patience)),
            asyncio.create_task(_alive(stack)),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end(*tasks)


async def _somebody_listens(stack: Stack, steps: Steps) -> None:
    """Before anything is asked: an order that nobody takes would lie on the stream and be a surprise later."""
    alive = {(process.actor, subject) for process in await stack.bus.processes() for subject in process.listens}
    missing = [stage.actor for subject, stage in steps.stages.items() if (stage.actor, subject) not in alive]
    if missing:
        raise _nobody(missing)


async def _read(stack: Stack, order: Followed, tell: Tell, place: _Place) -> None:
    async for batch in stack.bus.read(after=place.sequence):
        for stored in batch:
            with suppress(Reject):  # somebody else's malformed command, answered by the actor that it was for
                event = stored.event()
                tell(event, order.take(event))
            place.sequence = stored.sequence
        if order.steps.finished:
            return


async def _look(stack: Stack, steps: Steps, place: _Place, patience: float) -> None:
    """Close the steps whose consumer has nothing left to do. What they led to is on the stream by then."""
    quiet: dict[str, list[int]] = {}
    heard: dict[str, float] = {}
    while not steps.finished:
        await asyncio.sleep(_LOOK_S)
        open_now = {step.event_id: consumer_name(step.actor, step.subject) for step in steps.open}
        try:
            states = {state.name: state for state in await stack.bus.consumers()}
            last = (await stack.bus.stream_state()).last
        except Unavailable:  # the server is away; it comes back, or what was joined has ended
            heard.clear()
            continue
        _check_heard(steps, states, heard, patience)
        # Idle twice, for a message is stored an instant before its consumer counts it; and what it led to was read.
        quiet = {
            ident: [*quiet.get(ident, []), last][:2]
            for ident, name in open_now.items()
            if name in states and _idle(states[name])
        }
        for ident, lasts in quiet.items():
            if len(lasts) == 2 and place.sequence >= lasts[1]:
                steps.close(ident)


def _idle(state: ConsumerState) -> bool:
    return state.pending == 0 and state.in_flight == 0


def _check_heard(steps: Steps, states: dict[str, ConsumerState], heard: dict[str, float], patience: float) -> None:
    now = time.monotonic()
    for step in steps.open:
        name = consumer_name(step.actor, step.subject)
        if name not in heard or (name in states and states[name].bound):
            heard[name] = now
        elif now - heard[name] > patience:
            raise _nobody([step.actor])


def _nobody(actors: list[str]) -> LostError:
    names = list(dict.fromkeys(actors))
    return LostError(f"nobody does the work of: {', '.join(names)}", advice=f"Start it: clipwire up {' '.join(names)}")


async def _alive(stack: Stack) -> None:
    """Ends with an error when what should do the work is gone."""
    while True:
        await asyncio.sleep(1.0)
        if stack.supervisor is not None:
            stack.supervisor.check()
            failing = [child.name for child in stack.supervisor.children if child.failures > _TRIES]
            if failing:
                raise LostError(
                    f"{', '.join(failing)} ended again and again", advice="Their logs say why: `logs` in CLIPWIRE_HOME"
                )
        elif stack.home is not None and running_clipwire(stack.home) != stack.addresses:
            raise LostError(
                "the Clipwire that was joined has ended",
                advice="Start it again with `clipwire up`: what was ordered lies on its stream and goes on there",
            )
