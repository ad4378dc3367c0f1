"""Errors that quote what a platform said, without the secrets that it may have quoted itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from actors.publisher.core.masking import masked
from runtime.errors import ClipwireError

__all__ = ["without"]

E = TypeVar("E", bound=ClipwireError)


def without(error: E, secrets: Iterable[str | None]) -> E:
    """The same error, to be raised `from None`: what led to it may quote them as well."""
    secrets = tuple(secrets)
    error.what, error.advice = masked(error.what, secrets), masked(error.advice, secrets)
    error.args = (error.what,)
    return error
