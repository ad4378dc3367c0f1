"""The same video is found whatever was done to it; another one is not, however much it looks or sounds alike."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from actors.vlm.adapters.pictures.eye import watch
from actors.vlm.adapters.seen.library import PrintLibrary
from actors.vlm.adapters.seen.prints import PicturePrinter, packed, variant
from actors.vlm.adapters.sound.listen import listen
from actors.vlm.ports import Prints
from contracts.sight import Sound
from runtime.media import FileMediaStore
from tests.vlm.comparing import compared, looked_at
from tests.vlm.printing import WIDE, film_prints, prints_of, sound_prints, story, studio
from tests.vlm.sounding import RATE, applause, band, loud, noise, speech


def captioned(picture: Any) -> Any:
    picture = picture.copy()
    cv2.putText(picture, "WHO ATE IT", (28, 62), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 255, 1)
    return picture


def upright(picture: Any) -> Any:
    """9:16 out of the middle."""
    return cv2.resize(picture[:, (WIDE[0] - 40) // 2 : (WIDE[0] + 40) // 2], (72, 128))


def fitted(picture: Any) -> Any:
    """All of it across the middle of an upright picture, over itself out of focus."""
    ground = cv2.GaussianBlur(cv2.resize(picture, (72, 128)), (0, 0), 6)
    ground[44:84] = cv2.resize(picture, (72, 40))
    return ground


def noisy(picture: Any) -> Any:
    """As after a poor encoder: coarse, and grainy."""
    small = cv2.resize(picture, (48, 27), interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng(3).normal(0, 6, picture.shape)
    return np.clip(cv2.resize(small, WIDE) + grain, 0, 255).astype(np.uint8)


CHANGES: dict[str, Any] = {
    "nothing": {},
    "mirrored": {"change": lambda p: p[:, ::-1]},
    "upside down": {"change": lambda p: p[::-1, ::-1]},
    "9:16 out of the middle": {"change": upright},
    "fitted into 9:16": {"change": fitted},
    "brighter": {"change": lambda p: np.clip(p * 1.2 + 15.0, 0, 255).astype(np.uint8)},
    "captioned": {"change": captioned},
    "encoded again": {"change": noisy},
    "another frame rate": {"fps": 23.0},
    "enlarged": {"change": lambda p: cv2.resize(p[2:70, 3:125], WIDE)},
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_picture_is_known_whatever_was_done_to_it(media: FileMediaStore, name: str) -> None:
    second = film_prints(story(1), start=7.3, end=33.0, **CHANGES[name])
    found = await compared(media, prints_of(film_prints(story(1))), prints_of(second))
    assert sum(seen.end - seen.start for seen in found) > 20
    for seen in found:
        assert (seen.clip_id, seen.by, seen.mirrored) == ("youtube:first", "picture", name == "mirrored")
        assert seen.other_start - seen.start == pytest.approx(7.3, abs=0.6)


def resampled(samples: Any, speed: float) -> Any:
    places = np.arange(int(len(samples) / speed)) * speed
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


@pytest.mark.parametrize("name", ["nothing", "quieter", "noise beneath", "1 % faster", "1 % slower"])
async def test_speech_is_known_whatever_was_done_to_it(media: FileMediaStore, name: str) -> None:
    whole = speech()
    part = whole[int(4.2 * RATE) : int(18 * RATE)]
    part = {
        "nothing": part,
        "quieter": 0.1 * part,
        "noise beneath": loud(part + 0.15 * noise(14, pink=True)[: len(part)]),
        "1 % faster": resampled(part, 1.01),
        "1 % slower": resampled(part, 0.99),
    }[name]
    (seen,) = await compared(media, prints_of(samples=whole), prints_of(samples=part))
    assert (seen.by, seen.mirrored) == ("sound", False)
    assert seen.end - seen.start > 9
    assert seen.other_start - seen.start == pytest.approx(4.2, abs=0.25)


async def test_picture_and_sound_together_are_both(media: FileMediaStore) -> None:
    talk = speech()[: 18 * RATE]
    first = prints_of(film_prints(story(1), end=18), talk)
    (seen,) = await compared(
        media, first, prints_of(film_prints(story(1), end=18, change=CHANGES["mirrored"]["change"]), talk)
    )
    assert (seen.by, seen.mirrored) == ("both", True)
    assert seen.start < 1 and seen.end > 17


async def test_what_was_cut_out_and_put_elsewhere_is_told_piece_by_piece(media: FileMediaStore) -> None:
    one = (
        film_prints(story(1), start=5, end=15) + film_prints(story(2), end=10) + film_prints(story(1), start=25, end=37)
    )
    found = await compared(media, prints_of(film_prints(story(1))), prints_of(one))
    assert [round(seen.other_start - seen.start) for seen in found] == [5, 5]
    assert [(round(seen.start / 2), round(seen.end / 2)) for seen in found] == [(0, 5), (10, 16)]


@pytest.mark.parametrize("seed", range(2, 8))
async def test_another_story_is_not_the_same(media: FileMediaStore, seed: int) -> None:
    assert await compared(media, prints_of(film_prints(story(1))), prints_of(film_prints(story(seed)))) == ()


@pytest.mark.parametrize("seed", range(2, 8))
async def test_two_talks_in_one_studio_are_not_the_same(media: FileMediaStore, seed: int) -> None:
    talk = speech()
    first = prints_of(film_prints(studio(1), end=60), talk[: 9 * RATE])
    assert await compared(media, first, prints_of(film_prints(studio(seed), end=60), talk[10 * RATE :])) == ()


async def test_the_same_music_under_another_picture_is_another_video(media: FileMediaStore) -> None:
    music = band(20.0)
    heard = (Sound(kind="music", start=0, end=20, confidence=0.8),)
    first = prints_of(film_prints(story(1), end=20), music)
    assert await compared(media, first, prints_of(film_prints(story(2), end=20), music), heard) == ()
    (seen,) = await looked_at(PrintLibrary(media), "vimeo:third", first, heard)
    assert (seen.clip_id, seen.by) == ("youtube:first", "both")


@pytest.mark.parametrize("kind", ["black", "white", "grain"])
async def test_black_pictures_and_silence_are_nothing(media: FileMediaStore, kind: str) -> None:
    rng = np.random.default_rng(1)
    pictures: dict[str, Any] = {
        "black": lambda t: np.full(WIDE[::-1], 16, np.uint8),
        "white": lambda t: np.full(WIDE[::-1], 235, np.uint8),
        "grain": lambda t: rng.normal(30, 3, WIDE[::-1]).astype(np.uint8),
    }
    still = prints_of(film_prints(pictures[kind], fps=2), np.zeros(40 * RATE, np.float32))
    assert await compared(media, still, still) == ()


async def test_a_still_picture_and_a_hum_are_nothing(media: FileMediaStore) -> None:
    scene, t = story(1)(0.0), np.arange(40 * RATE) / RATE
    still = prints_of(film_prints(lambda t: scene, fps=2), 0.1 * np.sin(2 * np.pi * 440 * t))
    assert await compared(media, still, still) == ()


async def test_less_than_five_seconds_are_no_stretch(media: FileMediaStore) -> None:
    short = film_prints(story(2), end=15) + film_prints(story(1), start=10, end=14) + film_prints(story(3), end=15)
    assert await compared(media, prints_of(film_prints(story(1))), prints_of(short)) == ()
    talk = speech()[5 * RATE : int(8.5 * RATE)]
    found = await compared(media, prints_of(samples=speech()), prints_of(samples=np.concatenate([applause(6), talk])))
    assert found == ()


def test_noise_has_no_two_prints_alike() -> None:
    one, two = sound_prints(noise(20, 1)), sound_prints(noise(20, 2))
    assert np.bitwise_count(one ^ two).mean() == pytest.approx(16, abs=1.5)


def test_variants_are_what_the_turned_pictures_have() -> None:
    luma = story(4)

    def square(t: float) -> Any:
        return cv2.resize(luma(t), (72, 72))

    turned: list[Any] = [
        lambda p: p,
        lambda p: p[:, ::-1],
        lambda p: p[::-1],
        lambda p: p[::-1, ::-1],
        lambda p: p.T,
        lambda p: p.T[:, ::-1],
        lambda p: p.T[::-1],
        lambda p: p.T[::-1, ::-1],
    ]
    own = np.frombuffer(film_prints(square, end=6), np.uint8).reshape(-1, 2, 32)
    for which, turn in enumerate(turned):
        made = film_prints(square, end=6, change=turn)
        apart = np.bitwise_count(variant(own, which) ^ np.frombuffer(made, np.uint8).reshape(-1, 2, 32)).sum(axis=-1)
        assert apart.mean() < 4, which


@pytest.mark.media
async def test_a_real_film_is_known_mirrored_small_and_encoded_again(media: FileMediaStore, tmp_path: Path) -> None:
    path = Path(__file__).resolve().parents[2].parent / "shared" / "media" / "big_buck_bunny_0_30.webm"
    if not path.is_file():
        pytest.skip("the sample videos are not beside the checkout")
    copy = _mirrored(path, tmp_path / "copy.mp4", start=8.2, end=20.2)
    library = PrintLibrary(media)
    assert await looked_at(library, "youtube:first", _prints_of_file(path)) == ()
    (seen,) = await looked_at(library, "vimeo:second", _prints_of_file(copy))
    assert (seen.by, seen.mirrored) == ("picture", True)
    assert seen.other_start - seen.start == pytest.approx(8.2, abs=0.5)
    assert seen.end - seen.start > 9


def _prints_of_file(path: Path) -> Prints:
    printer = PicturePrinter()
    watch(path, (printer,), threads=1, every_frame=False, progress=lambda t: None)
    return packed(printer.finish(), listen(path, lambda t: None).prints)


def _mirrored(path: Path, to: Path, *, start: float, end: float) -> Path:
    """A part of the picture alone, as somebody puts it up who does not want it to be known."""
    with av.open(str(path)) as film, av.open(str(to), "w") as out:
        stream = out.add_stream("libx264", rate=12, options={"crf": "34", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, frame in enumerate(film.decode(video=0)):
            if index % 2 == 0 and start <= frame.time < end:
                small = frame.reformat(320, 180, "rgb24").to_ndarray()[:, ::-1]
                mirrored: Any = np.ascontiguousarray(small)
                picture = av.VideoFrame.from_ndarray(mirrored, format="rgb24")
                picture.pts, picture.time_base = round((frame.time - start) * 1000), Fraction(1, 1000)
                out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return to
