"""`clipwire render`: a plan in, a finished short and what lies beside it out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cli.output import CliError
from cli.palette import palette
from cli.plans import EXAMPLE, located, read_plan
from cli.render import render
from contracts.timeline import Timeline
from runtime.settings import RuntimeSettings
from tests.cli.conftest import Cli, interrupt
from tests.renderer.media import Film, clock, look, make, tone

CANVAS = {"width": 72, "height": 128, "fps": 10}
SEGMENT = {"source": "talk.mp4", "end": 1.0}


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds whose brightness tells the time, with a tone."""
    return make(
        tmp_path_factory.mktemp("films") / "talk.mp4",
        Film(width=128, height=72, seconds=10, fps=10, paint=clock, sound=tone(10)),
    )


@pytest.fixture
def folder(tmp_path: Path, talk: Path) -> Path:
    """A folder with the film, apart from where the command is started."""
    place = tmp_path / "plans"
    place.mkdir()
    (place / "talk.mp4").write_bytes(talk.read_bytes())
    return place


def written(folder: Path, **plan: Any) -> str:
    body = {"canvas": CANVAS, "segments": [SEGMENT], **plan}
    (folder / "plan.json").write_text(json.dumps(body), encoding="utf-8")
    return str(folder / "plan.json")


def test_a_plan_becomes_a_short_with_everything_beside_it(cli: Cli, folder: Path) -> None:
    words = [{"text": "Hello", "start": 0.1, "end": 0.5}, {"text": "there.", "start": 0.5, "end": 0.9}]
    plan = written(folder, shapes=["1:1"], captions={"words": words}, overlays=[{"kind": "progress"}])
    done = cli("render", plan)
    assert done.returncode == 0, done.stderr
    names = {"plan.mp4", "plan.jpg", "plan.1x1.mp4", "plan.1x1.jpg", "plan.srt", "plan.vtt", "plan.otio"}
    assert {path.name for path in folder.iterdir()} == names | {"talk.mp4", "plan.json"}
    assert len(look(folder / "plan.mp4").pictures) == 10
    assert look(folder / "plan.1x1.mp4").pictures[0].shape[:2] == (72, 72)
    assert "Hello there." in (folder / "plan.srt").read_text()
    assert json.loads((folder / "plan.otio").read_text())["name"] == "plan"
    assert (folder / "talk.mp4").resolve().as_uri() in (folder / "plan.otio").read_text()
    with Image.open(folder / "plan.jpg") as picture:
        assert picture.size == (72, 128)
    for said in ("plan.mp4", "1.00 s", "72x128", "plan.1x1.mp4", "72x72", "LUFS", "100 %", "plan.otio"):
        assert said in done.stdout
    assert "times as fast as it plays" in done.stderr


def test_what_an_earlier_render_left_is_removed_and_nothing_else(cli: Cli, folder: Path) -> None:
    words = [{"text": "Hello", "start": 0.1, "end": 0.5}]
    assert cli("render", written(folder, shapes=["1:1"], captions={"words": words})).returncode == 0
    (folder / "plan.16x9.mp4").write_bytes((folder / "talk.mp4").read_bytes())
    (folder / "plan.notes.txt").write_text("mine")
    assert cli("render", written(folder, segments=[{"source": "plan.16x9.mp4", "end": 1}])).returncode == 0
    made = {"plan.mp4", "plan.jpg", "plan.otio"}
    assert {path.name for path in folder.iterdir()} == made | {
        "talk.mp4",
        "plan.json",
        "plan.16x9.mp4",
        "plan.notes.txt",
    }


def test_captions_beside_a_video_that_was_never_rendered_are_left_alone(cli: Cli, folder: Path) -> None:
    (folder / "plan.srt").write_text("by hand")
    assert cli("render", written(folder)).returncode == 0
    assert (folder / "plan.srt").read_text() == "by hand"


def test_a_folder_that_was_made_for_nothing_is_removed(cli: Cli, folder: Path) -> None:
    (folder / "out").mkdir()
    plan = written(folder, segments=[{**SEGMENT, "looks": [{"name": "sparkle"}]}])
    done = cli("render", plan, "--output", str(folder / "out" / "a" / "b" / "short.mp4"))
    assert done.returncode == 1, done.stderr
    assert (folder / "out").is_dir() and not list((folder / "out").iterdir())


def test_the_answer_as_json_has_the_measured_quality_and_leftovers_are_swept(
    cli: Cli, folder: Path, tmp_path: Path, home: Path
) -> None:
    stored = home / "media" / "clips" / "folder" / "a" / "source.mp4"
    stored.parent.mkdir(parents=True)
    (folder / "talk.mp4").rename(stored)
    plan = written(folder, segments=[{"source": "media://clips/folder/a/source.mp4", "end": 1}])
    target = tmp_path / "new" / "out.mp4"
    (target.parent / ".clipwire-render.of-a-killed-one").mkdir(parents=True)
    (target.parent / "out.srt").write_text("somebody's own")
    done = cli("render", plan, "--output", str(target), "--quality", "draft", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    [video] = answer["videos"]
    assert video["file"] == str(target) and target.is_file()
    assert video["quality"]["frames"] == 10
    assert video["quality"]["bytes"] == target.stat().st_size
    assert "draft" in answer["encoder"]
    assert answer["captions"] is None
    assert sorted(path.name for path in target.parent.iterdir()) == ["out.jpg", "out.mp4", "out.otio", "out.srt"]
    assert (target.parent / "out.srt").read_text() == "somebody's own"


def test_captions_of_a_ramped_segment_are_on_the_clock_of_the_short(cli: Cli, folder: Path) -> None:
    segment = {"source": "talk.mp4", "end": 4, "looks": [{"name": "speed_ramp", "strength": 1}]}
    words = [{"text": "late", "start": 3.5, "end": 3.9}]
    done = cli("render", written(folder, segments=[segment], captions={"words": words}), "--json")
    assert done.returncode == 0, done.stderr
    longer = json.loads(done.stdout)["duration"] - 4
    assert longer > 0.5
    [times] = [line for line in (folder / "plan.srt").read_text().splitlines() if "-->" in line]
    assert float(times[6:8] + "." + times[9:12]) == pytest.approx(3.5 + longer, abs=0.1)


def test_ctrl_c_stops_a_render_at_once_and_leaves_no_half_file_and_no_folder(folder: Path, home: Path) -> None:
    plan = written(folder, segments=[{"source": "talk.mp4", "end": 10}] * 2, canvas={"width": 360, "height": 640})
    before = {path.name for path in folder.iterdir()}
    short = str(folder / "new" / "short.mp4")
    interrupt(folder, "render", plan, "--output", short, at=".*25 %", within=60, CLIPWIRE_HOME=str(home))
    assert {path.name for path in folder.iterdir()} == before


def test_a_source_is_never_written_over(cli: Cli, folder: Path) -> None:
    plan = written(folder)
    Path(plan).rename(folder / "talk.json")
    whole = (folder / "talk.mp4").read_bytes()
    done = cli("render", str(folder / "talk.json"))
    assert done.returncode == 2
    assert "--output: talk.mp4 is a source of this plan" in done.stderr
    assert (folder / "talk.mp4").read_bytes() == whole


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ({"segments": []}, "segments: tuple should have at least 1 item"),
        ({"segments": [{"source": "talk.mp4"}]}, "segments.0.end: it is missing"),
        ({"segments": [{**SEGMENT, "sped": 2}]}, "segments.0.sped: there is no such field"),
        ({"segments": [{**SEGMENT, "speed": 9}]}, "segments.0.speed: should be less than or equal to 4"),
        ({"segments": [{**SEGMENT, "start": 2}]}, "segments.0: a segment must end after it starts"),
        (
            {"segments": [SEGMENT, {**SEGMENT, "transition": {"seconds": 3}}]},
            "segments.0: it lasts 1.00 s, and its transitions take 3.00 s",
        ),
        ({"overlays": [{"kind": "image", "x": 2}]}, "overlays.0.source: it is missing (and 1 more)"),
        (
            {"overlays": [{"kind": "sticker"}]},
            "overlays.0.kind: there is no 'sticker', only image, insert, title, progress, watermark",
        ),
        ({"overlays": [{"text": "Wait"}]}, "overlays.0.kind: it is missing: one of image, insert, title, progress,"),
        (
            {"captions": {"words": [{"text": "Hi", "start": 1, "end": 1}, {"text": "you", "start": 2, "end": 1}]}},
            "captions.words.1: the word 'you' ends before it starts (start 2.0, end 1.0)",
        ),
        (
            {"captions": {"platforms": ["tiktok", "tikok"]}},
            "captions.platforms: no platform 'tikok' is known, only bluesky, facebook, instagram, linkedin,",
        ),
        (
            {"captions": {"language": "english"}},
            "captions.language: 'english' is no language tag, such as en,",
        ),
        ({"captions": {"language": "pt_BR"}}, "captions.language: 'pt_BR' is no language tag"),
        ({"segments": [{"source": "gone.mp4", "end": 1}]}, "segments.0.source: "),
        ({"segments": [{"source": ".", "end": 1}]}, "is no file"),
        ({"segments": [{"source": "https://example.org/a.mp4", "end": 1}]}, "is an address"),
        ({"segments": [{"source": "media://clips/x/a.mp4", "end": 1}]}, "is not in the media store"),
        ({"overlays": [{"kind": "image", "source": "logo.png"}]}, "overlays.0.source: "),
        ({"sound": {"music": {"source": "bed.ogg"}}}, "sound.music.source: "),
        ({"sound": {"effects": [{"source": "pop.wav", "at": 1}]}}, "sound.effects.0.source: "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_bad_plan_is_one_line_that_names_the_field(
    folder: Path, home: Path, plan: dict[str, Any], says: str
) -> None:
    with pytest.raises(CliError) as refused:
        await located(read_plan(Path(written(folder, **plan))), folder, RuntimeSettings(home=home))
    assert refused.value.code == 2
    assert says in refused.value.what and "\n" not in refused.value.what
    assert refused.value.advice


def test_a_bad_plan_leaves_nothing_and_exits_with_two(cli: Cli, folder: Path) -> None:
    done = cli("render", written(folder, segments=[{"source": "gone.mp4", "end": 1}]))
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("clipwire: segments.0.source: ") and line.endswith("starts at the plan's folder")
    assert {path.name for path in folder.iterdir()} == {"plan.json", "talk.mp4"}


def test_what_only_the_renderer_can_tell_is_one_line_as_well(cli: Cli, folder: Path) -> None:
    done = cli("render", written(folder, segments=[{**SEGMENT, "looks": [{"name": "sparkle"}]}]))
    assert done.returncode == 1, done.stderr
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("clipwire: segments.0.looks.0.name: ")
    assert {path.name for path in folder.iterdir()} == {"plan.json", "talk.mp4"}


@pytest.mark.parametrize(
    ("sound", "field"),
    [
        ({"music": {"source": "notes.txt"}}, "sound.music.source"),
        ({"voices": [{"source": "talk.mp4"}, {"source": "notes.txt"}]}, "sound.voices.1.source"),
        ({"effects": [{"source": "notes.txt", "at": 0.5}]}, "sound.effects.0.source"),
    ],
    ids=["music", "voice", "effect"],
)
def test_a_file_that_is_no_sound_is_named_by_its_field(
    cli: Cli, folder: Path, sound: dict[str, Any], field: str
) -> None:
    (folder / "notes.txt").write_text("no sound at all")
    done = cli("render", written(folder, sound=sound))
    assert done.returncode == 1, done.stderr
    [line] = done.stderr.strip().splitlines()
    assert line.startswith(f"clipwire: {field}: notes.txt is not a readable sound")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "no JSON (EOF while parsing an object at line 1 column 1)"),
        (b"[]", "should be an object"),
        (b'{"cover": "caf\xe9"}', "is in some other encoding, not in UTF-8"),
        ('{"segments": []}'.encode("utf-16"), "is in UTF-16, not in UTF-8"),
        (None, "there is no plan at "),
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(CliError, match=re.escape(says)):
        read_plan(tmp_path / "plan.json")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Missing argument 'PLAN'"),
        (("plan.json", "--output", "talk.mp4/short.mp4"), "can't be written to"),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else value,
)
def test_a_wrong_order_is_refused(cli: Cli, folder: Path, arguments: tuple[str, ...], says: str) -> None:
    written(folder)
    done = cli("render", *(str(folder / each) if "." in each else each for each in arguments))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


def test_a_short_is_an_mp4(folder: Path) -> None:
    with pytest.raises(CliError, match=r"does not end in \.mp4"):
        render(Path(written(folder)), folder / "short.avi")


def test_the_example_is_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    render(example=True)
    (tmp_path / "plan.json").write_text(capsys.readouterr().out)
    assert isinstance(read_plan(tmp_path / "plan.json"), Timeline)
    assert (tmp_path / "plan.json").read_text() == EXAMPLE


def test_everything_a_plan_may_name_is_listed_with_what_it_looks_like(capsys: pytest.CaptureFixture[str]) -> None:
    render(names=True, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found == palette()
    assert {"speed_ramp", "warm"} <= set(found["looks"]) and "fade" in found["transitions"] and "lit" in found["styles"]
    assert all(says and not says.endswith(".") for names in found.values() for says in names.values())
    render(names=True)
    listed = capsys.readouterr().out
    assert all(name in listed and says in listed for names in found.values() for name, says in names.items())
