"""Still pictures over the picture."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from contracts.timeline import ImageOverlay, ProgressOverlay
from runtime.errors import Reject
from tests.renderer.media import GREEN, RED, color_at, near
from tests.renderer.overlaid import SIZE, ground, made, rgb, save, shown, untouched


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
