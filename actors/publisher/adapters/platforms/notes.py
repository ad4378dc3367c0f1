"""What is added to a post that is out: where it cannot be, a person is told, and the post stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from actors.publisher.ports import Post, Session
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["labelless", "noted", "unlabelled"]

_LABELS = {"synthetic": "made or altered by a machine", "paid_promotion": "a paid promotion"}
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


def unlabelled(post: Post, service: str, *flags: Literal["synthetic", "paid_promotion"]) -> tuple[str, ...]:
    """What has to be disclosed of a post, and cannot be through the platform's API."""
    return tuple(
        f"{service} takes no label from programs that says that it is {_LABELS[flag]}: set it in the app"
        for flag in flags
        if getattr(post.disclosure, flag)
    )


def labelless(post: Post, service: str) -> tuple[str, ...]:
    """What has to be disclosed of a post on a platform that has no labels at all."""
    return tuple(
        f"{service} has no label that says that it is {label}: say it in the description"
        for flag, label in _LABELS.items()
        if getattr(post.disclosure, flag)
    )
