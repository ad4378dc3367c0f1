"""The real faster-whisper in its child process, with a model that is too small to understand anything."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from actors.transcriber.adapters.listen import parts
from actors.transcriber.adapters.whisper import WhisperRecognizer
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings
from runtime.errors import Reject
from tests.downloader.films import film
from tests.transcriber.tiny_model import tiny_model


class Told:
    """Keeps what was told about progress."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    async def __call__(self, done: float | None, note: str, eta_s: float | None) -> None:
        self.notes.append(note)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny-random")


def recognizer(model: Path, **settings: object) -> WhisperRecognizer:
    chosen = {
        "whisper_model": str(model),
        "whisper_beam": 1,
        "whisper_vad": False,
        "whisper_compute": "float32",
        **settings,
    }
    return WhisperRecognizer(TranscriberSettings(**chosen))  # type: ignore[arg-type]  # each test names real settings


async def test_a_model_is_loaded_and_listens_in_a_child_process(model: Path, tmp_path: Path) -> None:
    told = Told()
    heard = await recognizer(model).recognize(film(tmp_path / "a.mp4", seconds=3), language="en-GB", tell=told)
    assert (heard.method, heard.language) == ("faster-whisper:tiny-random", "en")
    assert heard.words
    assert all(word.confidence is not None and word.start <= word.end for word in heard.words)
    assert told.notes[0] == "loading the speech model"
    assert told.notes[-1] == "listening"


async def test_a_tone_is_not_taken_for_speech(model: Path, tmp_path: Path) -> None:
    hearing = recognizer(model, whisper_vad=True)
    assert (await hearing.recognize(film(tmp_path / "a.mp4"), language=None, tell=Told())).words == ()


async def test_listening_that_takes_too_long_is_killed(model: Path, tmp_path: Path) -> None:
    with pytest.raises(Reject, match="CLIPWIRE_WHISPER_TIMEOUT_S"):
        await recognizer(model, whisper_timeout_s=0.05).recognize(film(tmp_path / "a.mp4"), language=None, tell=Told())


async def test_cancelled_listening_ends_at_once(model: Path, tmp_path: Path) -> None:
    began = asyncio.Event()

    async def tell(done: float | None, note: str, eta_s: float | None) -> None:
        began.set()

    work = asyncio.create_task(recognizer(model).recognize(film(tmp_path / "a.mp4"), language=None, tell=tell))
    await began.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_a_model_that_was_cut_off_cannot_hear(model: Path, tmp_path: Path) -> None:
    broken = tiny_model(tmp_path / "broken")
    (broken / "model.bin").write_bytes((broken / "model.bin").read_bytes()[:1000])
    with pytest.raises(CannotHear, match="cannot be loaded"):
        await recognizer(broken).recognize(film(tmp_path / "a.mp4"), language=None, tell=Told())


def test_long_sound_is_cut_where_it_is_quietest() -> None:
    sound = np.full(16000 * 100, 0.5, np.float32)
    sound[16000 * 36 : 16000 * 37] = 0
    pieces = list(parts(sound, longest_s=40, search_s=10))
    assert sum(len(piece) for _, piece in pieces) == len(sound)
    assert 36.0 <= pieces[1][0] <= 37.0
    assert all(len(piece) <= 16000 * 40 for _, piece in pieces)
