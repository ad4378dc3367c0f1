"""What is heard when, on sounds that the test makes, and on real ones where they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from actors.vlm.adapters.seen.prints import edges
from actors.vlm.adapters.sound.kinds import ENVELOPE_STEP, envelope_of, sounds_of
from actors.vlm.adapters.sound.listen import listen
from actors.vlm.adapters.sound.spectra import HOP_S, RATE, Spectra
from contracts.sight import Sound
from tests.vlm.footage import film, scenes
from tests.vlm.sounding import applause, band, chords, drums, laughter, loud, noise, speech
from tests.vlm.test_look import look

MEDIA = Path(__file__).resolve().parents[2].parent / "shared" / "media"


def features(samples: Any, piece: int = 1024) -> Any:
    spectra = Spectra(edges())
    for first in range(0, len(samples), piece):
        spectra.push(np.asarray(samples[first : first + piece], np.float32))
    spectra.finish()
    return spectra.features()


def heard(samples: Any) -> tuple[Sound, ...]:
    return sounds_of(features(samples))


def share(sounds: tuple[Sound, ...], kind: str, start: float, end: float) -> float:
    """Share of a span that is told to be of a kind."""
    inside = [max(0.0, min(end, s.end) - max(start, s.start)) for s in sounds if s.kind == kind]
    return sum(inside) / (end - start)


def kinds(sounds: tuple[Sound, ...]) -> set[str]:
    return {sound.kind for sound in sounds}


def with_quiet_around(samples: Any, seconds: float = 3.0) -> Any:
    quiet = 0.03 * noise(seconds, 5, pink=True)
    return np.concatenate([quiet, samples, quiet])


def test_speech_is_told() -> None:
    sounds = heard(speech())
    assert kinds(sounds) == {"speech"}
    assert share(sounds, "speech", 0, len(speech()) / RATE) > 0.85


def test_speech_in_noise_is_told() -> None:
    samples = loud(speech() + 0.3 * noise(len(speech()) / RATE + 1, pink=True)[: len(speech())])
    assert kinds(heard(samples)) == {"speech"}


@pytest.mark.parametrize("make", [chords, drums, band])
def test_music_is_told(make: Any) -> None:
    sounds = heard(make(15.0))
    assert kinds(sounds) == {"music"}
    assert share(sounds, "music", 0, 15) > 0.7


@pytest.mark.parametrize("people", [15, 40, 120])
def test_applause_is_told(people: int) -> None:
    sounds = heard(with_quiet_around(applause(6.0, people)))
    assert kinds(sounds) == {"applause"}
    assert share(sounds, "applause", 3, 9) > 0.6


@pytest.mark.parametrize("pitch", [180.0, 300.0, 380.0])
def test_laughter_of_one_person_is_told_but_never_as_certain_as_speech(pitch: float) -> None:
    (sound,) = heard(with_quiet_around(laughter(pitch=pitch)))
    assert sound.kind == "laughter"
    assert sound.confidence <= 0.7
    assert 2.0 < sound.start < 3.6


@pytest.mark.parametrize("pink", [True, False])
def test_noise_is_nothing(pink: bool) -> None:
    assert heard(noise(15.0, pink=pink)) == ()


def test_noise_that_begins_all_of_a_sudden_is_no_applause() -> None:
    assert heard(with_quiet_around(noise(6.0))) == ()


def test_silence_and_a_hum_are_nothing() -> None:
    t = np.arange(15 * RATE) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 8))
    assert heard(loud(np.asarray(hum))) == ()
    assert heard(np.zeros(15 * RATE, np.float32)) == ()
    assert heard(np.zeros(100, np.float32)) == ()


def test_one_after_the_other_is_told_one_after_the_other() -> None:
    talk = speech()[: 8 * RATE]
    sounds = heard(np.concatenate([band(8.0), talk, 0.02 * noise(2.0, pink=True), applause(5.0)]))
    assert [sound.kind for sound in sounds] == ["music", "speech", "applause"]
    assert share(sounds, "music", 0, 8) > 0.7
    assert share(sounds, "speech", 8, 16) > 0.7
    assert share(sounds, "applause", 18, 23) > 0.6
    assert all(sound.start < sound.end and 0 < sound.confidence < 1 for sound in sounds)


def test_pieces_of_any_size_give_the_same() -> None:
    samples = speech()[: 6 * RATE]
    assert np.allclose(features(samples, 333), features(samples, 50_000), atol=1e-3)


def test_the_envelope_follows_speech_within_a_tenth_of_a_second() -> None:
    t = np.arange(10 * RATE) / RATE
    samples = (0.2 * np.sin(2 * np.pi * 800 * t) * (t % 2 < 1)).astype(np.float32)
    envelope = envelope_of(features(samples))
    on = (np.arange(len(envelope)) * ENVELOPE_STEP + ENVELOPE_STEP / 2) % 2 < 1
    assert len(envelope) in (100, 101)
    assert np.mean((envelope > 0.05) == on) > 0.9


def test_ten_hours_of_silence_cost_next_to_nothing() -> None:
    spectra = Spectra(edges())
    quiet = np.zeros(60 * RATE, np.float32)
    kept = 0
    for _ in range(600):
        spectra.push(quiet)
        kept = max(kept, spectra.take_bands().nbytes)
    spectra.finish()
    found = spectra.features()
    assert len(found) == pytest.approx(36000 / HOP_S, abs=2)
    assert found.nbytes < 40_000_000 and kept < 1_000_000
    assert sounds_of(found) == ()


def test_one_decode_of_a_file_gives_loudness_sounds_envelope_and_prints(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    film(path, scenes(()), 6.0, fps=5, loud=lambda t: 0.3 if t >= 2 else 0.0)
    result = listen(path, lambda t: None)
    assert result.end == pytest.approx(6.0, abs=0.1)
    assert result.curve()[1] < -60 < -30 < result.curve()[8]
    assert result.speech is not None and result.prints is not None
    assert result.speech[:15].max() < 0.01 < 0.1 < result.speech[25:55].min()
    assert len(result.prints) == pytest.approx(6.0 / HOP_S, abs=4)


def test_sound_that_begins_late_and_has_a_hole_keeps_its_times(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    _with_hole(path, begins=2.0, hole=(5.0, 8.0), ends=10.0)
    result = listen(path, lambda t: None)
    assert result.speech is not None
    on = result.speech > 0.02
    for t, wanted in ((1.5, False), (2.5, True), (4.5, True), (5.5, False), (7.5, False), (8.5, True), (9.5, True)):
        assert bool(on[int(t / ENVELOPE_STEP)]) is wanted, t


def test_a_file_without_sound_is_no_error(tmp_path: Path) -> None:
    result = listen(film(tmp_path / "a.mp4", scenes(()), 2.0, fps=5), lambda t: None)
    assert (result.sounds, result.speech, result.prints, result.curve()) == ((), None, None, [])


@pytest.mark.media
def test_the_music_of_a_real_film_is_music_and_nothing_else() -> None:
    path = MEDIA / "big_buck_bunny_0_30.webm"
    if not path.is_file():
        pytest.skip("the sample videos are not beside the checkout")
    sounds = listen(path, lambda t: None).sounds
    assert kinds(sounds) == {"music"}
    assert share(sounds, "music", 0, 30) > 0.8


def test_sound_that_outlasts_the_film_is_told_of_as_long_as_the_film_lasts(tmp_path: Path) -> None:
    path = tmp_path / "short.mkv"
    said = (speech() * 32767).astype(np.int16)
    tenths = said[: said.size // (RATE // 10) * (RATE // 10)].reshape(-1, RATE // 10)
    _filmed(path, 8.0, dict(enumerate(tenths)))
    assert len(tenths) > 150
    sight = look(path, 8.0)
    assert "speech" in kinds(sight.sounds)
    assert max(sound.end for sound in sight.sounds) <= sight.duration == 8.0


def _with_hole(path: Path, *, begins: float, hole: tuple[float, float], ends: float) -> None:
    """A tone, PCM in Matroska, whose packets begin late and are missing in the middle."""
    tenths = {}
    for index in range(int(begins * 10), int(ends * 10)):
        if not hole[0] <= index / 10 < hole[1]:
            t = (np.arange(RATE // 10) + index * RATE // 10) / RATE
            tenths[index] = (8000 * np.sin(2 * np.pi * 700 * t)).astype(np.int16)
    _filmed(path, ends, tenths)


def _filmed(path: Path, seconds: float, tenths: Mapping[int, Any]) -> None:
    """Gray pictures for so long, and PCM in Matroska: samples for tenths of a second, by their numbers."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=5)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for index in range(int(seconds * 5)):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts = index
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for index, wave in tenths.items():
            sound = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
            sound.sample_rate, sound.pts = RATE, index * RATE // 10
            out.mux(audio.encode(sound))
        out.mux(audio.encode(None))
