"""What is added to a post that is out: where it cannot be, a person is told, and the post stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from actors.publisher.ports import Session
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["noted"]

_TRIES = 3
_PAUSE_S = 10.0


async def noted(session: Session, notes: list[str], what: str, do: Callable[[], Awaitable[None]]) -> None:
    """Do what may be repeated, a few times where the platform does not answer; else note that `what`, and why."""
    for left in reversed(range(_TRIES)):
        try:
            return await do()
        except Unavailable as error:
            if not left:
                notes.append(f"{what}: {error.what}")
                return None
            await session.pause(_PAUSE_S)
        except (Retry, Reject) as error:
            notes.append(f"{what}: {error.what}")
            return None
    return None
