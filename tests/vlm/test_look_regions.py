"""Text, logos, black bars and recordings of a screen: found where they are, and nowhere else."""

from __future__ import annotations

from typing import Any

import av
import cv2
import numpy as np
import pytest

from actors.vlm.adapters.people.faces import Face, Faces
from actors.vlm.adapters.pictures.bars import BarFinder
from actors.vlm.adapters.pictures.logos import LogoFinder
from actors.vlm.adapters.pictures.picture import Observer, Picture, Scaler
from actors.vlm.adapters.pictures.screens import ScreenFinder, recordings
from actors.vlm.adapters.pictures.sharpness import SharpnessMeter
from actors.vlm.adapters.pictures.text import TextFinder
from contracts.media import Stretch
from tests.vlm.footage import WIDE, Painter, drifting, rooms, written

FPS = 4


def seen(paint: Painter, seconds: float, *observers: Observer[Any]) -> None:
    """These pictures, shown to the observers as the decoder would give them."""
    before = None
    for number in range(round(seconds * FPS)):
        frame = av.VideoFrame.from_ndarray(paint(number / FPS), format="rgb24").reformat(format="yuv420p")
        before = Picture(number / FPS, frame, Scaler(frame, 1.0), before)
        for observer in observers:
            observer.see(before)


def holds(area: Any, x: float, y: float) -> bool:
    """Whether the point is in the area."""
    return bool(area.x <= x <= area.x + area.width and area.y <= y <= area.y + area.height)


def captioned(room: Painter) -> Painter:
    """Captions from second 2 to second 5, white with an outline, as they are burnt in."""

    def paint(t: float) -> Any:
        words = ("Nobody told us that", "it would get this big")[t > 3.5]
        if not 2 <= t < 5:
            return room(t)
        return written(room(t), words, (0.25, 0.8), 0.07, stroke_width=3, stroke_fill="black")

    return paint


def test_burnt_in_captions_are_found_where_and_while_they_are_there() -> None:
    text = TextFinder()
    seen(captioned(drifting(1)), 7, text)
    found = text.finish()
    assert {area.kind for area in found} == {"text"}
    assert all(holds(area, 0.4, 0.85) and area.height < 0.25 for area in found)
    assert min(area.start for area in found) == pytest.approx(2, abs=0.6)
    assert max(area.end for area in found) == pytest.approx(5, abs=0.6)
    for t in (2.2, 3.0, 3.9, 4.8):
        assert any(area.start <= t <= area.end for area in found)


def test_a_lower_third_on_a_plate_is_found() -> None:
    room = drifting(2)

    def paint(t: float) -> Any:
        picture = room(t)
        picture[270:330, 30:330] = (20, 40, 120)
        picture = written(picture, "Ada Lovelace", (0.07, 0.765), 0.065)
        return written(picture, "Analyst, London", (0.07, 0.85), 0.04, fill=(230, 220, 90))

    text = TextFinder()
    seen(paint, 3, text)
    found = text.finish()
    assert any(holds(area, 0.15, 0.81) for area in found)
    assert any(holds(area, 0.15, 0.88) for area in found)
    assert all(area.x > 0.02 and area.x + area.width < 0.6 and area.y > 0.7 for area in found)


@pytest.mark.parametrize(("words", "y"), [("это никому не нужно", 0.2), ("Ποτέ δεν το είπαν", 0.5)])
def test_text_in_other_alphabets_is_found(words: str, y: float) -> None:
    text = TextFinder()
    seen(
        lambda t: written(rooms(3), words, (0.2, y), 0.08, stroke_width=3, stroke_fill="black"),
        2,
        text,
    )
    assert any(holds(area, 0.4, y + 0.06) for area in text.finish())


@pytest.mark.parametrize(("fill", "light"), [((255, 255, 255), 0.6), ((0, 0, 0), 1.0)], ids=["white", "black"])
def test_a_title_of_huge_letters_is_found_whole(fill: tuple[int, int, int], light: float) -> None:
    text = TextFinder()
    room = (np.clip(rooms(3), 60, 200) * light).astype(np.uint8)
    seen(lambda t: written(room, "GREAT PLAINS", (0.1, 0.3), 0.2, fill=fill, stroke_width=4, stroke_fill=fill), 3, text)
    assert any(holds(area, 0.15, 0.45) and holds(area, 0.8, 0.45) for area in text.finish())


def leaves(seed: int) -> Painter:
    """Bright leaves and dark branches, everywhere, in the wind."""
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, (*WIDE, 255), (900, 3))
    sizes = rng.integers(2, 9, (900, 2))

    def paint(t: float) -> Any:
        picture = rooms(seed) // 3
        for (x, y, tone), (w, h) in zip(spots, sizes, strict=True):
            centre = (int(x + 2 * np.sin(t * 3 + y)), int(y))
            cv2.ellipse(
                picture, centre, (int(w), int(h)), int(x % 180), 0, 360, (int(tone) // 3, int(tone), int(tone) // 4), -1
            )
        return picture

    return paint


def grid(t: float) -> Any:
    """A house front: equal bright windows in rows, and a fence."""
    picture = np.full((WIDE[1], WIDE[0], 3), (120, 90, 70), np.uint8)
    for y in range(20, 220, 36):
        for x in range(20, 620, 24):
            picture[y : y + 20, x : x + 12] = (230, 225, 200)
    picture[260:340, ::10] = (20, 20, 20)
    picture[260:340, 1::10] = (20, 20, 20)
    return picture


def fence(t: float) -> Any:
    """White boards in front of a dark hedge."""
    picture = rooms(2) // 4
    for x in range(60, 580, 40):
        picture[120:260, x : x + 22] = 250
    picture[180:195, 60:580] = 250
    return picture


@pytest.mark.parametrize("paint", [drifting(4), leaves(5), grid, fence], ids=["room", "leaves", "grid", "fence"])
def test_what_is_no_text_is_not_taken_for_text(paint: Painter) -> None:
    text = TextFinder()
    seen(paint, 3, text)
    assert text.finish() == []


def badge(picture: Any) -> Any:
    """A station's sign in the upper right corner."""
    picture = written(picture, "TV7", (0.86, 0.05), 0.09, fill=(250, 250, 250))
    cv2.circle(picture := picture.copy(), (535, 34), 12, (250, 60, 60), -1)
    return picture


def test_a_logo_that_stays_over_changing_shots_is_found() -> None:
    logos = LogoFinder()
    seen(lambda t: badge(rooms(int(t / 1.5))), 15, logos)
    found = logos.finish()
    assert found
    assert all(area.kind == "logo" and area.x > 0.75 and area.y + area.height < 0.3 for area in found)
    assert any(holds(area, 0.9, 0.11) and area.start == 0 and area.end > 14.5 for area in found)


def street(t: float) -> Any:
    """A grey road from a bridge, a sign painted on it; cars drive past on the left, and the light changes."""
    picture = badge(np.full((WIDE[1], WIDE[0], 3), 80, np.uint8))
    picture[:, :310] = rooms(int(t / 1.5))[:, :310]
    return cv2.add(picture, np.full_like(picture, 45 * (1 + np.sin(2 * t))))


@pytest.mark.parametrize("paint", [lambda t: rooms(int(t / 1.5)), drifting(6), lambda t: badge(rooms(3)), street])
def test_what_changes_and_a_scene_that_stands_still_have_no_logo(paint: Painter) -> None:
    logos = LogoFinder()
    seen(paint, 15, logos)
    assert logos.finish() == []


@pytest.mark.parametrize(("rows", "columns"), [(46, 0), (0, 80), (30, 60)])
def test_black_bars_are_measured(rows: int, columns: int) -> None:
    height, width = WIDE[1] - 2 * rows, WIDE[0] - 2 * columns
    shots = [drifting(seed, (width, height)) for seed in range(4)]

    def paint(t: float) -> Any:
        picture = np.zeros((WIDE[1], WIDE[0], 3), np.uint8)
        picture[rows : rows + height, columns : columns + width] = shots[int(t / 2)](t)
        # A dark scene tells nothing, and subtitles in the bar do not make it smaller.
        if 4 <= t < 6:
            picture //= 8
        return written(picture, "and then?", (0.4, 0.93), 0.05) if t < 0.2 else picture

    bars = BarFinder()
    seen(paint, 8, bars)
    box = bars.finish()
    assert box is not None
    assert (box.x, box.y) == pytest.approx((columns / WIDE[0], rows / WIDE[1]), abs=0.006)
    assert (box.x + box.width, box.y + box.height) == pytest.approx((1 - box.x, 1 - box.y), abs=0.006)


def on_a_dark_stage(t: float) -> Any:
    """A speaker in a spot of light; all else is black."""
    picture = np.zeros((WIDE[1], WIDE[0], 3), np.uint8)
    x = int(320 + 60 * np.sin(t))
    cv2.ellipse(picture, (x, 330), (90, 120), 0, 0, 360, (70, 80, 120), -1)
    cv2.ellipse(picture, (x, 170), (40, 55), 0, 0, 360, (210, 170, 140), -1)
    return picture


@pytest.mark.parametrize("paint", [drifting(8), on_a_dark_stage, lambda t: rooms(8) // 12])
def test_a_picture_without_bars_has_none_however_dark_it_is(paint: Painter) -> None:
    bars = BarFinder()
    seen(paint, 4, bars)
    assert bars.finish() is None


def desktop(t: float) -> Any:
    """A window with lines of text on an even ground; a line more every two seconds, and a pointer that moves."""
    picture = np.full((WIDE[1], WIDE[0], 3), 236, np.uint8)
    picture[:24] = (50, 50, 60)
    picture[40:340, 60:600] = 255
    picture[40:341:300, 60:600] = 90
    for line in range(4 + int(t / 2)):
        picture = written(picture, "for each in range(12): print(each)", (0.12, 0.15 + 0.07 * line), 0.05, fill="black")
    picture = picture.copy()
    picture[200:212, int(100 + 40 * t) : int(106 + 40 * t)] = 0
    return picture


def test_a_recording_of_a_screen_is_told_from_a_camera() -> None:
    screens, camera = ScreenFinder(), drifting(9)
    seen(lambda t: desktop(t) if 4 <= t < 12 else camera(t), 15, screens)
    (span,) = screens.finish()
    assert (span.start, span.end) == pytest.approx((4, 12), abs=1.1)


def editor(t: float) -> Any:
    """A dark page that is full of text, of which a word more is there every second; no window, no rule."""
    picture = np.full((WIDE[1], WIDE[0], 3), 32, np.uint8)
    for line in range(13):
        said = "why do waves make sand grow away, axis by axis?" if line < 12 else "so " * int(1 + t)
        picture = written(picture, said, (0.08, 0.1 + 0.065 * line), 0.045, fill=(205, 205, 200))
    return picture


def test_a_page_of_text_is_a_screen_although_letters_run_along_no_axis() -> None:
    screens = ScreenFinder()
    seen(editor, 8, screens)
    (span,) = screens.finish()
    assert (span.start, span.end) == pytest.approx((0, 8), abs=1.1)


def drawn(t: float) -> Any:
    """A sky that is lighter below, pillars before it, and a label: drawn by hand, and nearly still."""
    shades = np.linspace(40, 160, WIDE[1]) + np.linspace(-12, 12, WIDE[0])[:, None]
    picture = np.repeat(shades.T[:, :, None], 3, 2).round().astype(np.uint8)
    for pillar in range(12):
        picture[100:300, 20 + 52 * pillar : 44 + 52 * pillar] = 200
    picture[30:70, 200:440] = 20
    return written(picture, "Two thirds" if t < 3 else "are lost", (0.36, 0.1), 0.07, fill="white")


def black(t: float) -> Any:
    """Nothing at all."""
    return np.zeros((WIDE[1], WIDE[0], 3), np.uint8)


@pytest.mark.parametrize("paint", [drifting(9), on_a_dark_stage, lambda t: rooms(3), drawn, black])
def test_what_a_camera_took_or_somebody_drew_is_no_recording_of_a_screen(paint: Painter) -> None:
    screens = ScreenFinder()
    seen(paint, 6, screens)
    assert screens.finish() == []


@pytest.mark.parametrize(
    ("width", "left"),
    [(0.08, [(0.0, 20.0)]), (0.14, [(0.0, 10.0)]), (None, [(0.0, 20.0)])],
    ids=["small", "large", "none"],
)
def test_a_shot_with_a_large_face_is_no_recording_of_a_screen(
    width: float | None, left: list[tuple[float, float]]
) -> None:
    face = () if width is None else (Face(0.5, 0.5, width, 2.4 * width),)
    faces: Faces = [(t / 2, face if t >= 20 else ()) for t in range(60)]
    span = Stretch(start=0, end=20)
    found = recordings([span], [(0, 10), (10, 30)], faces)
    assert [(each.start, each.end) for each in found] == left


def test_sharpness_falls_when_the_focus_is_lost() -> None:
    sharpness = SharpnessMeter()
    room = drifting(10)
    seen(lambda t: room(t) if t < 2 else cv2.GaussianBlur(room(t), (0, 0), 4), 4, sharpness)
    values = [value for _, value in sharpness.finish()]
    assert all(0 <= value <= 1 for value in values)
    assert min(values[:4]) > 2 * max(values[-3:])


def test_a_black_picture_is_not_sharp() -> None:
    sharpness = SharpnessMeter()
    seen(lambda t: np.zeros((WIDE[1], WIDE[0], 3), np.uint8), 1, sharpness)
    assert {value for _, value in sharpness.finish()} == {0.0}
