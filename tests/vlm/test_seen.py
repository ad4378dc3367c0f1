"""What of a clip is in another one: what matches say, and what the actor tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.vlm.core.seen import LEAST, Match, music_alone, seen_before
from actors.vlm.ports import Prints, Progress, Sight
from contracts.events import ClipTranscribed
from contracts.keys import analysis_uri
from contracts.media import Clip, Stretch
from contracts.sight import Analysis, Sound
from contracts.subjects import CLIP_ANALYZED, CLIP_TRANSCRIBED
from runtime.actor import Actor
from runtime.media import FileMediaStore
from tests.support.work import deliver
from tests.vlm.clips import a_sight
from tests.vlm.footage import a_clip
from tests.vlm.printing import film_prints, prints_of, story
from tests.vlm.test_actor import an_actor, stored

OTHER = "youtube:first"


def sound(start: float, end: float, offset: float = 0.0) -> Match:
    return Match(start, end, start - offset, "sound")


def picture(start: float, end: float, offset: float = 0.0, *, mirrored: bool = False, telling: bool = True) -> Match:
    return Match(start, end, start - offset, "picture", mirrored=mirrored, telling=telling)


def told(*matches: Match, music: tuple[Stretch, ...] = ()) -> list[tuple[float, float, float, str]]:
    return [(s.start, s.end, s.other_start, s.by) for s in seen_before(OTHER, matches, music)]


def test_sound_alone_and_picture_alone_are_told() -> None:
    assert told(sound(10, 40, 3)) == [(10, 40, 7, "sound")]
    assert told(picture(10, 40, 3)) == [(10, 40, 7, "picture")]


def test_picture_and_sound_at_the_same_offset_are_both() -> None:
    assert told(sound(10, 40, 3), picture(12, 45, 3.4)) == [(10, 45, 7, "both")]


def test_a_picture_that_tells_nothing_confirms_sound_and_is_nothing_alone() -> None:
    assert told(picture(0, 60, telling=False)) == []
    assert told(sound(10, 40), picture(0, 60, telling=False)) == [(10, 40, 10, "both")]


def test_pictures_alone_are_chance_unless_they_fit_for_long_at_one_offset() -> None:
    assert told(picture(16, 21.5, 11.5), picture(20, 28.5, 6, mirrored=True), picture(27.5, 33.5, -3.5)) == []
    assert len(told(picture(0, 6, 3), picture(20, 26, 3))) == 2
    assert told(sound(10, 16), picture(10, 16)) == [(10, 16, 10, "both")]


def test_music_alone_is_not_the_same_video_unless_its_picture_is() -> None:
    music = (Stretch(start=0, end=60),)
    assert told(sound(10, 40), music=music) == []
    assert told(sound(10, 40), picture(10, 40, telling=False), music=music) == [(10, 40, 10, "both")]
    assert told(sound(10, 80), music=music) == [(10, 80, 10, "sound")]


def test_music_under_speech_does_not_count_as_music() -> None:
    sounds = [("music", 0, 60), ("speech", 10, 30), ("speech", 50, 70)]
    spans = music_alone(
        [Sound.model_validate({"kind": k, "start": a, "end": b, "confidence": 1}) for k, a, b in sounds]
    )
    assert [(span.start, span.end) for span in spans] == [(0, 10), (30, 50)]


def test_pieces_at_one_offset_are_joined_and_those_at_another_are_not() -> None:
    assert told(sound(10, 40), sound(42, 60, 0.5)) == [(10, 60, 10, "sound")]
    assert told(sound(10, 40), sound(41, 60, 20)) == [(10, 40, 10, "sound"), (41, 60, 21, "sound")]


def test_a_stretch_is_told_of_one_place_only() -> None:
    assert told(picture(0, 60), picture(20, 30, 5)) == [(0, 60, 0, "picture")]


@given(
    st.lists(
        st.builds(
            Match,
            st.floats(0, 300).map(lambda t: round(t, 2)),
            st.floats(310, 600).map(lambda t: round(t, 2)),
            st.floats(0, 600).map(lambda t: round(t, 2)),
            st.sampled_from(["sound", "picture"]),
        ),
        max_size=6,
    )
)
def test_whatever_matches_stretches_are_in_order_long_enough_and_within_what_matched(matches: list[Match]) -> None:
    found = seen_before(OTHER, matches, ())
    assert [s.start for s in found] == sorted(s.start for s in found)
    for each in found:
        assert each.end - each.start >= LEAST - 0.01
        assert min(m.start for m in matches) <= each.start < each.end <= max(m.end for m in matches)
    assert bool(found) == bool(matches)


class Printed:
    """An analyzer whose every clip has these prints."""

    method = "stand-in/1"

    def __init__(self, prints: Prints) -> None:
        self._prints = prints

    async def look(self, path: Path, clip: Clip, progress: Progress) -> Sight:
        sight = a_sight(200.0)
        return sight.model_copy(update={"made_from": clip.media.sha256, "method": self.method, "prints": self._prints})


async def a_message(media: FileMediaStore, clip_id: str) -> ClipTranscribed:
    return ClipTranscribed(clip=(await stored(media, a_clip(200.0))).model_copy(update={"clip_id": clip_id}))


@pytest.fixture(scope="module")
def prints() -> Prints:
    return prints_of(film_prints(story(1)))


def an_eye(media: FileMediaStore, prints: Prints) -> Actor:
    return an_actor(media, Printed(prints))  # type: ignore[arg-type]  # another stand-in of the same shape


async def test_a_copy_is_told_in_the_event_and_in_the_analysis(media: FileMediaStore, prints: Prints) -> None:
    actor = an_eye(media, prints)
    (first,) = (await deliver(actor, CLIP_TRANSCRIBED, await a_message(media, OTHER))).of(CLIP_ANALYZED)
    (second,) = (await deliver(actor, CLIP_TRANSCRIBED, await a_message(media, "vimeo:second"))).of(CLIP_ANALYZED)
    assert first.seen_before == ()
    assert [(seen.clip_id, seen.by) for seen in second.seen_before] == [(OTHER, "picture")]
    assert (await media.read(analysis_uri("vimeo:second"), Analysis)).seen_before == second.seen_before


async def test_a_redelivery_tells_the_same_although_more_was_seen_since(media: FileMediaStore, prints: Prints) -> None:
    message = await a_message(media, OTHER)
    first = await deliver(an_eye(media, prints), CLIP_TRANSCRIBED, message)
    await deliver(an_eye(media, prints), CLIP_TRANSCRIBED, await a_message(media, "vimeo:second"))
    again = await deliver(an_eye(media, prints), CLIP_TRANSCRIBED, message, attempt=2)
    assert first.emitted == again.emitted
