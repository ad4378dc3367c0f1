"""A speech model from a hub on 127.0.0.1 that speaks as Hugging Face's does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.transcriber.adapters.whisper import WhisperRecognizer
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings
from tests.downloader.films import film
from tests.support.http import Handler, answering
from tests.transcriber.listening import Parts, Told, recording
from tests.transcriber.tiny_model import tiny_model

COMMIT = "a" * 40


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The files that were fetched from a hub which has one model, `own/tiny`."""
    files = {path.name: path.read_bytes() for path in tiny_model(tmp_path / "tiny").iterdir()}
    taken: list[str] = []

    class Hub(Handler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            name = path.rpartition("/")[2]
            if path.startswith("/api/models/own/tiny/tree/"):
                self.tell(json.dumps([_entry(name, files[name]) for name in files]).encode())
            elif path.startswith("/api/models/own/tiny/"):
                told = {"id": "own/tiny", "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
                self.tell(json.dumps(told).encode())
            elif path.startswith(f"/own/tiny/resolve/{COMMIT}/") and name in files:
                taken.extend([name] if self.command == "GET" else [])
                about = {"ETag": f'"{_digest(files[name])}"', "X-Repo-Commit": COMMIT}
                self.tell(files[name], headers=about, cut=0 if self.command == "HEAD" else None)
            else:
                self.tell(b"{}", 404, {"X-Error-Code": "RepoNotFound"})

    with answering(Hub) as url:
        monkeypatch.setenv("HF_ENDPOINT", url)
        yield taken


def _entry(name: str, body: bytes) -> dict[str, object]:
    return {"type": "file", "path": name, "size": len(body), "oid": _digest(body)}


def _digest(body: bytes) -> str:
    return hashlib.sha1(body).hexdigest()


def recognizer(model: str, folder: Path, *, download: bool) -> WhisperRecognizer:
    return WhisperRecognizer(
        TranscriberSettings(
            whisper_model=model,
            whisper_model_dir=folder,
            whisper_download=download,
            whisper_beam=1,
            whisper_compute="float32",
        )
    )


async def test_a_model_is_fetched_once_where_that_is_allowed_and_listens(fetched: list[str], tmp_path: Path) -> None:
    given = recording(film(tmp_path / "a.mp4"), (0, 1))
    with pytest.raises(CannotHear, match="CLIPWIRE_WHISPER_DOWNLOAD=true"):
        await recognizer("own/tiny", tmp_path / "models", download=False).ready()
    assert fetched == []
    await recognizer("own/tiny", tmp_path / "models", download=True).ready()
    assert {"model.bin", "config.json", "tokenizer.json"} <= set(fetched)
    fetched.clear()
    [part] = await recognizer("own/tiny", tmp_path / "models", download=False).recognize(given, Parts(), Told())
    assert part.words
    assert fetched == []


async def test_a_model_that_the_hub_does_not_have_is_named(fetched: list[str], tmp_path: Path) -> None:
    with pytest.raises(CannotHear, match="There is no speech model 'own/none'"):
        await recognizer("own/none", tmp_path / "models", download=True).ready()


async def test_a_hub_that_is_away_leaves_what_is_here(
    fetched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recognizer("own/tiny", tmp_path / "models", download=True).ready()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    await recognizer("own/tiny", tmp_path / "models", download=True).ready()
    with pytest.raises(CannotHear, match="could not be downloaded"):
        await recognizer("own/none", tmp_path / "models", download=True).ready()
