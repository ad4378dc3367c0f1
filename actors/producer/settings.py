"""Settings of the producer. What it decides by is no setting of the process but a rule of the channel."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runtime.settings import Settings


class ProducerSettings(Settings):
    """How many messages are decided at a time."""

    producer_slots: Annotated[
        int,
        Field(ge=1, le=64, description="messages of one subject that one producer process decides at a time"),
    ] = 4
