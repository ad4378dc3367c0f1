"""Golden pictures: what was once looked at and found right, compared by structure (SSIM) and by colour.

`WRITE_GOLDEN=1 pytest ...` writes them anew; look at every one that changes before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Picture", "compare", "rgb_of", "ssim"]

Picture = np.ndarray[Any, np.dtype[np.uint8]]
WRITE = "WRITE_GOLDEN"
BLOCK = 8
_PLANES = ("luma", "Cb", "Cr")


def compare(golden: Path, picture: Picture, tmp_path: Path, *, least: float = 0.97, off: float = 6.0) -> None:
    """Fail unless `picture` (rows, columns, 3; sRGB) looks like the file `golden`.

    Each of luma, Cb and Cr must have an SSIM of at least `least`, and no 8x8 block whose mean is off by more than
    `off` codes: SSIM hardly sees a tint. JPEG at quality 90 alone gives about 0.98 and 2.
    """
    if os.environ.get(WRITE) == "1":
        golden.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(golden, quality=90, optimize=True)
        return
    assert golden.exists(), f"{golden} is missing: run this test with {WRITE}=1, look at the picture, and commit it"
    with Image.open(golden) as opened:
        expected = np.asarray(opened.convert("RGB"))
    faults = _faults(expected, picture, least, off)
    if faults:
        actual = tmp_path / golden.with_suffix(".actual.png").name
        Image.fromarray(picture).save(actual)
        raise AssertionError(
            f"{golden.name} has changed: {'; '.join(faults)}. The picture now is {actual}; "
            f"if it is as it should be, run this test with {WRITE}=1"
        )


def ssim(one: Any, other: Any, peak: float = 255.0) -> float:
    """Mean structural similarity of two planes over blocks of 8x8.

    Wang, Bovik, Sheikh, Simoncelli 2004, "Image quality assessment: from error visibility to structural similarity",
    equation 13 with K1 = 0.01 and K2 = 0.03; uniform blocks instead of its Gaussian window.
    """
    a, b = _blocks(one), _blocks(other)
    mean_a, mean_b = a.mean(axis=-1), b.mean(axis=-1)
    spread_a, spread_b = a.var(axis=-1), b.var(axis=-1)
    shared = (a * b).mean(axis=-1) - mean_a * mean_b
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    similar = (2 * mean_a * mean_b + c1) * (2 * shared + c2)
    return float((similar / ((mean_a**2 + mean_b**2 + c1) * (spread_a + spread_b + c2))).mean())


def rgb_of(frame: VideoFrame) -> Picture:
    """A picture of the short (BT.709, limited range) as a screen shows it."""
    from av.video.reformatter import ColorRange, Colorspace, Interpolation

    shown = frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC,
    )
    return np.asarray(shown.to_ndarray(), np.uint8)


def _faults(expected: Picture, picture: Picture, least: float, off: float) -> list[str]:
    if expected.shape != picture.shape:
        return [f"it is {picture.shape[1]}x{picture.shape[0]} and was {expected.shape[1]}x{expected.shape[0]}"]
    faults = []
    for name, old, new in zip(_PLANES, _planes(expected), _planes(picture), strict=True):
        alike = ssim(old, new)
        apart = np.abs(_blocks(old).mean(axis=-1) - _blocks(new).mean(axis=-1)).max()
        if alike < least:
            faults.append(f"SSIM of {name} is {alike:.4f}, at least {least} is wanted")
        if apart > off:
            faults.append(f"a block of {name} is {apart:.1f} codes off, {off} is allowed")
    return faults


def _planes(rgb: Picture) -> tuple[Any, Any, Any]:
    """Luma, and Cb and Cr at half the size, in codes around zero (BT.709); chroma is shifted so that SSIM sees it."""
    r, g, b = (rgb[..., n].astype(np.float64) for n in range(3))
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return luma, _halved((b - luma) / 1.8556) + 128, _halved((r - luma) / 1.5748) + 128


def _halved(plane: Any) -> Any:
    rows, columns = plane.shape[0] // 2, plane.shape[1] // 2
    return plane[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2).mean(axis=(1, 3))


def _blocks(plane: Any) -> Any:
    """(down, across, 64)"""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    cut = np.asarray(plane, np.float64)[: rows * BLOCK, : columns * BLOCK]
    return cut.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(rows, columns, BLOCK * BLOCK)
