"""`clipwire make` from a file to a finished short, with everything started by itself."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.cli.conftest import Cli

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


def test_a_file_becomes_a_short_and_a_second_order_reuses_it(cli: Cli, tmp_path: Path) -> None:
    source = tmp_path / "a talk, my own.mp4"
    _film(source)
    (tmp_path / "captions.srt").write_text(CAPTIONS)
    arguments = ("make", str(source), "--clips", "1", "--captions", "captions.srt", "--out", "shorts", "--json")
    done = cli(*arguments, CLIPWIRE_HTTP_PORT="0")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    [short] = answer["shorts"]
    assert (short["width"], short["height"], short["sound"]) == (1080, 1920, True)
    assert Path(short["file"]).parent.name == "shorts"
    assert Path(tmp_path / short["captions"]).read_text().startswith("1\n")
    assert [publication["account_id"] for publication in answer["publications"]] == ["outbox:default"]

    again = cli(*arguments, CLIPWIRE_HTTP_PORT="0")
    assert again.returncode == 0, again.stderr
    repeated = json.loads(again.stdout)
    assert repeated["shorts"] == answer["shorts"]
    assert repeated["publications"] == answer["publications"]


def test_a_publication_that_failed_is_made_by_the_next_order(cli: Cli, tmp_path: Path, open_folder: Path) -> None:
    _film(tmp_path / "talk.mp4")
    outbox = open_folder / "outbox"
    outbox.write_text("no folder can be made here")
    arguments = ("make", "talk.mp4", "--clips", "1", "--out", "shorts", "--json")
    failed = cli(*arguments, CLIPWIRE_OUTBOX_DIR=str(outbox))
    assert failed.returncode == 1, failed.stderr
    assert [failure["stage"] for failure in json.loads(failed.stdout)["failures"]] == ["publisher"]
    outbox.unlink()
    mended = cli(*arguments, CLIPWIRE_OUTBOX_DIR=str(outbox))
    assert mended.returncode == 0, mended.stderr
    [publication] = json.loads(mended.stdout)["publications"]
    assert (outbox / "default" / publication["publication_id"] / "video.mp4").is_file()
    again = cli(*arguments, CLIPWIRE_OUTBOX_DIR=str(outbox))
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["publications"] == [publication]


def test_what_is_no_video_is_one_line_and_exit_code_1(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("this is no video")
    done = cli("make", "notes.mp4", "--json", CLIPWIRE_HTTP_PORT="0")
    assert done.returncode == 1
    assert json.loads(done.stdout)["shorts"] == []
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("clipwire: 0 of 4 shorts: ")
    assert not (tmp_path / "clipwire-out").exists()
