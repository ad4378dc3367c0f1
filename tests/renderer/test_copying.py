"""Pictures that nothing is done to are copied, bit by bit; and when they are not."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.renderer.adapters.copying import copy_of, write_copy
from actors.renderer.adapters.quality import Observer, report
from actors.renderer.adapters.sound import Level, Sound
from actors.renderer.core.copying import Facts, changes_pictures, differs, in_order
from actors.renderer.core.schedule import schedule
from contracts.media import Word
from contracts.sight import Framing, FramingSection
from contracts.style import LookUse
from contracts.timeline import Canvas, CaptionPlan, ProgressOverlay, Segment, Timeline
from tests.renderer.media import Film, look, make, rotate, tone
from tests.renderer.test_encode import aac

MOST = 36_000_000
SIZE = (96, 160)
LEVEL = Level(-14.0, -3.0)


def squares(t: float, width: int, height: int) -> Any:
    """Every picture another one: a square that moves by four pixels."""
    canvas = np.full((height, width, 3), 70, np.uint8)
    x, y = round(t * 30) * 4 % (width - 20), round(t * 30) * 4 // (width - 20) * 20 % (height - 20)
    canvas[y : y + 20, x : x + 20] = (220, 180, 40)
    return canvas


def film(path: Path, seconds: float = 3.0, frames_between: int = 3, **more: Any) -> Path:
    options = {"preset": "veryfast", "crf": "18", "g": "30", "bf": str(frames_between), "sc_threshold": "0"}
    wide, high = SIZE
    return make(
        path,
        Film(
            width=wide,
            height=high,
            seconds=seconds,
            fps=30,
            paint=squares,
            options=options,
            sound=tone(seconds),
            **more,
        ),
    )


def timeline(source: Path, start: float = 0.0, end: float = 3.0, **more: Any) -> Timeline:
    canvas = more.pop("canvas", Canvas(width=SIZE[0], height=SIZE[1], fps=30))
    segment = Segment(source=str(source), start=start, end=end, **more.pop("segment", {}))
    return Timeline(canvas=canvas, segments=(segment,), **more)


def packets_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def short(source: Path, out: Path, start: float, end: float) -> tuple[int, list[bytes]]:
    """The number of pictures, and the copied packets."""
    wanted = timeline(source, start, end)
    plan = schedule(wanted)
    copy = copy_of(wanted, plan, MOST)
    assert copy is not None
    observer = Observer(SIZE, 30)
    sound = Sound(aac(plan.frames / 30), LEVEL, ())
    assert write_copy(copy, out, sound, observer, MOST)
    told = report(out, fps=30, frames=plan.frames, sound=sound, observer=observer, target=-14.0)
    assert told.frames == plan.frames
    assert told.video_seconds == pytest.approx(plan.frames / 30, abs=1e-3)
    assert abs(told.sound_offset_ms) < 1
    assert observer.candidates
    return plan.frames, packets_of(out)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_whole_source_is_copied_bit_by_bit(tmp_path: Path, name: str) -> None:
    source = film(tmp_path / name)
    frames, packets = short(source, tmp_path / "out.mp4", 0.0, 3.0)
    assert frames == 90
    assert packets == packets_of(source)
    before, after = look(source), look(tmp_path / "out.mp4")
    assert all(np.array_equal(a, b) for a, b in zip(before.pictures, after.pictures, strict=True))
    assert np.allclose(np.diff(after.times), 1 / 30, atol=1e-4)
    for times in after.dts.values():
        assert all(b > a for a, b in itertools.pairwise(times))


def test_a_span_from_a_keyframe_on_is_copied_without_its_neighbours(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4", frames_between=0)
    frames, packets = short(source, tmp_path / "out.mp4", 1.0, 1.77)
    assert frames == 23
    assert packets == packets_of(source)[30:53]
    shown = look(tmp_path / "out.mp4").pictures
    assert all(np.array_equal(a, b) for a, b in zip(shown, look(source).pictures[30:53], strict=True))


def test_with_reordered_pictures_a_span_is_copied_where_none_of_them_needs_a_later_one(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4")
    copied = 0
    for last in range(40, 60):
        wanted = timeline(source, 1.0, last / 30)
        if copy_of(wanted, schedule(wanted), MOST) is None:
            continue
        frames, _ = short(source, tmp_path / "out.mp4", 1.0, last / 30)
        assert len(look(tmp_path / "out.mp4").pictures) == frames == last - 30
        copied += 1
    assert copied >= 4


@pytest.mark.parametrize("start", [0.5, 0.97, 1.04])
def test_a_span_that_starts_beside_a_keyframe_is_encoded(tmp_path: Path, start: float) -> None:
    wanted = timeline(film(tmp_path / "a.mp4"), start, 2.5)
    assert copy_of(wanted, schedule(wanted), MOST) is None


def test_a_span_longer_than_its_source_is_encoded(tmp_path: Path) -> None:
    wanted = timeline(film(tmp_path / "a.mp4"), 0.0, 3.2)
    assert copy_of(wanted, schedule(wanted), MOST) is None


def test_other_sources_are_encoded(tmp_path: Path) -> None:
    sources = {
        "turned": rotate(film(tmp_path / "turned.mp4", 1), 180),
        "4:4:4": film(tmp_path / "full.mp4", 1, pixels="yuv444p"),
        "10 bit": film(tmp_path / "deep.mp4", 1, pixels="yuv420p10le"),
        "HDR": film(tmp_path / "hdr.mp4", 1, color=(9, 9, 16)),
        "variable": film(tmp_path / "variable.mkv", 1, times=[n / 30 + (0.01 if n % 7 == 3 else 0) for n in range(30)]),
        "another rate": make(tmp_path / "slow.mp4", Film(*SIZE, fps=25, seconds=1, paint=squares, sound=tone(1))),
        "another size": make(tmp_path / "wide.mp4", Film(seconds=1, fps=30, paint=squares, sound=tone(1))),
        "another codec": make(tmp_path / "ffv1.mkv", Film(*SIZE, fps=30, seconds=1, codec="ffv1", options={})),
        "a stream": film(tmp_path / "a.ts", 1),
    }
    for what, source in sources.items():
        wanted = timeline(source, end=1.0)
        assert copy_of(wanted, schedule(wanted), MOST) is None, what


def test_a_damaged_picture_is_no_copy(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4")
    body = bytearray(source.read_bytes())
    spoilt = packets_of(source)[41]
    place = body.index(spoilt)
    body[place + 8 : place + len(spoilt)] = bytes(255 - each for each in spoilt[8:])
    source.write_bytes(body)
    wanted = timeline(source)
    copy = copy_of(wanted, schedule(wanted), MOST)
    assert copy is None or not write_copy(
        copy, tmp_path / "out.mp4", Sound(aac(3), LEVEL, ()), Observer(SIZE, 30), MOST
    )


def test_a_timeline_that_does_nothing_to_its_pictures_may_be_copied(tmp_path: Path) -> None:
    said = (Word(text="word", start=0, end=1),)
    for harmless in (
        {},
        {"captions": CaptionPlan(words=said, burnt=False)},
        {"captions": CaptionPlan()},
        {"segment": {"mute": True, "volume": -3.0}},
        {"segment": {"framing": Framing(mode="fit")}},
        {"cover": "A title"},
    ):
        assert changes_pictures(timeline(tmp_path, **harmless)) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"captions": CaptionPlan(words=(Word(text="word", start=0, end=1),))}, "captions"),
        ({"segment": {"speed": 1.5}}, "speed"),
        ({"segment": {"looks": (LookUse(name="warm"),)}}, "looks"),
        ({"overlays": (ProgressOverlay(),)}, "overlays"),
        ({"shapes": ("1:1",)}, "shapes"),
        ({"segment": {"framing": Framing(mode="split")}}, "panels"),
        (
            {"segment": {"framing": Framing(sections=(FramingSection(start=1, end=2, mode="screen"),))}},
            "panels",
        ),
    ],
)
def test_what_changes_the_pictures_is_named(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    assert why in (changes_pictures(timeline(tmp_path, **change)) or "")


FACTS = Facts("mov,mp4,m4a,3gp,3g2,mj2", "h264", "yuv420p", (1080, 1920), 1.0, 0, False, 1, 1, 1, False, 6e6)


@pytest.mark.parametrize(
    "change",
    [
        {"container": "mpegts"},
        {"codec": "hevc"},
        {"pixels": "yuvj420p"},
        {"size": (1920, 1080)},
        {"pixel_aspect": 4 / 3},
        {"rotation": 90},
        {"interlaced": True},
        {"matrix": 6},
        {"matrix": 2, "size": (96, 160)},
        {"primaries": 9},
        {"transfer": 16},
        {"full_range": True},
        {"bits": 3e7},
    ],
)
def test_a_source_that_is_not_what_a_short_is_differs(change: dict[str, Any]) -> None:
    facts = replace(FACTS, **change)
    wanted = (1080, 1920) if "matrix" not in change or "size" not in change else facts.size
    assert differs(facts, wanted) is not None


def test_a_source_that_is_what_a_short_is_does_not_differ() -> None:
    assert differs(FACTS, (1080, 1920)) is None
    assert differs(replace(FACTS, matrix=2, primaries=2, transfer=2), (1080, 1920)) is None


@given(
    frames=st.integers(1, 60),
    fps=st.sampled_from([24, 25, 30, 50, 60]),
    start=st.floats(0, 100),
    shuffle=st.randoms(use_true_random=False),
)
def test_places_are_those_of_the_pictures_in_any_order_of_decoding(
    frames: int, fps: int, start: float, shuffle: Any
) -> None:
    later = list(range(1, frames))
    shuffle.shuffle(later)
    order = [0, *later]
    times = [round(start + place / fps, 3) for place in order]  # a clock of milliseconds
    assert in_order(times, times[0], fps) == order
    assert in_order(times, times[0] + 1.5 / fps, fps) is None
    if frames > 2:
        assert in_order(times[:-1], times[0], fps) is None or order[-1] == frames - 1
