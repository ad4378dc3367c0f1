"""Pictures that are moved and scaled whole."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from actors.renderer.adapters.looks.light import Scaler
from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.planes import planes_of

__all__ = ["closer", "side_by_side", "smeared"]


def side_by_side(before: list[Plane], after: list[Plane], share: float) -> None:
    """In `after`: a window on both, `before` left of `after`, that has gone `share` of the way to the right."""
    half = round(after[1].shape[1] * share)
    for plane, (old, new) in enumerate(zip(before, after, strict=True)):
        gone = half if plane else 2 * half
        rest = new.shape[1] - gone
        new[:, rest:] = new[:, :gone].copy()
        new[:, :rest] = old[:, gone:]


def smeared(picture: list[Plane], length: float) -> None:
    """In place: blurred along the rows over about `length` columns of luma."""
    for number, plane in enumerate(picture):
        rows, columns = plane.shape
        fewer = max(4, round(3 * columns / (length / 2 if number else length)))
        if fewer < columns:
            narrow = Scaler(Interpolation.AREA).scaled(plane, fewer, rows)
            wide = np.pad(narrow.astype(np.uint16), ((0, 0), (1, 1)), mode="edge")
            narrow = ((wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:] + 1) // 3).astype(np.uint8)
            plane[:] = Scaler(Interpolation.BICUBIC).scaled(narrow, columns, rows)


def closer(picture: list[Plane], zoom: float) -> None:
    """In place: the middle of the picture, `zoom` times as large."""
    half_rows, half_columns = picture[1].shape
    across, down = round(half_columns * (1 - 1 / zoom) / 2), round(half_rows * (1 - 1 / zoom) / 2)
    if not across and not down:
        return
    windows = []
    for plane, scale in zip(picture, (2, 1, 1), strict=True):
        rows, columns = plane.shape
        x, y = scale * across, scale * down
        windows.append(plane[y : rows - y, x : columns - x])
    frame = VideoFrame.from_dlpack(tuple(windows), format="yuv420p")
    width, height = 2 * half_columns, 2 * half_rows
    # Bilinear: what moves so fast need not be sharper, and it costs half.
    larger = VideoReformatter().reformat(frame, width, height, interpolation=Interpolation.BILINEAR, threads=1)
    for plane, scaled in zip(picture, planes_of(larger), strict=True):
        plane[:] = scaled
