"""What lies over the picture: stills, other footage, the bar, the mark."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

from actors.renderer.adapters.overlays import Painter, painters
from actors.renderer.adapters.picture import planes_of, tag
from actors.renderer.core import schedule
from contracts.media import Framing
from contracts.timeline import (
    Canvas,
    ImageOverlay,
    InsertOverlay,
    Overlay,
    ProgressOverlay,
    Segment,
    Timeline,
    TitleOverlay,
    WatermarkOverlay,
)
from runtime.errors import Reject
from tests.renderer.media import GREEN, RED, Film, clock, color_at, columns, make, near, quarters

SIZE = (108, 192)
FPS = 10
PIXELS = 1_000_000
YELLOW = (255, 230, 0)


def timeline(*overlays: Overlay, seconds: float = 4.0) -> Timeline:
    return Timeline(
        canvas=Canvas(width=SIZE[0], height=SIZE[1], fps=FPS),
        segments=(Segment(source="x.mp4", end=seconds),),
        overlays=overlays,
    )


def made(*overlays: Overlay, seconds: float = 4.0, size: tuple[int, int] = SIZE) -> list[Painter]:
    plan = timeline(*overlays, seconds=seconds)
    return painters(plan, schedule(plan), size, None, PIXELS)


def ground(luma: int = 60, size: tuple[int, int] = SIZE) -> VideoFrame:
    frame = VideoFrame(*size, "yuv420p")
    for plane, value in zip(planes_of(frame), (luma, 128, 128), strict=True):
        plane[:] = value
    tag(frame)
    return frame


def rgb(frame: VideoFrame) -> Any:
    return frame.to_ndarray(format="rgb24")


def shown(painter: Painter, number: int, luma: int = 60, size: tuple[int, int] = SIZE) -> Any:
    frame = ground(luma, size)
    painter.paint(frame, number)
    return rgb(frame)


def through(painter: Painter, numbers: Sequence[int]) -> dict[int, Any]:
    return {number: shown(painter, number) for number in numbers}


def untouched(picture: Any, luma: int = 60) -> bool:
    return bool((picture == rgb(ground(luma))).all())


def save(path: Path, color: tuple[int, ...], size: tuple[int, int] = (40, 20), **more: Any) -> str:
    Image.new("RGBA" if len(color) == 4 else "RGB", size, color).save(path, **more)
    return str(path)


# Still pictures


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif"])
def test_a_picture_of_any_format_is_seen_where_it_is_wanted_in_its_colours(tmp_path: Path, name: str) -> None:
    [painter] = made(ImageOverlay(source=save(tmp_path / name, RED), x=0.5, y=0.25, width=0.5, fade=0))
    picture = shown(painter, 5)
    assert near(color_at(picture, 0.5, 0.25), RED)
    assert near(color_at(picture, 0.28, 0.25), RED) and near(color_at(picture, 0.72, 0.25), RED)
    ground_color = color_at(rgb(ground()), 0.5, 0.5)
    assert near(color_at(picture, 0.22, 0.25), ground_color, 2) and near(color_at(picture, 0.5, 0.34), ground_color, 2)


def test_transparency_and_opacity_let_the_video_through(tmp_path: Path) -> None:
    [half] = made(ImageOverlay(source=save(tmp_path / "a.png", (255, 255, 255, 128)), fade=0))
    [again] = made(ImageOverlay(source=save(tmp_path / "b.png", (255, 255, 255)), opacity=0.5, fade=0))
    [none] = made(ImageOverlay(source=save(tmp_path / "c.png", (255, 255, 255, 0)), fade=0))
    under = int(rgb(ground())[0, 0, 0])
    for painter in (half, again):
        assert color_at(shown(painter, 5), 0.5, 0.5)[0] == pytest.approx((255 + under) / 2, abs=3)
    assert untouched(shown(none, 5))


def test_what_is_hidden_under_transparency_does_not_bleed_into_the_edges(tmp_path: Path) -> None:
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[..., :3] = (0, 255, 0)
    pixels[:, 100:] = (255, 255, 255, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    [painter] = made(ImageOverlay(source=str(tmp_path / "a.png"), fade=0))
    row = shown(painter, 5, luma=235)[SIZE[1] // 2].astype(int)
    assert abs(row[:, 1] - row[:, 0]).max() < 6


def test_it_comes_and_goes_softly_and_only_when_it_shall(tmp_path: Path) -> None:
    [painter] = made(ImageOverlay(source=save(tmp_path / "a.png", (255, 255, 255)), start=1, end=3, fade=0.5))
    values = [int(shown(painter, number)[SIZE[1] // 2, SIZE[0] // 2, 0]) for number in range(40)]
    under = int(rgb(ground())[0, 0, 0])
    assert values[:10] == values[30:] == [under] * 10
    assert under < values[10] < values[12] < values[14] < 255
    assert set(values[15:25]) == {255}
    assert values[10:15] == values[29:24:-1]


def test_a_picture_from_a_phone_is_turned_as_its_camera_was_held(tmp_path: Path) -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, :40], pixels[:, 40:] = RED, GREEN
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    [painter] = made(ImageOverlay(source=str(tmp_path / "a.jpg"), fade=0))
    picture = shown(painter, 5)
    assert near(color_at(picture, 0.5, 0.35), RED, 20) and near(color_at(picture, 0.5, 0.65), GREEN, 20)


def test_grey_of_sixteen_bits_is_scaled_not_clipped(tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 20), 32768, np.uint16)).save(tmp_path / "a.png")
    [painter] = made(ImageOverlay(source=str(tmp_path / "a.png"), fade=0))
    assert near(color_at(shown(painter, 5), 0.5, 0.5), (128, 128, 128), 3)


def test_a_picture_much_taller_than_wide_fits_on_the_canvas(tmp_path: Path) -> None:
    [painter] = made(ImageOverlay(source=save(tmp_path / "a.png", RED, (10, 4000)), width=1.0, fade=0))
    picture = shown(painter, 5)
    changed = np.argwhere((picture != rgb(ground())).any(axis=2))
    assert changed[:, 0].min() == 0 and changed[:, 0].max() == SIZE[1] - 1
    assert np.ptp(changed[:, 1]) < 4


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (1.0, 1.0), (0.0, 0.97), (0.503, 0.337)])
def test_a_picture_may_hang_over_any_border(tmp_path: Path, x: float, y: float) -> None:
    [painter] = made(ImageOverlay(source=save(tmp_path / "a.png", RED, (33, 31)), x=x, y=y, width=0.31, fade=0))
    place = min(max(x, 0.02), 0.98), min(max(y, 0.02), 0.98)
    assert near(color_at(shown(painter, 5), *place), RED)


def test_a_picture_is_as_sharp_as_it_can_be(tmp_path: Path) -> None:
    pixels = np.zeros((400, 400, 3), np.uint8)
    pixels[:, 200:] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    [painter] = made(ImageOverlay(source=str(tmp_path / "a.png"), width=0.5, fade=0))
    row = shown(painter, 5)[SIZE[1] // 2, 35:75, 0]
    assert sum(30 < value < 225 for value in row.tolist()) <= 2


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.png", None, "There is no picture at missing.png"),
        ("text.png", b"hello", "text.png is not a picture that can be read"),
        ("empty.png", b"", "empty.png is not a picture that can be read"),
        ("cut.png", "cut", "cut.png can't be read as a picture"),
        ("bomb.png", "bomb", "bomb.png is larger than this renderer accepts (4000x4000 pixels)"),
        ("folder.png", "folder", "folder.png can't be read as a picture"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture that can be read"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_by_the_field_that_names_it(
    tmp_path: Path, name: str, content: bytes | str | None, says: str
) -> None:
    path = tmp_path / name
    match content:
        case "cut":
            noise = np.random.default_rng(1).integers(0, 255, (100, 100, 3), np.uint8)
            Image.fromarray(noise).save(path)
            path.write_bytes(path.read_bytes()[:9000])
        case "bomb":
            Image.new("1", (4000, 4000)).save(path)
        case "folder":
            path.mkdir()
        case bytes():
            path.write_bytes(content)
    bar, image = ProgressOverlay(), ImageOverlay(source=str(path))
    with pytest.raises(Reject) as refused:
        made(bar, image)
    assert refused.value.field == "overlays.1.source"
    assert says in refused.value.what
    assert refused.value.advice


def test_a_bomb_is_refused_by_its_header_before_any_of_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("1", (2, 2)).save(path)
    body = bytearray(path.read_bytes())
    body[16:24] = (60000).to_bytes(4, "big") * 2
    import zlib

    body[29:33] = zlib.crc32(bytes(body[12:29])).to_bytes(4, "big")
    path.write_bytes(body)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Reject, match="larger than this renderer accepts"):
            made(ImageOverlay(source=str(path)))


# The bar


def test_the_bar_grows_by_fractions_of_a_pixel_and_is_full_with_the_last_picture() -> None:
    [painter] = made(ProgressOverlay(height=0.05), seconds=40)
    widths = []
    for number in (0, 1, 199, 200, 399):
        row = shown(painter, number)[2].astype(float)
        widths.append(float(np.clip(row[:, 0] / 255, 0, 1).sum()))
    assert np.all(np.diff(widths) > 0.1)
    picture = shown(painter, 399)
    assert near(color_at(picture, 0.99, 0.01), YELLOW, 14) and near(color_at(picture, 0.01, 0.01), YELLOW, 14)
    middle = shown(painter, 199)
    assert near(color_at(middle, 0.45, 0.01), YELLOW, 14) and not near(color_at(middle, 0.55, 0.01), YELLOW, 60)


def test_the_bar_lies_at_the_edge_that_is_wanted_and_leaves_the_rest_alone() -> None:
    for edge, rows in (("top", slice(12, None)), ("bottom", slice(None, -12))):
        [painter] = made(ProgressOverlay(edge=edge, color="#00ff00", height=0.05))
        picture = shown(painter, 39)
        assert (picture[rows] == rgb(ground())[rows]).all()
        assert picture[2 if edge == "top" else -3, 5, 1] > 200


# The mark


@pytest.mark.parametrize("corner", ["top_left", "top_right", "bottom_left", "bottom_right"])
@pytest.mark.parametrize("size", [(216, 384), (384, 216), (216, 216)])
@pytest.mark.parametrize("text", ["", "@me", "Sing with us every Thursday"])
def test_a_mark_lies_in_its_corner_within_margins(
    tmp_path: Path, corner: Any, size: tuple[int, int], text: str
) -> None:
    source = None if text else save(tmp_path / "a.png", (255, 255, 255))
    [painter] = made(WatermarkOverlay(source=source, text=text, corner=corner), size=size)
    changed = np.argwhere((shown(painter, 0, size=size) != rgb(ground(size=size))).any(axis=2))
    top, left = changed.min(axis=0) / (size[1], size[0])
    bottom, right = changed.max(axis=0) / (size[1], size[0])
    assert left > 0.02 and right < 0.98 and top > 0.02 and bottom < 0.98
    assert ((top + bottom) / 2 < 0.5) == corner.startswith("top")
    assert ((left + right) / 2 < 0.5) == corner.endswith("left")
    assert painter.remarks() == ()
    if size[0] < size[1]:  # where platforms lay their own texts and buttons
        assert top > 0.08 and bottom < 0.8
        assert right < 0.89 or corner != "bottom_right"


def test_a_mark_of_words_is_as_faint_as_wanted() -> None:
    size = (432, 768)
    marks = [WatermarkOverlay(text="WWWW", width=0.5, opacity=opacity) for opacity in (1.0, 0.3)]
    strong, weak = (int(shown(painter, 0, size=size).max()) for painter in made(*marks, size=size))
    under = int(rgb(ground())[0, 0, 0])
    assert strong > 240
    assert weak == pytest.approx(under + 0.3 * (255 - under), abs=6)


def test_a_mark_that_no_font_can_write_is_said() -> None:
    [painter] = made(WatermarkOverlay(text="\U000e0041\ue123"))
    assert untouched(shown(painter, 0))
    assert painter.remarks()[0].startswith("overlays.0: no font here has the letters")


# Other footage


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three seconds whose brightness tells the time."""
    path = tmp_path_factory.mktemp("roll") / "roll.mp4"
    return str(make(path, Film(width=192, height=108, seconds=3, fps=25, paint=clock)))


def test_an_insert_shows_its_footage_from_where_it_begins_in_place_of_the_picture(roll: str) -> None:
    [painter] = made(InsertOverlay(source=roll, start=1, end=2.5, source_start=0.5))
    seen = through(painter, range(40))
    painter.close()
    assert all(untouched(seen[number]) for number in (*range(10), *range(25, 40)))
    for number in range(10, 25):
        brightness = int(seen[number][SIZE[1] // 2, SIZE[0] // 2, 0])
        assert brightness == pytest.approx(20 + 20 * (0.5 + (number - 10) / FPS), abs=4)
    assert painter.remarks() == ()


def test_an_insert_is_framed_as_it_says(tmp_path: Path) -> None:
    path = str(make(tmp_path / "wide.mp4", Film(width=192, height=108, seconds=1, paint=columns)))
    center, fit = made(
        InsertOverlay(source=path, end=0.5), InsertOverlay(source=path, end=0.5, framing=Framing(mode="fit"))
    )
    cropped, whole = shown(center, 0), shown(fit, 0)
    assert near(color_at(cropped, 0.05, 0.5), GREEN, 20) and near(color_at(cropped, 0.95, 0.5), GREEN, 20)
    assert near(color_at(whole, 0.1, 0.5), RED, 20) and near(color_at(whole, 0.5, 0.5), GREEN, 20)
    center.close()
    fit.close()


def test_an_insert_fades_between_the_segment_and_its_footage(tmp_path: Path) -> None:
    white = str(make(tmp_path / "white.mp4", Film(width=96, height=54, seconds=3, paint=lambda t, w, h: flat(h, w))))
    [painter] = made(InsertOverlay(source=white, start=1, end=3, fade=0.5))
    values = [int(picture[96, 54, 0]) for picture in through(painter, range(40)).values()]
    painter.close()
    under = values[0]
    assert under < values[10] < values[12] < values[14] < values[20]
    assert values[20] > values[26] > values[28] > values[29] > under == values[30]


def flat(height: int, width: int) -> Any:
    return np.full((height, width, 3), 255, np.uint8)


def test_footage_that_ends_too_early_gives_the_picture_back_and_says_so(roll: str) -> None:
    [painter] = made(InsertOverlay(source=roll, source_start=2, end=4))
    seen = through(painter, range(40))
    painter.close()
    assert not untouched(seen[8]) and untouched(seen[20])
    [remark] = painter.remarks()
    assert remark.startswith("overlays.0: its footage is ") and "too short" in remark


def test_footage_without_an_end_of_its_own_place_is_just_over(roll: str) -> None:
    [painter] = made(InsertOverlay(source=roll, source_start=2, fade=0.3))
    seen = through(painter, range(40))
    painter.close()
    assert not untouched(seen[5]) and untouched(seen[20])
    assert painter.remarks() == ()


def test_only_what_is_seen_of_the_footage_is_decoded_and_it_is_let_go_of(tmp_path: Path) -> None:
    path = str(make(tmp_path / "long.mp4", Film(width=96, height=54, seconds=20, fps=25, options={"g": "10"})))
    [painter] = made(InsertOverlay(source=path, source_start=15, end=1))
    shown(painter, 0)
    painter.close()
    assert painter._reading.frames < 50  # type: ignore[attr-defined]  # how much was decoded is its own business
    painter.close()


def test_footage_of_which_nothing_can_be_decoded_is_said(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", Film(width=96, height=54, seconds=2, options={"g": "5", "preset": "ultrafast"}))
    body = bytearray(path.read_bytes())
    start = body.index(b"mdat") + 4
    length = int.from_bytes(body[start - 8 : start - 4], "big") - 8
    body[start : start + length] = bytes(length)
    path.write_bytes(body)
    [painter] = made(InsertOverlay(source=str(path), end=1.5))
    assert all(untouched(picture) for picture in through(painter, range(40)).values())
    painter.close()
    assert painter.remarks()[0] == "overlays.0: no picture of its footage can be decoded there; it shows the segment"


@pytest.mark.parametrize(
    ("make_it", "field", "says"),
    [
        (lambda folder: folder / "missing.mp4", "source", "There is no footage at missing.mp4"),
        (lambda folder: Path(save(folder / "a.png", RED)), "source", "a.png can't be inserted"),
        (
            lambda folder: make(folder / "a.mp4", Film(width=64, height=36, seconds=1, paint=quarters)),
            "source_start",
            "a.mp4 is 1.00 s long, and is to start at 9.00 s",
        ),
        (
            lambda folder: make(folder / "big.mp4", Film(width=1920, height=1080, seconds=0.1, paint=quarters)),
            "source",
            "larger than this renderer accepts",
        ),
    ],
)
def test_footage_that_cannot_be_had_is_refused_by_its_field(
    tmp_path: Path, make_it: Any, field: str, says: str
) -> None:
    with pytest.raises(Reject) as refused:
        made(InsertOverlay(source=str(make_it(tmp_path)), source_start=9))
    assert refused.value.field == f"overlays.0.{field}"
    assert says in refused.value.what


# All of them


def test_inserts_lie_under_everything_else_whatever_their_place_in_the_list(tmp_path: Path, roll: str) -> None:
    mark = ImageOverlay(source=save(tmp_path / "a.png", RED), fade=0)
    found = made(mark, InsertOverlay(source=roll), ProgressOverlay())
    frame = ground()
    for painter in found:
        painter.paint(frame, 0)
        painter.close()
    assert near(color_at(rgb(frame), 0.5, 0.5), RED)


def test_an_overlay_after_the_end_is_said_and_one_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", RED)
    [painter] = made(ImageOverlay(source=source, start=9))
    assert all(untouched(picture) for picture in through(painter, range(40)).values())
    assert painter.remarks() == ("overlays.0 starts at 9 s, when the short is over: it is not seen",)
    with pytest.raises(Reject) as refused:
        made(ImageOverlay(source=source, start=3, end=2))
    assert refused.value.field == "overlays.0.end"


def test_a_title_that_begins_behind_the_end_is_a_remark_and_no_fault() -> None:
    [painter] = made(TitleOverlay(text="late", start=50))
    assert painter.remarks()
