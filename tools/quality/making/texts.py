"""What is said in the talks: `texts/<language>.toml`, written for this project."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

__all__ = ["Half", "Language", "Topic", "language", "topics"]

Half = Literal["tuned", "held"]
"""`tuned` may be looked at by whoever tunes the analysis; `held` is only counted."""

TEXTS = Path(__file__).resolve().parents[1] / "texts"


@dataclass(frozen=True)
class Topic:
    """`filler`: plain sentences, in any order. `moments`: each from its hook to its pay-off."""

    name: str
    language: str
    half: Half
    title: str
    filler: tuple[str, ...]
    moments: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Language:
    """What fits every topic. `dangling`: points to what nobody knows; `distractor`: looks like a hook and is none."""

    tag: str
    voices: tuple[str, ...]
    filler: tuple[str, ...]
    dangling: tuple[str, ...]
    distractor: tuple[str, ...]
    topics: tuple[Topic, ...]


@lru_cache(maxsize=16)
def language(tag: str) -> Language:
    """The texts in one language, a BCP 47 tag."""
    told = tomllib.loads((TEXTS / f"{tag}.toml").read_text(encoding="utf-8"))
    return Language(
        tag=tag,
        **{name: tuple(told[name]) for name in ("voices", "filler", "dangling", "distractor")},
        topics=tuple(
            Topic(
                name=each["name"],
                language=tag,
                half=each["half"],
                title=each["title"],
                filler=tuple(each["filler"]),
                moments=tuple(tuple(sentences) for sentences in each["moments"]),
            )
            for each in told["topic"]
        ),
    )


def topics(half: Half) -> list[Topic]:
    """All topics of a half, over the languages."""
    tags = sorted(path.stem for path in TEXTS.glob("*.toml"))
    return [topic for tag in tags for topic in language(tag).topics if topic.half == half]
