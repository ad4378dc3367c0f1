"""What is heard when: speech, music, laughter and applause, from the features of a clip's frames.

Speech against music after Scheirer and Slaney, Construction and Evaluation of a Robust Multifeature Speech/Music
Discriminator, 1997: energy that is modulated at the rate of syllables, a voice whose pitch glides, and no tones that
are held. Every sign is a share from 0 to 1, and a sound is as certain as its weakest sign: what lacks one is not told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.sound.spectra import FEATURES, HOP_S
from contracts.sight import Sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ENVELOPE_STEP", "envelope_of", "sounds_of"]

ENVELOPE_STEP = 0.1
"""Seconds."""
STEP = 0.25
"""Seconds from one judgement to the next."""
AROUND = 63
"""Frames (2 s) that a judgement is made of."""
MODULATION = 64
"""Frames that the modulation of energy is measured on."""
AUDIBLE = -55.0
"""dB below full scale under which nothing is told,"""
RANGE = 30.0
"""and dB under the loudest twentieth of the clip."""
VOICED = 0.6
"""Height of the peak of the autocorrelation from which a frame has a pitch."""
ONSET = 6.0
"""dB by which applause rises above what was before it; what does not is rain, or an engine."""
SURE, UNSURE = 0.5, 0.3
"""A sound begins where it is surer than the one and lasts until it is less sure than the other."""
KINDS = {"speech": (0.6, 0.95), "music": (3.0, 0.9), "laughter": (0.8, 0.7), "applause": (1.2, 0.8)}
"""Shortest length in seconds, and the most certainty that these signs alone can give."""
_PIECE = 2400
BRIDGE = 1.0
"""Seconds of doubt within one sound."""


def envelope_of(features: NDArray[Any]) -> NDArray[Any]:
    """Amplitude (0 to 1) of 300 to 3400 Hz, where speech is; one value per ENVELOPE_STEP from 0 on."""
    import numpy as np

    amplitude = 10 ** (features[:, FEATURES.index("speech")] / 20)
    steps = (np.arange(len(amplitude)) * HOP_S / ENVELOPE_STEP).astype(int)
    sums = np.bincount(steps, weights=amplitude)
    envelope: NDArray[Any] = sums / np.maximum(np.bincount(steps), 1)
    return envelope


def sounds_of(features: NDArray[Any]) -> tuple[Sound, ...]:
    """Spans of sound, in order of time; those of different kinds may overlap. `features`: as `Spectra` gives them."""
    import numpy as np

    if len(features) < MODULATION:
        return ()
    active = _audible(features[:, 0])
    frames = {name: column.astype(np.float64) for name, column in zip(FEATURES, features.T, strict=True)}
    signs = _signs(frames, active.astype(np.float64))
    scores = {
        "speech": _speech(signs),
        "music": np.maximum(_tones(signs), _beats(signs)),
        "laughter": _laughter(signs),
        "applause": _applause(signs),
    }
    found = [sound for kind, score in scores.items() for sound in _spans(kind, score, active)]
    return tuple(sorted(found, key=lambda sound: (sound.start, sound.kind)))


def _audible(level: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    audible: NDArray[Any] = level > max(AUDIBLE, float(np.quantile(level, 0.95)) - RANGE)
    return audible


def _signs(frames: dict[str, NDArray[Any]], audible: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Means over 2 s at every STEP; of the `audible` frames (1, the others 0) where that matters."""
    import numpy as np

    count = len(frames["level"])
    at = np.minimum(count - 1, np.arange(0, count * HOP_S, STEP) / HOP_S).astype(int)
    share = _mean(audible, AROUND)[at]

    def mean(values: NDArray[Any], of: NDArray[Any] = audible) -> NDArray[Any]:
        own = share if of is audible else _mean(of, AROUND)[at]
        weighted: NDArray[Any] = _mean(values * of, AROUND)[at] / np.maximum(own, 0.02)
        return weighted

    voiced = audible * (frames["voiced"] > VOICED)
    glide = np.abs(np.diff(frames["pitch"], prepend=frames["pitch"][:1]))
    level = frames["level"] - _mean(frames["level"], 31)
    signs = {name: mean(frames[name]) for name in ("flatness", "flux", "voiced", "steady", "bounce")}
    signs |= {
        "audible": share,
        "pitched": mean(voiced, audible),
        "glides": mean(((glide > 0.01) & (glide < 0.15)).astype(float), voiced),
        "swing": np.sqrt(mean(level**2)),
        "shimmer": _in_pieces(_median, np.abs(frames["level"] - _mean(frames["level"], 9)), at),
        "rise": _rise(frames["level"])[at],
        "change": 1 - _lowest(signs["steady"], round(4 / STEP)),
    }
    signs["modulation"] = _in_pieces(_modulation, 10 ** (frames["speech"] / 20), at)
    return signs | {"beat": _beat(frames["level"])[at]}


def _in_pieces(measure: Callable[..., NDArray[Any]], values: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    """`measure` at all places, 10 minutes at a time: it needs a window of values for each."""
    import numpy as np

    return np.concatenate([measure(values, at[first : first + _PIECE]) for first in range(0, len(at), _PIECE)])


def _modulation(amplitude: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    """Power of the modulation of amplitude at 2 to 8 Hz; 1: as large as the mean itself."""
    import numpy as np

    padded = np.pad(amplitude, MODULATION // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, MODULATION)[at]
    hann = np.hanning(MODULATION)
    relative = windows / (windows.mean(axis=1, keepdims=True) + 1e-9) - 1
    power = np.abs(np.fft.rfft(relative * hann, axis=1)) ** 2 * 4 / (MODULATION * float(hann @ hann))
    rate = np.fft.rfftfreq(MODULATION, HOP_S)
    modulation: NDArray[Any] = power[:, (rate >= 2) & (rate <= 8)].sum(axis=1)
    return modulation


def _rise(level: NDArray[Any]) -> NDArray[Any]:
    """dB by which the next 2 s are louder than the second before the last; the most of the last 20 s."""
    import numpy as np

    second, count = round(1 / HOP_S), len(level)
    padded = np.pad(level, (2 * second, 2 * second), mode="edge")
    means = np.convolve(padded, np.ones(second) / second, "same")
    later, before = means[round(2.7 * second) :][:count], means[second // 2 :][:count]
    rises = later[: len(before)] - before[: len(later)]
    return -_lowest(-np.pad(rises, (0, count - len(rises)), mode="edge"), 20 * second, back=True)


def _beat(level: NDArray[Any]) -> NDArray[Any]:
    """How regular onsets are: the highest autocorrelation of rises of level at 0.25 to 1 s, over 8 s."""
    import numpy as np

    onsets = np.maximum(0, np.diff(np.maximum(level, -60), prepend=max(-60.0, float(level[0]))))
    onsets = onsets - _mean(onsets, 31)
    width = round(8 / HOP_S)
    own = _mean(onsets**2, width) + 1e-3
    best = np.zeros(len(level))
    for lag in range(round(0.25 / HOP_S), round(1 / HOP_S) + 1):
        shifted = np.pad(onsets[lag:] * onsets[:-lag], (lag, 0)) if lag < len(onsets) else np.zeros(len(onsets))
        best = np.maximum(best, _mean(shifted, width) / own)
    return best


def _speech(signs: dict[str, NDArray[Any]]) -> NDArray[Any]:
    return _weakest(
        _share(signs["modulation"], 0.15, 0.4),
        _share(signs["pitched"], 0.05, 0.2),
        _share(signs["glides"], 0.1, 0.3),
        _share(signs["steady"], 0.45, 0.3),
        _share(signs["bounce"], 0.85, 0.65),
        _share(signs["audible"], 0.1, 0.3),
    )


def _tones(signs: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """Tones that are held and do change now and then: a hum does not."""
    return _weakest(
        _share(signs["steady"], 0.25, 0.45),
        _share(signs["change"], 0.03, 0.1),
        _share(signs["glides"], 0.5, 0.3),
        _share(signs["audible"], 0.3, 0.6),
    )


def _beats(signs: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """Drums alone: strokes at the same distance, without a voice."""
    return 0.7 * _weakest(
        _share(signs["beat"], 0.35, 0.6),
        _share(signs["pitched"], 0.2, 0.1),
        _share(signs["modulation"], 0.5, 1.0),
        _share(signs["swing"], 3.0, 8.0),
    )


def _laughter(signs: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """A voice in bursts that are like each other, 160 to 224 ms apart. Of many people it is no voice, and not told."""
    return _weakest(
        _share(signs["bounce"], 0.6, 0.75),
        _share(signs["pitched"], 0.15, 0.35),
        _share(signs["glides"], 0.3, 0.5),
        _share(signs["steady"], 0.1, 0.0),
        _share(signs["modulation"], 0.1, 0.3),
        _share(signs["flux"], 0.36, 0.42),
    )


def _applause(signs: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """Broad noise without pitch that shimmers, since it is made of claps, and that began all of a sudden."""
    return _weakest(
        _share(signs["flatness"], 0.12, 0.2),
        _share(signs["voiced"], 0.35, 0.25),
        _share(signs["steady"], 0.5, 0.35),
        _share(signs["modulation"], 1.2, 0.8),
        _share(signs["shimmer"], 0.3, 0.45),
        _share(signs["rise"], ONSET, 2 * ONSET),
        _share(signs["audible"], 0.3, 0.6),
    )


def _spans(kind: str, score: NDArray[Any], active: NDArray[Any]) -> list[Sound]:
    """Where the score of one kind is high; the edges are moved to what is audible."""
    import numpy as np

    shortest, most = KINDS[kind]
    bridge = round(BRIDGE / STEP)
    spans: list[list[int]] = []
    for index in np.flatnonzero(score >= UNSURE).tolist():
        if spans and index - spans[-1][1] <= bridge:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    sounds = []
    for first, last in spans:
        part = score[first : last + 1]
        loud = np.flatnonzero(active[round(first * STEP / HOP_S) : round((last + 1) * STEP / HOP_S)])
        if part.max() < SURE or not loud.size:
            continue
        start = first * STEP + float(loud[0]) * HOP_S
        end = first * STEP + float(loud[-1] + 1) * HOP_S
        if end - start >= shortest:
            sure = round(most * float(np.mean(part[part >= UNSURE])), 2)
            sounds.append(Sound.model_validate({"kind": kind, "start": start, "end": end, "confidence": sure}))
    return sounds


def _share(values: NDArray[Any], zero: float, one: float) -> NDArray[Any]:
    """0 at `zero`, 1 at `one`, linear in between."""
    import numpy as np

    share: NDArray[Any] = np.clip((values - zero) / (one - zero), 0, 1)
    return share


def _weakest(*shares: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    weakest: NDArray[Any] = np.min(shares, axis=0)
    return weakest


def _mean(values: NDArray[Any], width: int) -> NDArray[Any]:
    """Moving mean of `width` values around each."""
    import numpy as np

    left = width // 2
    padded = np.pad(values, (left, width - 1 - left), mode="edge")
    sums = np.cumsum(np.pad(padded, (1, 0)))
    mean: NDArray[Any] = (sums[width:] - sums[:-width]) / width
    return mean


def _median(values: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    """Of AROUND values around each place: what happens in less than half of them does not count."""
    import numpy as np

    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, AROUND // 2, mode="edge"), AROUND)
    median: NDArray[Any] = np.median(windows[at], axis=1)
    return median


def _lowest(values: NDArray[Any], width: int, *, back: bool = False) -> NDArray[Any]:
    """Moving minimum of `width` values around each, or up to each (`back`)."""
    import cv2
    import numpy as np

    anchor = (width - 1) if back else width // 2
    row = np.ascontiguousarray(values, np.float32)[None]
    lowest: NDArray[Any] = cv2.erode(row, np.ones((1, width), np.uint8), anchor=(anchor, 0))[0].astype(np.float64)
    return lowest
