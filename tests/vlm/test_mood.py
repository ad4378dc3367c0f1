"""Which mood a moment has, and how moments of each are shown."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest

from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.looks import LOOKS
from actors.vlm.core.mood import directed, mood_of
from actors.vlm.core.moods import DIRECTIONS, WORDS
from actors.vlm.ports import STEP, Sight
from contracts.media import ScorePart
from contracts.sight import LoudnessPoint, Moment, Mood, Shot, Sound


def moment(text: str = "", *, start: float = 10.0, end: float = 40.0, turns: float = 0.0) -> Moment:
    parts = (ScorePart(name="contrast", value=turns, weight=0.1, why=""),)
    return Moment(start=start, end=end, score=0.5, reason="", title="", text=text, parts=parts)


def sight(*, sounds: tuple[Sound, ...] = (), cuts: int = 0, motion: float = 0.05, light: float = 0.5) -> Sight:
    borders = [60 * n / (cuts + 1) for n in range(cuts + 2)]
    shots = tuple(Shot(start=a, end=b, brightness=light, motion=motion) for a, b in pairwise(borders))
    steps = range(round(60 / STEP))
    return Sight(
        made_from="0" * 64,
        method="test",
        duration=60,
        shots=shots,
        loudness=tuple(LoudnessPoint(t=n * STEP, lufs=-20) for n in steps),
        motion=tuple(motion for _ in steps),
        sounds=sounds,
    )


def sound(kind: str, start: float, end: float) -> Sound:
    return Sound.model_validate({"kind": kind, "start": start, "end": end, "confidence": 0.9})


PLAIN = "So this is how we put the second board on top of the first one and then we glue it to the side of the box"


@pytest.mark.parametrize(
    ("mood", "text", "seen"),
    [
        ("funny", PLAIN, sight(sounds=(sound("laughter", 35, 39),))),
        ("uplifting", PLAIN, sight(sounds=(sound("applause", 34, 40),))),
        ("energetic", " ".join([PLAIN] * 5), sight(cuts=40, motion=0.6)),
        ("sad", "She died that night and I was alone with my grief and the pain of it", sight(light=0.2)),
        ("tense", "There was danger and we were afraid because of the attack", sight()),
        ("serious", "The study gives evidence and the data show an important cause", sight()),
        ("serious", PLAIN, sight()),
        ("calm", "", sight()),
        ("sad", "Er starb, und ich war allein und traurig in diesem Haus", sight()),
    ],
)
def test_the_mood_is_that_of_what_is_seen_and_heard(mood: Mood, text: str, seen: Sight) -> None:
    found, why = mood_of(moment(text), seen)
    assert found == mood
    assert why and why == why.strip()


def test_what_a_model_names_goes_before_what_is_seen() -> None:
    told = moment(PLAIN).model_copy(update={"judged_by": "gemini:gemini-3.8-flash"})
    (one, other) = directed([told, moment(PLAIN)], ["tense", None], sight())
    assert one.direction is not None and other.direction is not None
    assert (one.direction.mood, one.direction.why) == ("tense", "gemini:gemini-3.8-flash calls it tense")
    assert other.direction.mood == "serious"


def test_every_mood_has_a_direction_of_looks_and_styles_that_there_are() -> None:
    assert set(DIRECTIONS) == set(WORDS) == set(get_args(Mood))
    for direction in DIRECTIONS.values():
        assert {use.name for use in direction.looks} <= set(LOOKS)
        style = STYLES[direction.caption_style]
        lit = style.lit(direction.caption_color)
        assert lit != style, "the colour has too little contrast to be taken"
