"""Where the words of a clip may come from, in the order in which it is tried. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from actors.transcriber.core.cues import Cue
from contracts.media import CaptionTrack

__all__ = ["CAPTIONS", "CaptionKind", "Captions", "kind_of", "steps", "wanted"]

CaptionKind = Literal["given", "timed", "untimed"]
"""`given` with the order or beside the file; else of the source, with the time of every word, or without."""
CAPTIONS: tuple[CaptionKind, ...] = get_args(CaptionKind)

_GIVEN = frozenset({"given", "beside"})
_ORDER = {"given": 0, "beside": 1, "source": 2, "automatic": 3}


@dataclass(frozen=True)
class Captions:
    """A caption file that was read."""

    track: CaptionTrack
    cues: tuple[Cue, ...]


def wanted(order: Sequence[str], tracks: Iterable[CaptionTrack]) -> list[CaptionTrack]:
    """Captions that the order may use, by how they are trusted: given, beside the file, from the source, automatic.

    Whether those of a source have the times of their words shows when they are read.
    """
    may = [track for track in tracks if ({"given"} if track.origin in _GIVEN else {"timed", "untimed"}) & set(order)]
    return sorted(may, key=lambda track: _ORDER[track.origin])


def kind_of(captions: Captions) -> CaptionKind:
    """What an order of sources calls them."""
    if captions.track.origin in _GIVEN:
        return "given"
    return "timed" if any(cue.pieces for cue in captions.cues) else "untimed"


def steps(order: Sequence[str], captions: Iterable[Captions]) -> list[Captions | str]:
    """What to try, one after the other.

    `order`: names of kinds of captions, in whose places the captions of that kind stand, best first; any other name is
    that of a recognizer and stays. Captions whose kind is not named are not used.
    """
    read = sorted(captions, key=lambda c: _ORDER[c.track.origin])
    tried: list[Captions | str] = []
    for name in dict.fromkeys(order):
        tried += [c for c in read if kind_of(c) == name] if name in CAPTIONS else [name]
    return tried
