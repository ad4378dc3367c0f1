"""Fingerprints of picture and sound, made while a clip is looked at and listened to.

Picture: twice a second the signs of 16 x 16 low frequencies of its cosine transform, 256 bits, of the whole picture and
of its centre in the other orientation (9:16 of a wide one, 16:9 of a tall one). After PDQ (Facebook, 2019), but with
signs in place of a median: so each of its eight dihedral variants is made from the bits alone. Sound: 31 times a second
32 bits, the signs of energy differences along 33 bands and time, after Haitsma and Kalker, A Highly Robust Audio
Fingerprinting System, 2002. What tells nothing (black, silence, a steady hum) has no print: all bits are 0.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.pictures.picture import Picture
from actors.vlm.ports import Prints

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PICTURE_STEP", "SIDE", "PicturePrinter", "SoundPrinter", "edges", "packed", "variant"]

PICTURE_STEP = 0.5
"""Seconds from one print of the picture to the next."""
SIDE = 16
"""Frequencies kept in each direction."""
GRID = 64
"""Pixels of the square that a picture is squeezed into."""
FLAT = 6.0
"""Standard deviation of luma (0 to 255) under which a picture tells nothing."""
WIDE = 1.2
"""Width to height from which a picture is wide; the inverse: tall."""
LONGEST = 48 * 3600.0
"""Seconds; what claims to be shown later than this is broken."""
LOWEST, HIGHEST, BANDS = 300, 2000, 33
SMOOTH = 9
"""Frames (32 ms) that energies are averaged over: with the window about 0.37 s."""
APART = 3
"""Frames between the two energies that are compared."""
HUM = 0.01
"""Share of the energy that must change between two frames for their print to tell anything."""
SILENT = 10 ** (-62 / 10)
"""Energy of all bands under which a frame has no print."""


def edges() -> NDArray[Any]:
    """Of the bands that prints of sound are made of, in Hz."""
    import numpy as np

    return np.geomspace(LOWEST, HIGHEST, BANDS + 1)


class SoundPrinter:
    """Feed it energies of bands, frame by frame; `finish` gives a uint32 for every frame."""

    def __init__(self) -> None:
        import numpy as np

        self._left: NDArray[Any] = np.zeros((SMOOTH // 2 + APART, BANDS), np.float32)
        self._prints: list[NDArray[Any]] = []

    def push(self, energies: NDArray[Any]) -> None:
        """Shape (frames, BANDS), in order of time."""
        import numpy as np

        rows = np.concatenate([self._left, energies])
        count = len(rows) - (SMOOTH - 1) - APART
        if count > 0:
            self._prints.append(_sound_prints(rows))
            self._left = rows[count:]
        else:
            self._left = rows

    def finish(self) -> NDArray[Any]:
        """One print per frame that was pushed."""
        import numpy as np

        self.push(np.zeros((SMOOTH // 2, BANDS), np.float32))
        return np.concatenate(self._prints) if self._prints else np.zeros(0, np.uint32)


def _sound_prints(energies: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    sums = np.cumsum(np.pad(energies.astype(np.float64), ((1, 0), (0, 0))), axis=0)
    smooth = (sums[SMOOTH:] - sums[:-SMOOTH]) / SMOOTH
    slopes = smooth[:, :-1] - smooth[:, 1:]
    moved = slopes[APART:] - slopes[:-APART]
    total = smooth[APART:].sum(axis=1)
    prints = np.packbits(moved > 0, axis=1, bitorder="little").view(np.uint32).ravel()
    prints[(total < SILENT) | (np.abs(moved).sum(axis=1) < HUM * total)] = 0
    return prints


class PicturePrinter:
    """The observer: two prints (whole, centre) of every picture that is due."""

    def __init__(self) -> None:
        import numpy as np

        rows, places = np.arange(1, SIDE + 1)[:, None], np.arange(GRID)[None]
        self._cosines = np.cos(np.pi * rows * (2 * places + 1) / (2 * GRID)).astype(np.float32)
        self._prints: list[NDArray[Any]] = []

    def see(self, picture: Picture) -> None:
        """See `Observer.see`."""
        due = int(picture.t / PICTURE_STEP + 1e-6) + 1
        missing = due - len(self._prints)
        if missing < 1 or picture.t > LONGEST:
            return
        now = self._both(picture.luma)
        # A picture stands until the next one comes.
        self._prints += [*[self._prints[-1] if self._prints else now] * (missing - 1), now]

    def finish(self) -> bytes:
        """Per step 32 bytes of the whole picture and 32 of its centre."""
        return b"".join(each.tobytes() for each in self._prints)

    def _both(self, luma: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        return np.stack([self._print(luma), self._print(_centre(luma))])

    def _print(self, luma: NDArray[Any]) -> NDArray[Any]:
        import cv2
        import numpy as np

        if luma.std() < FLAT:
            return np.zeros(32, np.uint8)
        square = cv2.resize(luma, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
        return np.packbits(self._cosines @ square @ self._cosines.T > 0)


def packed(pictures: bytes, sound: NDArray[Any] | None) -> Prints:
    """Prints as they travel and are kept; as `PicturePrinter` and `SoundPrinter` give them, None without sound."""
    heard = b"" if sound is None else sound.astype("<u4").tobytes()
    return Prints(pictures=b64encode(pictures).decode(), sound=b64encode(heard).decode())


def _centre(luma: NDArray[Any]) -> NDArray[Any]:
    """9:16 out of the middle of a wide picture, 16:9 of a tall one; all of a squarish one."""
    height, width = luma.shape
    if width > WIDE * height:
        keep = max(2, round(height * 9 / 16))
        return luma[:, (width - keep) // 2 : (width - keep) // 2 + keep]
    if height > WIDE * width:
        keep = max(2, round(width * 9 / 16))
        return luma[(height - keep) // 2 : (height - keep) // 2 + keep]
    return luma


def variant(prints: NDArray[Any], which: int) -> NDArray[Any]:
    """Prints (last axis: 32 bytes) of the pictures turned or mirrored.

    `which`: bit 0 mirrored left to right, bit 1 upside down, bit 2 rows for columns before that. Mirroring turns the
    sign of every odd frequency. Where there is no print there is none.
    """
    import numpy as np

    bits = np.unpackbits(prints, axis=-1).reshape(*prints.shape[:-1], SIDE, SIDE)
    if which & 4:
        bits = bits.swapaxes(-1, -2)
    odd = (np.arange(1, SIDE + 1) % 2).astype(np.uint8)
    if which & 1:
        bits = bits ^ odd[None, :]
    if which & 2:
        bits = bits ^ odd[:, None]
    turned = np.packbits(bits.reshape(*prints.shape[:-1], SIDE * SIDE), axis=-1)
    return np.where(prints.any(axis=-1, keepdims=True), turned, 0)
