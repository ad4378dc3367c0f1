"""Runs one actor as a process: connects, binds its consumers, says that it is alive, drains on SIGTERM."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from runtime.actor import Actor
from runtime.channels import Channels
from runtime.claims import Claims
from runtime.media import MediaStore
from runtime.settings import RuntimeSettings

__all__ = ["Compose", "Resources", "serve"]


@dataclass(frozen=True)
class Resources:
    """What the runtime gives an actor to be built with."""

    settings: RuntimeSettings
    media: MediaStore
    claims: Claims
    channels: Channels


Compose = Callable[[Resources], AbstractAsyncContextManager[Actor]]


def serve(compose: Compose) -> None:
    """Run the actor until SIGTERM or SIGINT."""
    raise SystemExit("the bus is not here yet")
