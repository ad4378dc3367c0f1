"""docs/plan.md: its example is rendered, and it names every field that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel

from actors.renderer.core import expanded
from contracts.media import Word
from contracts.sight import Framing, FramingPoint, FramingSection
from contracts.style import LookUse, Transition
from contracts.timeline import (
    Canvas,
    CaptionPlan,
    Effect,
    ImageOverlay,
    InsertOverlay,
    Music,
    ProgressOverlay,
    Segment,
    SoundPlan,
    Timeline,
    TitleOverlay,
    Voice,
    WatermarkOverlay,
)
from tests.cli.conftest import ROOT, Cli
from tests.renderer.media import RATE, Film, columns, look, make, tone

PAGE = (ROOT / "docs/plan.md").read_text(encoding="utf-8")
MODELS: tuple[type[BaseModel], ...] = (
    Timeline,
    Canvas,
    Segment,
    LookUse,
    Transition,
    Framing,
    FramingPoint,
    FramingSection,
    ImageOverlay,
    InsertOverlay,
    TitleOverlay,
    ProgressOverlay,
    WatermarkOverlay,
    CaptionPlan,
    Word,
    SoundPlan,
    Voice,
    Music,
    Effect,
)


def example() -> dict[str, Any]:
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    body: dict[str, Any] = json.loads(found[1])
    return body


def test_the_example_is_as_long_as_the_page_says() -> None:
    timeline = Timeline.model_validate(example(), extra="forbid")
    assert timeline.duration == pytest.approx(9.1)
    assert expanded(timeline).duration == pytest.approx(9.1 + 0.5, abs=0.05)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_named(model: type[BaseModel]) -> None:
    assert [name for name in model.model_fields if f"`{name}`" not in PAGE] == []


def test_the_example_is_rendered(cli: Cli, tmp_path: Path) -> None:
    body = example()
    body["canvas"] = {"width": 72, "height": 128, "fps": 10}
    body["quality"] = "draft"
    (tmp_path / "plan.json").write_text(json.dumps(body), encoding="utf-8")
    make(tmp_path / "talk.mp4", Film(width=128, height=72, seconds=36, fps=10, paint=columns, sound=tone(36)))
    make(tmp_path / "street.mp4", Film(width=128, height=72, seconds=6, fps=10, sound=tone(6)))
    Image.new("RGBA", (64, 64), (255, 0, 0, 200)).save(tmp_path / "logo.png")
    for name, seconds in (("bed.wav", 4.0), ("pop.wav", 0.3)):
        wave(tmp_path / name, tone(seconds))
    done = cli("render", "plan.json", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["duration"] == pytest.approx(9.6, abs=0.1)
    assert answer["loudness"] == pytest.approx(-14, abs=0.5)
    assert [video["shape"] for video in answer["videos"]] == [None, "1:1"]
    assert len(look(tmp_path / "plan.mp4").pictures) == round(answer["duration"] * 10)
    for name in ("plan.jpg", "plan.srt", "plan.vtt", "plan.otio", "plan.1x1.mp4", "plan.1x1.jpg"):
        assert (tmp_path / name).stat().st_size > 0


def wave(path: Path, samples: Any) -> None:
    import wave as riff

    with riff.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype(np.int16).tobytes())
