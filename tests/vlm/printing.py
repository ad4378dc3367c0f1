"""Films in the head: pictures as luma over time, their prints, and what people do to a video before they put it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np

from actors.vlm.adapters.pictures.picture import Picture
from actors.vlm.adapters.seen.prints import PicturePrinter, SoundPrinter, edges, packed
from actors.vlm.adapters.sound.spectra import Spectra
from actors.vlm.ports import Prints

__all__ = ["WIDE", "Luma", "film_prints", "prints_of", "sound_prints", "story", "studio"]

Luma = Callable[[float], Any]
WIDE = (128, 72)


@dataclass
class _Frame:
    """As much of a `Picture` as its prints are made of."""

    t: float
    luma: Any


def _scene(rng: Any) -> Any:
    """A picture of its own, half as large again as WIDE, so that a camera may pan over it."""
    coarse = rng.uniform(20, 235, (6, 10)).astype(np.float32)
    fine = rng.uniform(-25, 25, (24, 40)).astype(np.float32)
    size = (WIDE[0] * 3 // 2, WIDE[1] * 3 // 2)
    both = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) + cv2.resize(fine, size)
    return np.clip(both, 0, 255).astype(np.uint8)


def story(seed: int, seconds: float = 60.0) -> Luma:
    """Another scene every 1.5 to 4 s, the camera panning over each."""
    rng = np.random.default_rng(seed)
    cuts = [0.0]
    while cuts[-1] < seconds:
        cuts.append(cuts[-1] + rng.uniform(1.5, 4.0))
    scenes = [_scene(rng) for _ in cuts]

    def luma(t: float) -> Any:
        index = max(i for i, cut in enumerate(cuts) if cut <= t)
        left = int(min(1.0, (t - cuts[index]) / 4) * WIDE[0] / 4)
        return scenes[index][18 : 18 + WIDE[1], left : left + WIDE[0]]

    return luma


def studio(seed: int) -> Luma:
    """Two cameras in the same studio for every seed; only when it is cut from one to the other is different."""
    rng = np.random.default_rng(99)
    angles = [_scene(rng)[: WIDE[1], : WIDE[0]] for _ in range(2)]
    cuts = np.cumsum(np.random.default_rng(seed).uniform(3, 9, 40))
    return lambda t: angles[int((cuts <= t).sum()) % 2]


def film_prints(
    luma: Luma,
    *,
    start: float = 0.0,
    end: float = 40.0,
    fps: float = 10.0,
    change: Callable[[Any], Any] = lambda picture: picture,
) -> bytes:
    """Prints of what is shown from `start` to `end`."""
    printer = PicturePrinter()
    for index in range(int((end - start) * fps)):
        printer.see(cast(Picture, _Frame(index / fps, np.ascontiguousarray(change(luma(start + index / fps))))))
    return printer.finish()


def sound_prints(samples: Any) -> Any:
    """Prints of mono sound at 16 kHz."""
    spectra, printer = Spectra(edges()), SoundPrinter()
    for first in range(0, len(samples), 100_000):
        spectra.push(np.asarray(samples[first : first + 100_000], np.float32))
        printer.push(spectra.take_bands())
    spectra.finish()
    printer.push(spectra.take_bands())
    return printer.finish()


def prints_of(pictures: bytes = b"", samples: Any = None) -> Prints:
    """Of picture, sound, or both."""
    return packed(pictures, None if samples is None else sound_prints(samples))
