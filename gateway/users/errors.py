"""What goes wrong between a door and who asks; each door has its own way to say it."""

from __future__ import annotations

from runtime.errors import Reject, Retry

__all__ = ["ForbiddenError", "ForeignError", "RefusedError", "SlowDownError", "TakenError"]


class ForeignError(Reject):
    """It is not there, or is somebody else's: which of the two is told to nobody."""


class RefusedError(Reject):
    """Who asks has not proved who they are."""


class ForbiddenError(Reject):
    """Who asks is known, and may not."""


class TakenError(Reject):
    """Somebody else has it already."""


class SlowDownError(Retry):
    """Too much in too short a time. `after`: seconds to wait."""
