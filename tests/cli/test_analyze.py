"""`clipwire analyze`: a film in; its moments with reasons, a contact sheet and plans out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Cli
from tests.renderer.media import Film, clock, make, tone

SAYS = (
    "Why does nobody tell you this?",
    "Three things decide whether people stay.",
    "The first one is the very first second.",
    "Most of us waste it with a greeting.",
)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 seconds with a tone, and captions beside it."""
    folder = tmp_path_factory.mktemp("films")
    film = make(folder / "talk.mp4", Film(width=256, height=144, seconds=24, fps=10, paint=clock, sound=tone(24)))
    cues = [f"{n + 1}\n00:00:{6 * n:02d},200 --> 00:00:{6 * n + 5:02d},000\n{said}\n" for n, said in enumerate(SAYS)]
    (folder / "talk.srt").write_text("\n".join(cues), encoding="utf-8")
    return film


def test_a_film_gives_a_table_with_reasons_a_sheet_and_plans_that_render(cli: Cli, talk: Path, tmp_path: Path) -> None:
    before = talk.read_bytes()
    done = cli("analyze", str(talk), "--clips", "2", "--sheet", str(tmp_path / "s.png"), "--plans", str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = done.stdout.splitlines()
    assert "score" in rows[0] and "moment" in rows[0]
    assert any(said.rstrip("?.") in done.stdout for said in SAYS)
    assert "said: " in done.stderr and "captions:srt" in done.stderr
    assert "contact sheet: " in done.stderr
    with Image.open(tmp_path / "s.png") as sheet:
        assert np.asarray(sheet.convert("L")).std() > 10
    plans = sorted(tmp_path.glob("*.json"))
    assert [path.name[:2] for path in plans][:2] == ["1-", "2-"]
    rendered = cli("render", str(plans[0]), "--quality", "draft", "-o", str(tmp_path / "short.mp4"))
    assert rendered.returncode == 0, rendered.stderr
    assert talk.read_bytes() == before and not talk.is_symlink()
    assert not list(tmp_path.glob(".*"))


def test_programs_get_the_analysis_as_json(cli: Cli, talk: Path, tmp_path: Path) -> None:
    done = cli("analyze", str(talk), "--json", "--sheet", str(tmp_path / "s.png"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["transcript"]["sentences"][0]["text"] == SAYS[0]
    assert all(moment["reason"] and 0 <= moment["start"] < moment["end"] <= 24.1 for moment in told["moments"])
    assert told["sheet"] == str(tmp_path / "s.png")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("nowhere.mp4",), "there is no video at"),
        (("{folder}",), "is no file"),
        (("{text}",), "not a readable video"),
        (("{talk}", "--captions", "nowhere.srt"), "there is no caption file at"),
        (("{talk}", "--sheet", "a.jpg"), "does not end in .png"),
        (("{talk}", "--sheet", "{folder}"), ""),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    cli: Cli, talk: Path, tmp_path: Path, given: tuple[str, ...], says: str
) -> None:
    (tmp_path / "text.mp4").write_text("no film at all")
    places = {"talk": talk, "folder": tmp_path, "text": tmp_path / "text.mp4"}
    done = cli("analyze", *(each.format(**places) for each in given))
    assert done.returncode in {1, 2}
    assert says in done.stderr
    assert done.stderr.startswith("clipwire: ") and "Traceback" not in done.stderr
