"""Every look at its usual strength, as the gallery shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.looks import LOOKS, Instant
from actors.renderer.adapters.looks.chain import Chain
from actors.renderer.adapters.picture import Camera, Shape
from actors.renderer.core import Aim
from contracts.style import LookUse
from tests.support import scene
from tests.support.golden import compare, rgb_of

SIZE = (270, 480)
FPS = 30
DURATION = 3.0
GALLERY = Path(__file__).resolve().parents[2] / "docs" / "gallery" / "looks"
SHOWN: dict[str, tuple[float, ...]] = {
    "slow_zoom": (0.0, 2.9),
    "pull_out": (0.0, 2.9),
    "punch_in": (1.0, 1.2),
    "shake": (0.5, 1.3),
    "blur_in": (0.0, 0.3),
    "color_shift": (2.25, 6.75),
    "light_leak": (0.5, 2.5),
    "glitch": (1.0, 1.1),
}
"""Seconds at which a look shows; others are the same at any time."""
TOLERANCES: dict[str, tuple[float, float]] = {
    "grain": (0.90, 6.0),
    **dict.fromkeys(("slow_zoom", "pull_out", "punch_in", "shake"), (0.95, 25.0)),
}
"""SSIM and codes; of the camera's looks half a pixel more or less is no change, and is seen on fine lines."""
CASES = [(name, moment) for name in LOOKS for moment in SHOWN.get(name, (1.0,))]


def looked(name: str, moment: float) -> VideoFrame:
    camera, chain = Camera(*SIZE), Chain((LookUse(name=name, every=1.0),), SIZE, FPS)
    at = Instant(frame=round(moment * FPS), time=moment, duration=DURATION, fps=FPS)
    shape = Shape(scene.WIDTH, scene.HEIGHT, 1.0, 0)
    return chain.apply(camera.shoot(scene.evening(), shape, Aim("center"), chain.view(at)), at)


@pytest.mark.parametrize(("name", "moment"), CASES)
def test_a_look_looks_as_it_did(name: str, moment: float, tmp_path: Path) -> None:
    picture = looked(name, moment)
    least, off = TOLERANCES.get(name, (0.97, 6.0))
    compare(GALLERY / _file(name, moment), rgb_of(picture), tmp_path, least=least, off=off)


def test_the_picture_without_a_look_is_as_it_was(tmp_path: Path) -> None:
    frame = Camera(*SIZE).shoot(scene.evening(), Shape(scene.WIDTH, scene.HEIGHT, 1.0, 0), Aim("center"))
    compare(GALLERY / "original.jpg", rgb_of(frame), tmp_path)


def test_no_picture_in_the_gallery_is_left_over() -> None:
    expected = {_file(name, moment) for name, moment in CASES} | {"original.jpg"}
    assert {path.name for path in GALLERY.glob("*.jpg")} == expected


def _file(name: str, moment: float) -> str:
    moments = SHOWN.get(name, (1.0,))
    return f"{name}.jpg" if len(moments) == 1 else f"{name}-{moments.index(moment) + 1}.jpg"
