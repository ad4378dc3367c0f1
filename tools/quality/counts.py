"""What is counted on one talk."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.quality.making.truth import Truth

__all__ = ["Measured"]


@dataclass
class Measured:
    """Counts of one talk. `failures`: what a person has to know of it, a line each."""

    truth: Truth
    cuts_found: int = 0
    cuts_missed: int = 0
    cuts_wrong: int = 0
    boundaries: int = 0
    in_word: int = 0
    unheard: bool = False
    planted: int = 0
    found: int = 0
    opened: int = 0
    overlapped: int = 0
    chance: float = 0.0
    faces: int = 0
    kept: int = 0
    fitted: int = 0
    path_s: float = 0.0
    reversals: int = 0
    turns: int = 0
    turns_right: int = 0
    turns_unknown: int = 0
    shift_error: float | None = None
    word_errors: tuple[float, ...] = ()
    refused: int = 0
    accepted: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    failures: list[str] = field(default_factory=list)
