"""`clipwire analyze`: a film in; its moments with reasons, a contact sheet and plans out."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from actors.transcriber.core.order import CAPTIONS
from actors.transcriber.settings import TranscriberSettings
from cli.analysis import SERVICES, listening_here
from cli.contact_sheet import runs, save_sheet, wrapped
from tests.cli.conftest import Cli, interrupt
from tests.renderer.media import RATE, Film, blocks, clock, make, quarters, tone

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
    assert plans and [path.name.partition("-")[0] for path in plans] == [str(n + 1) for n in range(len(plans))]
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
        (("{talk}", "--sheet", "{folder}"), "does not end in .png"),
        (("{talk}", "--sheet", "{folder}/there.png"), "there.png can't be written to (it is a folder)"),
        (("{talk}", "--sheet", "{folder}/notes.png"), "notes.png is there and is no PNG"),
        (("{talk}", "--sheet", "{folder}/new/" + "n" * 248 + ".png"), "can't be written to (File name too long)"),
        (("{talk}", "--plans", "{text}"), "--plans: "),
        (("{talk}", "--plans", "{folder}/new/" + "n" * 260), "can't be written to (File name too long)"),
        (("{sound}",), "has sound but no moving picture"),
        (("{folder}/two\nlines.mp4",), "two\\nlines.mp4' has a control character in its name. Rename it"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    cli: Cli, talk: Path, tmp_path: Path, given: tuple[str, ...], says: str
) -> None:
    (tmp_path / "text.mp4").write_text("no film at all")
    (tmp_path / "two\nlines.mp4").write_bytes(talk.read_bytes())
    (tmp_path / "notes.png").write_text("mine")
    (tmp_path / "there.png").mkdir()
    sound_only(tmp_path / "sound.m4a")
    places = {
        "talk": talk,
        "folder": tmp_path,
        "text": tmp_path / "text.mp4",
        "sound": tmp_path / "sound.m4a",
    }
    before = {path.name for path in tmp_path.iterdir()}
    done = cli("analyze", *(each.format(**places) for each in given))
    assert done.returncode in {1, 2}
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("clipwire: ") and says in line
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == before
    assert (tmp_path / "notes.png").read_text() == "mine"


def sound_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        for block in blocks(tone(6)):
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))


def test_what_cannot_be_written_in_the_end_is_told_in_a_line(cli: Cli, talk: Path, tmp_path: Path) -> None:
    first = cli("analyze", str(talk), "--clips", "1", "--sheet", str(tmp_path / "s.png"), "--plans", str(tmp_path))
    assert first.returncode == 0, first.stderr
    (plan,) = tmp_path.glob("1-*.json")
    plan.unlink()
    (plan / "in the way").mkdir(parents=True)
    done = cli("analyze", str(talk), "--clips", "1", "--sheet", str(tmp_path / "s.png"), "--plans", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"clipwire: --plans: {tmp_path} can't be written to (")
    assert "Traceback" not in done.stderr


def test_a_home_that_can_not_be_written_to_is_told_in_a_line(cli: Cli, talk: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    sheet = str(tmp_path / "s.png")
    done = cli("analyze", str(talk), "--sheet", sheet, CLIPWIRE_HOME=str(tmp_path / "taken"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        f"clipwire: CLIPWIRE_HOME: {tmp_path / 'taken'} can't be written to (Not a directory)"
    )
    assert "Traceback" not in done.stderr


def test_sheets_of_one_name_that_are_saved_at_once_are_whole(tmp_path: Path) -> None:
    sheet, target = Image.effect_noise((300, 300), 60), tmp_path / "s.png"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: save_sheet(sheet, target), range(40)))
    with Image.open(target) as saved:
        assert saved.tobytes() == sheet.tobytes()
    assert list(tmp_path.iterdir()) == [target]


def test_a_sheet_without_all_of_the_moments_says_so(cli: Cli, tmp_path: Path) -> None:
    film = make(tmp_path / "long.mp4", Film(width=64, height=36, seconds=90, fps=5, paint=clock))
    done = cli("analyze", str(film), "--clips", "9", "--sheet", str(tmp_path / "s.png"))
    assert done.returncode == 0, done.stderr
    assert "contact sheet of the first 8: " in done.stderr


def test_a_film_without_sound_has_moments_too(cli: Cli, tmp_path: Path) -> None:
    film = make(tmp_path / "silent.mp4", Film(width=256, height=144, seconds=12, fps=10, paint=quarters))
    done = cli("analyze", str(film), "--sheet", str(tmp_path / "s.png"))
    assert done.returncode == 0, done.stderr
    assert "no sound to listen to" in done.stderr
    assert SERVICES not in done.stderr
    assert (tmp_path / "s.png").is_file()


def test_no_service_is_asked_to_listen_although_its_key_is_set(cli: Cli, tmp_path: Path) -> None:
    several = TranscriberSettings(_env_file=None, transcriber_order="groq,captions,openai,faster-whisper")
    assert listening_here(several).order == (*CAPTIONS, "faster-whisper")
    only = TranscriberSettings(_env_file=None, transcriber_order="groq")
    assert listening_here(only).order == (*CAPTIONS, "faster-whisper")
    film = make(tmp_path / "t.mp4", Film(width=256, height=144, seconds=6, fps=10, paint=clock, sound=tone(6)))
    keys = {f"CLIPWIRE_{name}_API_KEY": "k" for name in ("GROQ", "OPENAI")}
    done = cli("analyze", str(film), "--sheet", str(tmp_path / "s.png"), **keys)
    assert done.returncode == 0, done.stderr
    assert f"note: {SERVICES}" in done.stderr


def test_ctrl_c_ends_an_analysis_at_once_and_leaves_nothing_behind(tmp_path: Path, home: Path) -> None:
    film = make(tmp_path / "long.mp4", Film(width=640, height=360, seconds=60, fps=10, paint=clock, sound=tone(60)))
    before = {path.name for path in tmp_path.iterdir()}
    sheet = str(tmp_path / "new" / "s.png")
    interrupt(tmp_path, "analyze", str(film), "--sheet", sheet, at="  look ", CLIPWIRE_HOME=str(home))
    assert {path.name for path in tmp_path.iterdir()} == before
    assert not list((home / "scratch").iterdir())


@pytest.mark.parametrize(
    "said",
    [
        "三つのことが人を引き留めるかどうかを決めますそして最初の一秒がいちばん大切なのにほとんどの人は挨拶で無駄にしてしまいます",
        "لماذا لا يخبرك أحد بهذا الأمر المهم جدا قبل أن تبدأ في صنع مقطع الفيديو الأول لك على الإنترنت",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    ],
    ids=["japanese", "arabic", "one long word"],
)
def test_titles_of_every_script_stay_in_their_column(cli: Cli, tmp_path: Path, said: str) -> None:
    film = make(tmp_path / "t.mp4", Film(width=256, height=144, seconds=12, fps=10, paint=clock, sound=tone(12)))
    (tmp_path / "t.srt").write_text(f"1\n00:00:00,200 --> 00:00:11,500\n{said}\n", encoding="utf-8")
    done = cli("analyze", str(film), "--clips", "1", "--sheet", str(tmp_path / "s.png"))
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "s.png") as sheet:
        picture = np.asarray(sheet.convert("RGB"))
    assert picture[56:, 10:320].max() > 200
    assert (picture[56:, 322:330] == picture[-1, -1]).all()


@pytest.mark.parametrize(
    "text",
    [
        "שלום לכולם. GPT 4 הגיע!",
        "مرحبا: 3 أسباب (AI)",
        "สวัสดี, 5 ข้อ.",
        "नमस्ते: AI क्या है?",
        "why “今天” is 3 times better",
    ],
    ids=["hebrew", "arabic", "thai", "hindi", "english"],
)
def test_every_letter_of_a_sheet_is_in_a_font_that_has_it(text: str) -> None:
    pieces = runs(text)
    assert "".join(piece for piece, _ in pieces) == text
    assert not [letter for piece, face in pieces for letter in piece if letter.strip() and not face.has({ord(letter)})]


@given(st.text(max_size=200), st.integers(10, 30))
@settings(deadline=None, max_examples=50)
def test_a_wrapped_text_loses_nothing_but_spaces(text: str, points: int) -> None:
    lines = list(wrapped(text, points, 310))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line == line.strip() for line in lines)
