"""What tests of listening share: kept parts in memory, what was told, and languages without a child process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from actors.transcriber.adapters.language_child import languages
from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part
from actors.transcriber.ports import Recording
from contracts.media import Stretch

__all__ = ["Parts", "Told", "languages_here", "recording", "sound_file", "tones"]


class Parts:
    """Keeps parts as the store does; see `Kept`."""

    def __init__(self) -> None:
        self.there: dict[Part, HeardPart] = {}

    async def get(self, part: Part) -> HeardPart | None:
        return self.there.get(part)

    async def put(self, heard: HeardPart) -> None:
        self.there[Part(heard.start, heard.end)] = heard


class Told:
    """Keeps what was told about progress."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.shares: list[float] = []

    async def __call__(self, done: float | None, note: str, eta_s: float | None) -> None:
        self.notes.append(note)
        if done is not None:
            self.shares.append(done)


async def languages_here(texts: Sequence[str]) -> list[Mapping[str, float]]:
    """What the child process tells, in this one, which reads its model once."""
    return list(languages(texts))


def recording(media: Path, *speech: tuple[float, float], language: str | None = None) -> Recording:
    """A recording in which somebody speaks at these times."""
    spans = tuple(Stretch(start=start, end=end) for start, end in speech)
    return Recording(media, spans[-1].end + 1, spans, language)


def tones(seconds: float, *loud: tuple[float, float], rate: int = 16000) -> NDArray[np.int16]:
    """Silence with a tone at these times."""
    samples = np.zeros(round(seconds * rate), np.int16)
    for start, end in loud:
        n = np.arange(round(start * rate), round(end * rate))
        samples[n] = (np.sin(n * 2 * np.pi * 440 / rate) * 8000).astype(np.int16)
    return samples


def sound_file(path: Path, samples: NDArray[np.int16], *, rate: int = 16000, codec: str) -> Path:
    """Samples in a file, encoded second by second."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=rate, layout="mono")
        for at in range(0, len(samples), rate):
            frame = av.AudioFrame.from_ndarray(samples[at : at + rate].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
