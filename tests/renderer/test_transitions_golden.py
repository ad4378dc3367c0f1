"""Every transition a quarter, half and three quarters through, as the gallery shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.picture import Camera, Shape
from actors.renderer.adapters.planes import planes_of
from actors.renderer.adapters.transitions import TRANSITIONS
from actors.renderer.core import Aim
from tests.support import scene
from tests.support.golden import compare, rgb_of

SIZE = (180, 320)
GALLERY = Path(__file__).resolve().parents[2] / "docs" / "gallery" / "transitions"
SHARES = (0.25, 0.5, 0.75)
CASES = [(name, share) for name in TRANSITIONS for share in SHARES]


def shot(frame: VideoFrame) -> VideoFrame:
    return Camera(*SIZE).shoot(frame, Shape(scene.WIDTH, scene.HEIGHT, 1.0, 0), Aim("center"))


@pytest.mark.parametrize(("name", "share"), CASES)
def test_a_transition_looks_as_it_did(name: str, share: float, tmp_path: Path) -> None:
    before, after = shot(scene.evening()), shot(scene.room())
    TRANSITIONS[name](planes_of(before), planes_of(after), share)
    compare(GALLERY / f"{name}-{round(share * 100)}.jpg", rgb_of(after), tmp_path)


def test_no_picture_in_the_gallery_is_left_over() -> None:
    expected = {f"{name}-{round(share * 100)}.jpg" for name, share in CASES}
    assert {path.name for path in GALLERY.glob("*.jpg")} == expected
