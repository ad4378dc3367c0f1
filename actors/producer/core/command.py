"""What the producer says: commands, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.subjects import BY_NAME, Subject

__all__ = ["Command", "DeadEndError", "is_rule"]


@dataclass(frozen=True)
class Command:
    """Something to say on the bus."""

    subject: Subject[Any]
    data: Any

    def noted(self) -> dict[str, Any]:
        """As JSON values, to be kept in a claim."""
        return {"subject": self.subject.name, "data": self.data.model_dump(mode="json")}

    @classmethod
    def from_note(cls, note: dict[str, Any]) -> Command:
        """The command that `noted` wrote down."""
        subject = BY_NAME[note["subject"]]
        return cls(subject, subject.model.model_validate(note["data"]))


class DeadEndError(Exception):
    """The event leads nowhere: `what` happened, as `advice` what to do, and the `field` that is wrong."""

    def __init__(self, what: str, advice: str, field: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.field = field


def is_rule(who: str) -> bool:
    """Whether a rule of a channel decided, and no person."""
    return who.startswith("rule:")
