"""What lies beside a video: `NAME.json` with its description, `NAME.srt`, `.vtt` or `.json3` with its captions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from contracts.sidecar import LARGEST, Sidecar, parse_sidecar

__all__ = ["Captions", "captions_by_stem", "read_sidecar"]

_CAPTIONS = (".json3", ".vtt", ".srt")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")


@dataclass(frozen=True)
class Captions:
    """A caption file, and the language in its name."""

    name: str
    language: str | None


def read_sidecar(path: Path) -> Sidecar:
    """The file's content. Raises `SidecarError` where it is no JSON object of this shape, `OSError`."""
    with path.open("rb") as file:
        return parse_sidecar(file.read(LARGEST + 1))


def captions_by_stem(names: Iterable[str]) -> dict[str, Captions]:
    """The best captions of a folder for each name without a suffix: word times first, then names without a language."""
    best: dict[str, tuple[tuple[int, str], Captions]] = {}

    def offer(stem: str, order: tuple[int, str], captions: Captions) -> None:
        if stem not in best or order < best[stem][0]:
            best[stem] = (order, captions)

    for name in names:
        base, _, ending = name.rpartition(".")
        suffix = f".{ending}"
        if not base or suffix not in _CAPTIONS:
            continue
        offer(base, (_CAPTIONS.index(suffix), ""), Captions(name, None))
        stem, _, language = base.rpartition(".")
        if stem and _LANGUAGE.match(language):
            offer(stem, (_CAPTIONS.index(suffix), language), Captions(name, language))
    return {stem: captions for stem, (_, captions) in best.items()}
