"""Every provider against a server that behaves like it, faults included: each ends in a whole, valid judgement."""

from __future__ import annotations

import itertools

import pytest

from actors.vlm.core import choose
from actors.vlm.ports import Judgement
from runtime.media import FileMediaStore
from tests.vlm.judged import SPEECH, a_case, judging, quiet
from tests.vlm.model_server import KEY, MODELS, PROVIDERS, Server, good, serving, settings_for
from tests.vlm.test_core import a_sight


def local() -> list[tuple[float, float]]:
    """The spans that are chosen without any model."""
    found = choose(a_sight(200.0, faces=1.0), SPEECH, duration=200.0, wanted=4, title="A clip")
    return [(moment.start, moment.end) for moment in found]


async def judged(server: Server, media: FileMediaStore, *providers: str, **more: object) -> Judgement:
    async with judging(settings_for(server, *providers, **more), media) as judge:
        return await judge.judge(a_case(), quiet)


def is_whole(judgement: Judgement) -> None:
    """As many moments as are wanted, none over another, all of them with words."""
    assert len(judgement.moments) >= 4
    assert len(judgement.moods) == len(judgement.moments)
    assert all(moment.title and moment.reason and 0 <= moment.score <= 1 for moment in judgement.moments)
    spans = sorted((moment.start, moment.end) for moment in judgement.moments)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert KEY not in repr(judgement)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_model_judges_and_words_the_moments(media: FileMediaStore, provider: str) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, provider)
    is_whole(judgement)
    assert [asked.stage for asked in server.asked] == ["questions", "wording"]
    assert {asked.model for asked in server.asked} == {MODELS[provider][0]}
    who = f"{provider}:{MODELS[provider][0]}"
    for number, moment in enumerate(judgement.moments, start=1):
        assert (moment.title, moment.hook, moment.description) == (
            f"Title {number}",
            f"Hook {number}",
            f"About {number}.",
        )
        assert (moment.tags, moment.judged_by) == (("bees", "dance"), who)
    assert set(judgement.moods) == {"funny"}
    questions, wording = judgement.models
    assert (questions.stage, questions.prompt, questions.failure) == ("questions", "questions/1", None)
    assert (wording.stage, wording.prompt, wording.failure) == ("wording", "wording/1", None)
    assert (questions.input_tokens, questions.output_tokens) == (900, 100)
