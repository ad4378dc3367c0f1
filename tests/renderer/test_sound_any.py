"""Any timeline made at random has a sound exactly as long as its pictures, and no louder than allowed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.renderer.adapters.sound import PEAK_LIMIT
from actors.renderer.adapters.sound.samples import CHUNK
from actors.renderer.adapters.sound.spool import Spool
from actors.renderer.core.schedule import schedule
from contracts.style import Transition
from contracts.timeline import Canvas, Effect, Music, Segment, SoundPlan, Timeline, Voice
from tests.renderer.hearing import RATE, listen, talking, tone, write


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("sounds")
    return [
        str(write(folder / "speech.m4a", talking(1.5), codec="aac")),
        str(write(folder / "low.wav", tone(0.7, 0.4, 90, 8000), rate=8000)),
        str(write(folder / "short.wav", tone(0.02, 0.9, 5000))),
    ]


@st.composite
def plans(draw: st.DrawFn) -> Timeline:
    """Up to four segments of files 0 to 2, some of them beyond their ends, with all that can be laid over them."""
    source = st.sampled_from(["0", "1", "2"])
    seconds = st.floats(0, 2)
    segments: list[Segment] = []
    for number in range(draw(st.integers(1, 4))):
        start, length = draw(seconds), draw(st.floats(0.02, 0.8))
        speed = draw(st.sampled_from([1.0, 1.0, 0.25, 0.7, 1.3, 4.0]))
        segment = Segment(source=draw(source), start=start, end=start + length, speed=speed, mute=draw(st.booleans()))
        room = min(segment.duration, segments[-1].duration) / 2 if segments else 0.0
        if number and room > 0.05 and draw(st.booleans()):
            segment = segment.model_copy(update={"transition": Transition(seconds=draw(st.floats(0.01, room)))})
        segments.append(segment)
    voices = draw(st.lists(st.builds(Voice, source=source, at=seconds, start=seconds), max_size=2))
    effects = draw(st.lists(st.builds(Effect, source=source, at=seconds), max_size=2))
    music = draw(st.none() | st.builds(Music, source=source, start=st.floats(0, 0.5), fade=st.floats(0, 3)))
    return Timeline(
        canvas=Canvas(width=64, height=64, fps=draw(st.sampled_from([1, 24, 30, 60]))),
        segments=tuple(segments),
        sound=SoundPlan(voices=tuple(voices), effects=tuple(effects), music=music),
    )


@settings(max_examples=15, deadline=None)
@given(plans())
def test_any_timeline_has_as_much_sound_as_pictures(files: list[str], plan: Timeline) -> None:
    body = plan.model_dump()
    sound = body["sound"]
    for user in [*body["segments"], *sound["voices"], *sound["effects"], *([sound["music"]] if sound["music"] else [])]:
        user["source"] = files[int(user["source"])]
    timeline = Timeline.model_validate(body)
    heard = listen(timeline)
    wanted = round(schedule(timeline).frames * RATE / timeline.canvas.fps)
    assert 0 <= heard.samples.shape[1] - wanted < 1024 + 1024
    assert next(iter(heard.sound.packets)).pts == -1024
    assert np.isfinite(heard.samples).all()
    assert heard.true_peak <= PEAK_LIMIT


def test_what_is_kept_on_disk_comes_back_even_above_full_scale() -> None:
    rng = np.random.default_rng(1)
    blocks = [(scale * rng.normal(0, 1, (2, length))).astype(np.float32) for scale, length in ((3, CHUNK), (1e-6, 77))]
    with Spool() as spool:
        for block in blocks:
            spool.add(block)
        for _ in range(2):
            for block, back in zip(blocks, spool.blocks(), strict=True):
                assert np.abs(back - block).max() <= np.abs(block).max() / 32767
