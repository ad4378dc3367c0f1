"""The sample video: what is heard, when, and what is seen."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import av
import pytest

from cli.sample import _NAME, film
from cli.sample.figure import card
from cli.sample.film import HEIGHT, WIDTH, Stage, encode, json3, srt
from cli.sample.script import SCENES
from cli.sample.speech import Speech, speak, word_times


@pytest.fixture(scope="module")
def speech() -> Speech:
    sentences = [sentence for scene in SCENES for _, sentence in scene.lines]
    return speak(sentences, [0.0] * len(sentences))


def test_it_talks_for_at_least_three_minutes(speech: Speech) -> None:
    assert 180 <= speech.duration <= 240
    assert 450 <= sum(len(line.words) for line in speech.lines) <= 550


def test_every_word_of_the_script_is_spoken_in_order(speech: Speech) -> None:
    said = [text for line in speech.lines for text, _, _ in line.words]
    assert said == [word for scene in SCENES for _, sentence in scene.lines for word in sentence.split()]
    times = [time for line in speech.lines for _, start, end in line.words for time in (start, end)]
    assert all(before <= after for before, after in itertools.pairwise(times))
    assert all(end - start < 2.5 for line in speech.lines for _, start, end in line.words)


def test_the_sound_is_where_the_words_are(speech: Speech) -> None:
    import numpy as np

    samples = np.abs(np.frombuffer(speech.pcm, np.int16).astype(float))

    def loud(start: float, end: float) -> float:
        return float(samples[int(start * speech.rate) : int(end * speech.rate)].mean())

    for line, after in itertools.pairwise(speech.lines):
        assert loud(line.start, line.end) > 300
        assert loud(line.end + 0.05, after.start - 0.02) < 100


def test_captions_are_short_and_carry_the_times_of_their_words(speech: Speech) -> None:
    cues = [cue.splitlines() for cue in srt(speech.lines).strip().split("\n\n")]
    assert all(len(cue) == 3 and len(cue[2]) <= 42 for cue in cues)
    assert " ".join(cue[2] for cue in cues) == " ".join(word for line in speech.lines for word, _, _ in line.words)
    events = json.loads(json3(speech.lines))["events"]
    first = events[3]["segs"]
    assert events[3]["tStartMs"] + first[2]["tOffsetMs"] == round(speech.lines[3].words[2][1] * 1000)


def test_words_that_are_spoken_as_one_share_its_time() -> None:
    times = word_times("one of the best", [(0, 0.0), (4, 0.4), (11, 0.8)], 1.2)
    assert [word for word, _, _ in times] == ["one", "of", "the", "best"]
    assert [round(start, 2) for _, start, _ in times] == [0.0, 0.4, 0.57, 0.8]
    assert times[-1][2] == 1.2


def test_a_film_is_encoded_with_picture_and_sound(speech: Speech, tmp_path: Path) -> None:
    rate = speech.rate
    short = Speech(speech.pcm[: rate * 2 * 3], rate, speech.lines)
    shares: list[float] = []
    encode(Stage(short), tmp_path / "film.mp4", shares.append)
    with av.open(str(tmp_path / "film.mp4")) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)
        assert picture.average_rate == film.FPS
        assert sound.rate == 48000
        assert abs((file.duration or 0) / 1e6 - 3.6) < 0.1
    assert shares == sorted(shares)


def test_the_presenter_moves_and_the_scenes_differ(speech: Speech) -> None:
    import numpy as np

    stage = Stage(speech)
    frames = [np.asarray(stage.draw(number), np.int16) for number in (100, 300, 1300, 2600)]
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    differences = [np.abs(one - other).mean() for one, other in itertools.pairwise(frames)]
    assert differences[0] > 2
    assert min(differences[1:]) > 15


def test_the_presenter_walks_and_never_jumps_within_a_scene(speech: Speech) -> None:
    stage = Stage(speech)
    lines = [(scene, number) for scene in SCENES for number in range(len(scene.lines))]
    for line, (scene, number) in enumerate(lines):
        if number:
            before, after = (stage._place(n, speech.lines[line].start - 0.45) for n in (line - 1, line))
            assert abs(after - before) < 1, scene.lines[number]


def test_every_card_is_whole_in_an_upright_crop_that_is_a_little_beside_it() -> None:
    crop = HEIGHT * 9 / 16
    cards = [card(words, scene.accent) for scene in SCENES for words, _ in scene.lines]
    assert max(picture.width for picture in cards) <= 0.6 * crop


def test_its_files_share_a_name() -> None:
    assert _NAME.replace("-", "").isalnum()
