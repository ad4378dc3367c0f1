"""A question to an actor, and what travels back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, PlainSerializer, SecretStr

from contracts.base import Contract

__all__ = ["Ask", "Nothing", "Refusal", "Reply", "Typed"]

Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
Typed = Annotated[
    SecretStr,
    Field(max_length=4000),
    PlainSerializer(SecretStr.get_secret_value, return_type=str, when_used="json"),
]
"""What a person typed in or brought back: secret or not, it is printed nowhere, and travels to who answers."""


@dataclass(frozen=True)
class Ask(Generic[Q, A]):
    """A question to one actor. `subject`: `ask.<actor>.<what>`."""

    actor: str
    what: str
    asks: type[Q]
    answers: type[A]

    @property
    def subject(self) -> str:
        """Where it is sent."""
        return f"ask.{self.actor}.{self.what}"


class Refusal(Contract):
    """Why there is no answer: for a person, as every error."""

    kind: Literal["rejected", "unavailable"]
    what: str
    advice: str = ""
    field: str | None = None
    after: float | None = Field(default=None, description="seconds after which it may work, if known")


class Reply(Contract, Generic[A]):
    """What travels back: an answer, or a refusal."""

    answer: A | None = None
    refusal: Refusal | None = None


class Nothing(Contract):
    """No more than the question itself."""
