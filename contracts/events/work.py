"""The event of work that could not be done."""

from __future__ import annotations

from contracts.base import Payload
from contracts.work import Failure

__all__ = ["WorkFailed"]


class WorkFailed(Payload):
    """Something could not be done."""

    failure: Failure

    @property
    def key(self) -> str:
        return self.failure.entity
