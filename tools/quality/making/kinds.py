"""The kinds of talks: each of them once in either half of the set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["KINDS", "Kind"]

Style = Literal["cameras", "jumps", "one", "walk", "pair", "screen", "montage", "soft", "restless", "shaky", "silent"]


@dataclass(frozen=True)
class Kind:
    """`style`: how it is filmed. `captions`: `words` have a time each, `cues` a time per line; `foreign`: of another
    talk. `bars`: aspect of the picture between black bars; 0: none. `sparse`: long pauses and fillers."""

    name: str
    style: Style = "cameras"
    people: int = 1
    captions: Literal["words", "cues", "late", "foreign", "none"] = "words"
    size: tuple[int, int] = (640, 360)
    fps: int = 25
    bars: float = 0.0
    sound: bool = True
    music: bool = False
    second_language: bool = False
    sparse: bool = False


KINDS = (
    Kind("lecture"),
    Kind("interview", people=2, fps=24),
    Kind("screencast", style="screen", captions="cues"),
    Kind("letterbox", bars=2.35, fps=24),
    Kind("portrait", style="jumps", captions="cues", size=(360, 640), fps=30),
    Kind("silent", style="silent", captions="none", sound=False),
    Kind("music", music=True),
    Kind("shifted", captions="late"),
    Kind("foreign", captions="foreign"),
    Kind("jumpcuts", style="jumps", captions="cues", fps=30),
    Kind("restless", style="restless"),
    Kind("walker", style="walk"),
    Kind("duo", style="pair", people=2),
    Kind("plain", style="one", captions="cues"),
    Kind("bilingual", second_language=True),
    Kind("handheld", style="shaky"),
    Kind("montage", style="montage", captions="cues", fps=30),
    Kind("dissolves", style="soft", fps=24),
    Kind("halting", captions="cues", sparse=True),
    Kind("panel", people=2, captions="cues"),
)
