"""Sound as frames of a spectrum, while it streams by, and what every frame tells about what makes it.

Windows of 128 ms (Hann) every 32 ms at 16 kHz. Of every frame only eight numbers are kept, 36 MB for ten hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FEATURES", "HOP", "HOP_S", "RATE", "WINDOW", "Spectra"]

RATE = 16000
"""Samples a second."""
WINDOW = 2048
HOP = 512
HOP_S = HOP / RATE
"""Seconds from frame to frame."""
FEATURES = ("level", "speech", "flatness", "flux", "voiced", "pitch", "steady", "bounce")
"""Of a frame.

`level`, `speech`: dB below full scale, of 150 to 7000 Hz and of 300 to 3400 Hz; `flatness`: geometric to arithmetic
mean of the power of 300 to 7000 Hz (1: white noise); `flux`: how much the shape of the spectrum differs from the frame
before (0 to 1); `voiced`: height of the peak of the autocorrelation at the period of a voice (0 to 1); `pitch`:
logarithm to base 2 of that frequency in Hz; `steady`: likeness of the fine structure of the spectrum to that of a
quarter of a second before (-1 to 1; a held tone: 1); `bounce`: likeness of the whole spectrum to that of about 200 ms
before (-1 to 1).
"""
QUIET = -65.0
"""dB below full scale under which a frame is silent: nothing is measured on it."""
_BLOCK = 500
"""Frames that are transformed at a time: 16 s, 4 MB."""
_BACK = 8
"""Frames before a block that `steady` looks back at."""
_LAGS = (5, 6, 7)
"""Frames: 160 to 224 ms, the distance of two bursts of laughter."""
_LOWEST, _HIGHEST = 70, 500
"""Hz; the pitch of voices."""


class Spectra:
    """Feed it sound; `features` has a row per frame, `take_bands` the energies that fingerprints are made of."""

    def __init__(self, edges: NDArray[Any]) -> None:
        """`edges`: in Hz, of the bands that `take_bands` is about."""
        import numpy as np

        self._left: list[NDArray[Any]] = [np.zeros(WINDOW // 2, np.float32)]  # so that frame 0 is centred on 0
        self._waiting = WINDOW // 2
        self._rows: list[NDArray[Any]] = []
        self._bands: list[NDArray[Any]] = []
        self._before: NDArray[Any] | None = None
        self._hann = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
        frequencies = np.fft.rfftfreq(WINDOW, 1 / RATE)
        self._sets = _band_matrix(frequencies, edges)
        self._mels = _band_matrix(frequencies, np.geomspace(150, 7000, 21))
        self._wide = (frequencies >= 150) & (frequencies <= 7000)
        self._speech = (frequencies >= 300) & (frequencies <= 3400)
        self._rough = (frequencies >= 300) & (frequencies <= 7000)
        self._fine = (frequencies >= 100) & (frequencies <= 4000)
        # The autocorrelation of the window itself, which falls with the lag and would hide low voices.
        power = np.abs(np.fft.rfft(self._hann, 2 * WINDOW)) ** 2
        own = np.fft.irfft(power)[: RATE // _LOWEST + 2]
        self._own = (own / own[0]).astype(np.float32)

    def push(self, samples: NDArray[Any]) -> None:
        """Mono samples at RATE, -1 to 1."""
        self._left.append(samples)
        self._waiting += samples.size
        if self._waiting >= WINDOW + HOP * (_BLOCK - 1):
            self._transform()

    def finish(self) -> None:
        """The last, shorter block; half a window of silence lets the last frame be centred on the end."""
        import numpy as np

        self._left.append(np.zeros(WINDOW // 2, np.float32))
        self._transform()

    def features(self) -> NDArray[Any]:
        """Shape (frames, len(FEATURES))."""
        import numpy as np

        return np.concatenate(self._rows) if self._rows else np.zeros((0, len(FEATURES)), np.float32)

    @property
    def ready(self) -> bool:
        """Whether `take_bands` has something to give."""
        return bool(self._bands)

    def take_bands(self) -> NDArray[Any]:
        """Energies of the bands, shape (frames, bands), since the last call."""
        import numpy as np

        taken, self._bands = self._bands, []
        return np.concatenate(taken) if taken else np.zeros((0, self._sets.shape[1]), np.float32)

    def _transform(self) -> None:
        import numpy as np

        sound = np.concatenate(self._left)
        count = (sound.size - WINDOW) // HOP + 1
        if count < 1:
            return
        for first in range(0, count, _BLOCK):
            last = min(count, first + _BLOCK)
            self._measure(sound[first * HOP : (last - 1) * HOP + WINDOW])
        self._left = [sound[count * HOP :].copy()]
        self._waiting = self._left[0].size

    def _measure(self, sound: NDArray[Any]) -> None:
        """One block of frames."""
        import numpy as np

        windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
        rows = np.zeros((len(windows), len(FEATURES)), np.float32)
        rows[:, :2] = -120
        if float(np.abs(sound).max(initial=0)) < 10 ** (QUIET / 20):  # hours of silence cost nothing
            self._rows.append(rows)
            self._bands.append(np.zeros((len(rows), self._sets.shape[1]), np.float32))
            self._before = None
            return
        power = np.abs(np.fft.rfft(windows * self._hann, axis=1)) ** 2 / (WINDOW * WINDOW * 0.375 / 2)
        power = power.astype(np.float32)
        self._bands.append(power @ self._sets)
        rows[:, 0] = _decibel(power[:, self._wide].sum(axis=1))
        rows[:, 1] = _decibel(power[:, self._speech].sum(axis=1))
        rough = power[:, self._rough] + 1e-12
        rows[:, 2] = np.exp(np.log(rough).mean(axis=1)) / rough.mean(axis=1)
        rows[:, 4], rows[:, 5] = self._voice(power)
        self._compare(power, rows)
        self._rows.append(rows)

    def _voice(self, power: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Height and place of the highest peak of the autocorrelation at a voice's period."""
        import numpy as np

        low = power.copy()
        low[:, ~self._wide] = 0
        low[:, power.shape[1] * 4000 * 2 // RATE :] = 0
        around = np.fft.irfft(low, axis=1)[:, : self._own.size]
        around = around / np.maximum(around[:, :1], 1e-12) / self._own
        shortest = RATE // _HIGHEST
        lags = around[:, shortest:]
        best = lags.argmax(axis=1)
        height = np.clip(lags[np.arange(len(lags)), best], 0, 1)
        return height, np.log2(RATE / (best + shortest))

    def _compare(self, power: NDArray[Any], rows: NDArray[Any]) -> None:
        """What a frame has in common with those before it."""
        import numpy as np

        fine = np.sqrt(power[:, self._fine])
        mels = np.log(power @ self._mels + 1e-9)
        now = np.concatenate([fine, mels], axis=1)
        before = self._before if self._before is not None else np.repeat(now[:1], _BACK, axis=0)
        joined = np.concatenate([before, now])
        width, count = fine.shape[1], len(fine)
        shapes = joined[:, :width]
        norm = np.linalg.norm(shapes, axis=1) + 1e-9
        shapes = shapes / norm[:, None]
        rows[:, 3] = np.sqrt(np.maximum(0, 1 - (shapes[_BACK:] * shapes[_BACK - 1 : -1]).sum(axis=1)))
        fine_structure = shapes - _smooth(shapes, 15)
        rows[:, 6] = _likeness(fine_structure[_BACK:], fine_structure[:count])
        voices = joined[:, width:]
        rows[:, 7] = np.max(
            [_likeness(_centred(voices[_BACK:]), _centred(voices[_BACK - lag : count + _BACK - lag])) for lag in _LAGS],
            axis=0,
        )
        self._before = joined[-_BACK:]


def _band_matrix(frequencies: NDArray[Any], edges: NDArray[Any]) -> NDArray[Any]:
    """Which share of every bin belongs to every band; shape (bins, bands)."""
    import numpy as np

    half = (frequencies[1] - frequencies[0]) / 2
    low, high = edges[:-1][None], edges[1:][None]
    inside = np.minimum(high, frequencies[:, None] + half) - np.maximum(low, frequencies[:, None] - half)
    shares: NDArray[Any] = np.clip(inside / (2 * half), 0, 1).astype(np.float32)
    return shares


def _decibel(power: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    decibel: NDArray[Any] = 10 * np.log10(np.maximum(power, 1e-12))
    return decibel


def _smooth(rows: NDArray[Any], width: int) -> NDArray[Any]:
    """Moving mean along the second axis."""
    import numpy as np

    sums = np.cumsum(np.pad(rows, ((0, 0), (width // 2 + 1, width // 2)), mode="edge"), axis=1)
    smooth: NDArray[Any] = (sums[:, width:] - sums[:, :-width]) / width
    return smooth


def _centred(rows: NDArray[Any]) -> NDArray[Any]:
    centred: NDArray[Any] = rows - rows.mean(axis=1, keepdims=True)
    return centred


def _likeness(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """Cosine of the angle between rows."""
    import numpy as np

    norm = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    likeness: NDArray[Any] = (a * b).sum(axis=1) / np.maximum(norm, 1e-12)
    return likeness
