"""`clipwire make` from a file to a finished short, with everything started by itself."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.cli.conftest import Cli, run_cli

CAPTIONS = """1
00:00:00,500 --> 00:00:04,000
Why does a short video begin late?

2
00:00:04,200 --> 00:00:09,000
Because three seconds decide, and not thirty.
"""


@pytest.fixture
def home(open_folder: Path) -> Path:
    """A home that the unprivileged PostgreSQL may enter."""
    return open_folder / "home"


def _film(path: Path, seconds: int = 10) -> None:
    rng = np.random.default_rng(3)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        sound = out.add_stream("aac", rate=48000, layout="mono")
        for number in range(seconds * 10):
            picture = np.full((180, 320, 3), 60, np.uint8)
            left = 20 + (number * 2) % 240
            picture[60:120, left : left + 50] = (230, 180, 40)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            out.mux(video.encode(frame))
        for number in range(seconds * 48000 // 1024):
            tone = (rng.normal(0, 0.1, (1, 1024))).astype(np.float32)
            piece = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            piece.rate, piece.pts, piece.time_base = 48000, number * 1024, Fraction(1, 48000)
            out.mux(sound.encode(piece))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))


@dataclass(frozen=True)
class Orders:
    """The same order three times: with an outbox that can't be written, with one that can, and once more."""

    folder: Path
    outbox: Path
    failed: dict[str, Any]
    done: dict[str, Any]
    again: dict[str, Any]


@pytest.fixture(scope="module")
def orders() -> Iterator[Orders]:
    """Each order starts a Clipwire of its own; only the first makes a short."""
    folder = Path(tempfile.mkdtemp(prefix="clipwire-make-"))
    folder.chmod(0o755)  # the unprivileged PostgreSQL has to enter it
    outbox = folder / "outbox"
    outbox.write_text("no folder can be made here")
    _film(folder / "a talk, my own.mp4")
    (folder / "captions.srt").write_text(CAPTIONS)

    def order(code: int) -> dict[str, Any]:
        settings = {"CLIPWIRE_HOME": str(folder / "home"), "CLIPWIRE_OUTBOX_DIR": str(outbox)}
        words = ("make", "a talk, my own.mp4", "--clips", "1", "--captions", "captions.srt", "--out", "shorts")
        done = run_cli(folder, *words, "--json", **settings)
        assert done.returncode == code, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    failed = order(1)
    outbox.unlink()
    yield Orders(folder, outbox, failed, order(0), order(0))
    shutil.rmtree(folder, ignore_errors=True)


def test_a_file_becomes_a_short(orders: Orders) -> None:
    [short] = orders.done["shorts"]
    assert (short["width"], short["height"], short["sound"]) == (1080, 1920, True)
    assert Path(short["file"]).parent.name == "shorts"
    assert (orders.folder / short["captions"]).read_text().startswith("1\n")
    [publication] = orders.done["publications"]
    assert publication["account_id"] == "outbox:default"
    assert (orders.outbox / "default" / publication["publication_id"] / "video.mp4").is_file()


def test_a_publication_that_failed_is_made_by_the_next_order_of_the_same_short(orders: Orders) -> None:
    assert [failure["stage"] for failure in orders.failed["failures"]] == ["publisher"]
    assert orders.failed["publications"] == []
    assert orders.failed["shorts"] == orders.done["shorts"]


def test_a_further_order_makes_nothing_twice(orders: Orders) -> None:
    assert orders.again["shorts"] == orders.done["shorts"]
    assert orders.again["publications"] == orders.done["publications"]


def test_what_is_no_video_is_one_line_and_exit_code_1(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("this is no video")
    with socket.socket() as other:  # a command that starts its own Clipwire opens no door, so needs no port of one
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = cli("make", "notes.mp4", "--json", CLIPWIRE_HTTP_PORT=str(other.getsockname()[1]))
    assert done.returncode == 1
    assert json.loads(done.stdout)["shorts"] == []
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("clipwire: 0 of 4 shorts: notes.mp4")
    assert not (tmp_path / "clipwire-out").exists()
