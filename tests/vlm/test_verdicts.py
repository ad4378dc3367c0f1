"""A whole clip before a model: whatever that says, what comes of it is valid, judged, and for a general audience."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.vlm.adapters.judging.interview import Interview
from actors.vlm.adapters.judging.judge import ModelJudge
from actors.vlm.adapters.judging.panel import Panel
from actors.vlm.core import candidates
from actors.vlm.ports import Ask, Case, Judgement, Reply
from actors.vlm.store import Answers, Budget, Turns
from contracts.sight import Analysis, Framing
from runtime.media import FileMediaStore
from tests.support.channels import MemoryChannels
from tests.support.claims import MemoryClaims
from tests.vlm.clips import a_transcript
from tests.vlm.judged import Camera, a_case, a_verdict, quiet


class Parrot:
    """A model that says what the test says, first to the questions and then to whatever else it is asked."""

    provider, watches, patience_s = "openai", False, 5.0

    def __init__(self, *said: str) -> None:
        self._said = list(said)

    def offers(self, pictures: int) -> list[tuple[str, int]]:
        return [("parrot", 0)]

    async def answer(self, model: str, ask: Ask) -> Reply:
        return Reply(self._said.pop(0) if self._said else "", 10**12, -5)


async def by_parrot(folder: Path, case: Case, *said: str) -> Judgement:
    """What comes of these answers."""
    media = FileMediaStore(folder)
    panel = Panel([Parrot(*said)], Budget(MemoryClaims()), prices={}, wait_s=0.0)
    interview = Interview(panel, Answers(media), media, Camera())
    judge = ModelJudge(interview, channels=MemoryChannels(), turns=Turns(MemoryClaims()))
    return await judge.judge(case, quiet)


@pytest.mark.parametrize("seconds", [100.0, 200.0, 900.0])
@pytest.mark.parametrize("every", [2, 3, 5])
async def test_what_is_not_safe_or_was_not_judged_is_never_a_moment(tmp_path: Path, seconds: float, every: int) -> None:
    lines = [(float(t), f"Bees know {t} things about flowers and dance for them.") for t in range(1, int(seconds), 5)]
    case = a_case(a_transcript(lines), seconds=seconds)
    offered = candidates(case.sight, case.transcript, duration=seconds, wanted=4, title="A clip", most=20)
    assert len(offered) >= every
    said = [a_verdict(n, safe=n % every == 0).model_dump() for n in range(1, len(offered) + 1)]
    judgement = await by_parrot(tmp_path, case, json.dumps({"answers": said}))
    safe = {(moment.start, moment.end) for moment in offered[every - 1 :: every]}
    assert judgement.moments
    assert {(moment.start, moment.end) for moment in judgement.moments} <= safe
    assert {moment.judged_by for moment in judgement.moments} == {"openai:parrot"}
    assert f"{len(offered) - len(safe)} of {len(offered)} candidates were left out" in judgement.notes[0]


@pytest.mark.parametrize("clips", [6, 25])
async def test_whoever_orders_a_number_gets_it_and_all_of_it_judged(tmp_path: Path, clips: int) -> None:
    lines = [(float(t), f"Why do bees dance {t} times?") for t in range(1, 590, 6)]
    case = replace(a_case(a_transcript(lines), wanted=clips, seconds=600.0), fewest=clips)
    about: dict[str, Any] = {"duration": 600.0, "wanted": clips, "fewest": clips, "title": "A clip"}
    offered = candidates(case.sight, case.transcript, **about, most=20)
    said = [a_verdict(n, grade=1 + n % 5).model_dump() for n in range(1, len(offered) + 1)]
    judgement = await by_parrot(tmp_path, case, json.dumps({"answers": said}))
    assert len(judgement.moments) >= clips
    assert {moment.judged_by for moment in judgement.moments} == {"openai:parrot"}


@pytest.mark.parametrize("seconds", [4.0, 20.0, 45.0])
async def test_a_short_clip_that_is_not_safe_has_no_moments_and_says_why(tmp_path: Path, seconds: float) -> None:
    case = a_case(a_transcript([(float(t), f"Why {t}?") for t in range(1, int(seconds) - 2, 6)]), seconds=seconds)
    offered = candidates(case.sight, case.transcript, duration=seconds, wanted=4, title="A clip")
    said = [a_verdict(number, safe=False).model_dump() for number in range(1, len(offered) + 1)]
    judgement = await by_parrot(tmp_path, case, json.dumps({"answers": said}))
    assert [(use.stage, use.failure) for use in judgement.models] == [("questions", None)]
    assert (judgement.moments, judgement.moods) == ((), ())
    assert judgement.reason == f"openai:parrot says that no moment of {case.clip.clip_id} is for a general audience"
    assert "candidates were left out" in judgement.notes[0]


CASE = a_case(a_transcript([(float(t), f"Why do bees dance {t} times?") for t in range(1, 70, 6)]))
NUMBERS = st.integers(1, 6)
ALMOST = st.builds(
    lambda count, fields: json.dumps(
        {"answers": [{**a_verdict().model_dump(), "candidate": n, **fields} for n in count]}
    ),
    st.lists(NUMBERS, max_size=6, unique=True).map(sorted),
    st.dictionaries(
        st.sampled_from(["grade", "mood", "safe", "start", "hook"]), st.integers(0, 6) | st.text(max_size=5)
    ),
)
RIGHT = NUMBERS.map(lambda n: json.dumps({"answers": [a_verdict(k).model_dump() for k in range(1, n + 1)]}))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.text(max_size=80), ALMOST, RIGHT), max_size=4))
def test_whatever_a_model_says_the_analysis_is_valid_and_whole(said: list[str]) -> None:
    with TemporaryDirectory() as folder:
        judgement = asyncio.run(by_parrot(Path(folder), CASE, *said))
    analysis = Analysis(
        clip_id="file:abc", method="x/1", shots=(), loudness=(), framing=Framing(), moments=judgement.moments,
        models=judgement.models, notes=judgement.notes,
    )  # fmt: skip
    assert Analysis.model_validate_json(analysis.model_dump_json()) == analysis
    assert len(judgement.moments) == len(judgement.moods)
    assert len(judgement.moments) >= 4 or any("general audience" in note for note in judgement.notes)
    assert bool(judgement.moments) == (judgement.reason is None)
    spans = sorted((moment.start, moment.end) for moment in judgement.moments)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert all(end <= CASE.clip.duration for _, end in spans)
    assert all(
        moment.judged_by == ("local" if judgement.models[0].failure else "openai:parrot")
        for moment in judgement.moments
    )
