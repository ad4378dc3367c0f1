"""Every error of Clipwire, in one tree.

ClipwireError
├── Retry              later: the message comes back after a delay
│   └── Unavailable    an outside service or the bus does not answer
├── Reject             never: set aside and answered with `work.failed`
│   └── MediaMissing   a `media://` key that is not there
└── ConfigurationError a setting that cannot work; the process does not start

Any other exception in a handler is a bug: it is tried again a few times, then set aside.
"""

from __future__ import annotations

__all__ = ["ClipwireError", "ConfigurationError", "MediaMissing", "Reject", "Retry", "Unavailable"]


class ClipwireError(Exception):
    """`what` happened and, as `advice`, what to do next; both are read by people."""

    def __init__(self, what: str, *, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}. {self.advice}" if self.advice else self.what


class Retry(ClipwireError):
    """Raise it when the same message may work later. `after`: seconds to wait; none: growing with every attempt."""

    def __init__(self, what: str, *, after: float | None = None, advice: str = "") -> None:
        super().__init__(what, advice=advice)
        self.after = after


class Unavailable(Retry):
    """Something outside did not answer in time, or answered that it can't now."""


class Reject(ClipwireError):
    """Raise it when the same message can never work. `field`: the path of the field that is wrong, if one is."""

    def __init__(self, what: str, *, advice: str = "", field: str | None = None) -> None:
        super().__init__(what, advice=advice)
        self.field = field


class MediaMissing(Reject):
    """A file that an event or a command names is not in the media store."""


class ConfigurationError(ClipwireError):
    """A setting is wrong. The message names it, as the environment variable that it is."""
