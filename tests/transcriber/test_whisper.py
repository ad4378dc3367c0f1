"""The real faster-whisper in its child process, with a model that is too small to understand anything."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from actors.transcriber.adapters.listen import compute_of
from actors.transcriber.adapters.whisper import WhisperRecognizer
from actors.transcriber.core.stitch import Part
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings
from runtime.children import run_child
from tests.downloader.films import film
from tests.transcriber.listening import Parts, Told, recording
from tests.transcriber.tiny_model import tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny-random")


def recognizer(model: Path, **settings: Any) -> WhisperRecognizer:
    chosen: dict[str, Any] = {"whisper_model": str(model), "whisper_beam": 1, "whisper_compute": "float32", **settings}
    return WhisperRecognizer(TranscriberSettings(**chosen))


async def test_a_model_is_loaded_and_listens_in_a_child_process(model: Path, tmp_path: Path) -> None:
    told = Told()
    given = recording(film(tmp_path / "a.mp4", seconds=3), (0, 2), language="en-GB")
    [part] = await recognizer(model).recognize(given, Parts(), told)
    assert (part.method, part.language, part.timing) == ("faster-whisper:tiny-random", "en", "word")
    assert part.words
    assert all(word.confidence is not None and word.start <= word.end <= 4 for word in part.words)
    assert told.notes[0] == "loading the speech model"
    assert told.notes[-1] == "listening"
    assert told.shares[-1] == 1.0


async def test_the_same_film_has_the_same_words(model: Path, tmp_path: Path) -> None:
    given = recording(film(tmp_path / "a.mp4", seconds=3), (0, 2))
    hearing = recognizer(model)
    assert await hearing.recognize(given, Parts(), Told()) == await hearing.recognize(given, Parts(), Told())


async def test_parts_are_heard_in_batches_and_have_their_own_times(model: Path, tmp_path: Path) -> None:
    given = recording(film(tmp_path / "a.mp4", seconds=40), (1, 4), (12, 15), (30, 33))
    parts = await recognizer(model, whisper_batch=2).recognize(given, Parts(), Told())
    assert [(part.start, part.end) for part in parts] == [(0.7, 4.3), (11.7, 15.3), (29.7, 33.3)]
    for part in parts:
        assert part.words
        assert all(part.start <= word.start <= part.end + 0.1 for word in part.words)


async def test_a_model_of_several_languages_finds_that_of_each_part_and_says_so(tmp_path: Path) -> None:
    both = tiny_model(tmp_path / "both", "fr", "de")  # one that knows English alone would say English
    given = recording(film(tmp_path / "a.mp4", seconds=20), (1, 4), (12, 15))
    parts = await recognizer(both).recognize(given, Parts(), Told())
    assert {part.language for part in parts} <= {"fr", "de"}
    assert all(part.words for part in parts)


async def test_parts_that_were_heard_before_a_crash_are_not_heard_again(model: Path, tmp_path: Path) -> None:
    given = recording(film(tmp_path / "a.mp4", seconds=20), (1, 4), (12, 15))
    kept = Parts()
    first = await recognizer(model).recognize(given, kept, Told())
    marked = first[0].model_copy(update={"words": ()})
    await kept.put(marked)
    del kept.there[Part(first[1].start, first[1].end)]
    again = await recognizer(model).recognize(given, kept, Told())
    assert again[0] == marked
    assert (again[1].start, again[1].end) == (first[1].start, first[1].end)
    told = Told()
    assert await recognizer(model).recognize(given, kept, told) == again
    assert told.notes == []


async def test_after_a_crash_what_is_not_sure_is_heard_in_the_language_that_was_spoken_before(tmp_path: Path) -> None:
    """A model of random numbers is never sure."""
    many = tiny_model(tmp_path / "many", "en", "de", "fr", "es", "it", "pt", "ru", "ja")
    given = recording(film(tmp_path / "a.mp4", seconds=20), (1, 4), (12, 15))
    kept = Parts()
    first, second = await recognizer(many).recognize(given, kept, Told())
    other = "de" if second.language == "en" else "en"
    await kept.put(first.model_copy(update={"language": other}))
    del kept.there[Part(second.start, second.end)]
    _, again = await recognizer(many).recognize(given, kept, Told())
    assert again.language == other


async def test_a_model_that_is_there_is_ready(model: Path) -> None:
    await recognizer(model).ready()


async def test_a_model_that_is_not_there_says_so_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(CannotHear, match="is not in"):
        await recognizer(Path("small"), whisper_model_dir=tmp_path).ready()


async def test_listening_that_takes_too_long_is_killed(model: Path, tmp_path: Path) -> None:
    given = recording(film(tmp_path / "a.mp4"), (0, 1))
    with pytest.raises(CannotHear, match="CLIPWIRE_WHISPER_TIMEOUT_S"):
        await recognizer(model, whisper_timeout_s=0.05).recognize(given, Parts(), Told())


async def test_cancelled_listening_ends_at_once(model: Path, tmp_path: Path) -> None:
    began = asyncio.Event()

    async def tell(done: float | None, note: str, eta_s: float | None) -> None:
        began.set()

    given = recording(film(tmp_path / "a.mp4"), (0, 1))
    work = asyncio.create_task(recognizer(model).recognize(given, Parts(), tell))
    await began.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_a_model_that_was_cut_off_cannot_hear(model: Path, tmp_path: Path) -> None:
    broken = tiny_model(tmp_path / "broken")
    (broken / "model.bin").write_bytes((broken / "model.bin").read_bytes()[:1000])
    with pytest.raises(CannotHear, match="cannot be loaded"):
        await recognizer(broken).recognize(recording(film(tmp_path / "a.mp4"), (0, 1)), Parts(), Told())


async def test_listening_on_a_processor_has_a_bound_of_memory(tmp_path: Path) -> None:
    """The request as the child gets it, with less than the model needs: no machine is asked for more."""
    request = recognizer(tiny_model(tmp_path / "tiny"), whisper_device="cpu")._request()
    parts = {"path": str(film(tmp_path / "a.mp4")), "until": 2.0, "language": None, "parts": [[0.0, 1.0]]}
    child = "actors.transcriber.adapters.listen"
    assert await run_child(child, {**request, **parts}, timeout_s=60) == {}
    told = await run_child(child, {**request, **parts, "memory_mb": 256}, timeout_s=60)
    assert told["missing"] == "memory"


@pytest.mark.parametrize(
    ("wanted", "device", "supported", "chosen"),
    [
        ("auto", "cpu", {"int8", "int8_float32", "float32"}, "int8"),
        ("auto", "cpu", {"float32"}, "float32"),
        ("auto", "cuda", {"float16", "int8", "int8_float16", "float32"}, "float16"),
        ("auto", "cuda", {"int8_float16", "float32"}, "int8_float16"),
        ("auto", "cpu", set(), "default"),
        ("float32", "cuda", {"float16"}, "float32"),
    ],
)
def test_the_arithmetic_is_the_best_that_the_device_has(
    wanted: str, device: str, supported: set[str], chosen: str
) -> None:
    assert compute_of(wanted, device, supported) == chosen
