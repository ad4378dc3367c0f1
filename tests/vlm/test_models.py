"""Every provider against a server that behaves like it, faults included: each ends in a whole, valid judgement."""

from __future__ import annotations

import gzip
import itertools
import json
import logging
from functools import cache

import pytest
from pydantic import ValidationError

from actors.vlm.adapters.judging import models
from actors.vlm.adapters.judging.models import open_models
from actors.vlm.adapters.judging.models.http import open_client
from actors.vlm.core import choose
from actors.vlm.ports import Ask, Judgement
from actors.vlm.settings import VlmSettings
from runtime.media import FileMediaStore
from tests.vlm.clips import a_sight
from tests.vlm.judged import SPEECH, judged
from tests.vlm.model_server import KEY, MODELS, PROVIDERS, Asked, Said, always, good, serving, settings_for


@cache
def local() -> list[tuple[float, float]]:
    """The spans that are chosen without any model."""
    found = choose(a_sight(200.0, faces=1.0), SPEECH, duration=200.0, wanted=4, title="A clip")
    return [(moment.start, moment.end) for moment in found]


def is_whole(judgement: Judgement) -> None:
    """As many moments as are wanted, none over another, all of them with words."""
    assert len(judgement.moments) >= 4
    assert len(judgement.moods) == len(judgement.moments)
    assert all(moment.title and moment.reason and 0 <= moment.score <= 1 for moment in judgement.moments)
    spans = sorted((moment.start, moment.end) for moment in judgement.moments)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert KEY not in repr(judgement)


def test_a_provider_is_a_line_in_the_table_and_its_settings_and_is_tried_against_every_fault() -> None:
    assert set(models.PROVIDERS) == set(PROVIDERS)
    assert {f.removesuffix("_frames") for f in VlmSettings.model_fields if f.endswith("_frames")} == set(PROVIDERS)
    assert {f"{provider}_base_url" for provider in PROVIDERS} <= set(VlmSettings.model_fields)
    assert VlmSettings(vlm_models=",".join(f"{provider}:x" for provider in PROVIDERS)).models()


@pytest.mark.parametrize("named", ["", "qwen3", "gemini:", "mistral:large", "ollama:a,,groq:b", "ollama:a b"])
def test_a_model_without_a_provider_is_refused_with_a_way_to_name_it(named: str) -> None:
    with pytest.raises(ValidationError, match="names no model; write `provider:model` of gemini, groq"):
        VlmSettings(vlm_models=named)


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
    favourite = server.asked[0].candidates[-1]["said"]
    assert judgement.moments[0].text == favourite, "the candidate with the best answers comes first"
    assert f"{who} gives it 5 of 5 (stands alone, opens with a hook, pays off)" in judgement.moments[0].reason
    questions, wording = judgement.models
    assert (questions.stage, questions.prompt, questions.failure) == ("questions", "questions/1", None)
    assert (wording.stage, wording.prompt, wording.failure) == ("wording", "wording/1", None)
    assert (questions.input_tokens, questions.output_tokens) == (900, 100)


def is_local(judgement: Judgement, because: str) -> None:
    """The moments that are chosen without a model, and the event says why."""
    is_whole(judgement)
    assert [(moment.start, moment.end) for moment in judgement.moments] == local()
    assert {moment.judged_by for moment in judgement.moments} == {"local"}
    (use,) = judgement.models
    assert use.stage == "questions"
    assert use.failure is not None
    assert because in use.failure, use.failure


def shaped(**odd: object) -> Said:
    """Answers to the questions in which every field is right but these."""
    fine = {"stands_alone": True, "hook": True, "pays_off": True, "safe": True, "mood": "calm", "grade": 3}
    return Said(json.dumps({"answers": [{"candidate": n, **fine, **odd} for n in range(1, 21)]}))


def odd_counts() -> bytes:
    """An answer of every provider at once, whose tokens are no numbers."""
    usage = '{"prompt_tokens": 1e999, "promptTokenCount": "many", "totalTokenCount": {}}'
    return (
        '{"choices": [{"message": {"content": "{}"}}], "message": {"content": "{}"}, "prompt_eval_count": 1e999, '
        f'"usage": {usage}, "usageMetadata": {usage}, "candidates": [{{"content": {{"parts": [{{"text": "x"}}]}}}}]}}'
    ).encode()


UNUSABLE = {
    "prose": (Said("I think that the second one is the best of them."), "holds no JSON object"),
    "half JSON": (Said('{"answers": [{"candidate": 1, "grade": {}, "stands_alone": tr'), "Invalid JSON"),
    "unknown candidates": (shaped(candidate=99), "every candidate from 1 to"),
    "times of its own": (shaped(start=900.0, end=99999.0), "Extra inputs are not permitted"),
    "an unknown mood": (shaped(mood="sleepy"), "mood"),
    "a grade beyond the scale": (shaped(grade=11), "grade"),
    "an empty list": (Said('{"answers": []}'), "they hold none"),
    "nothing": (Said(""), "it is empty"),
    "a list": (Said("[]"), "holds no JSON object"),
    "half of a letter": (Said('{"answers": ["\ud83d"]}'), "answers.0"),
    "deep nesting": (Said('{"answers":' + "[" * 400 + "]" * 400 + "}"), "recursion"),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", UNUSABLE)
async def test_an_answer_that_cannot_be_used_is_repaired_once_and_then_left(
    media: FileMediaStore, provider: str, fault: str
) -> None:
    said, because = UNUSABLE[fault]
    with serving(always(said)) as server:
        judgement = await judged(server, media, provider)
    is_local(judgement, because)
    assert [asked.repairs for asked in server.asked] == [False, True]
    assert {asked.model for asked in server.asked} == {MODELS[provider][0]}
    assert judgement.models[0].input_tokens == 1800


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_answer_that_is_repaired_counts(media: FileMediaStore, provider: str) -> None:
    with serving(lambda asked: good(asked) if asked.repairs else Said("Sure! Here it is.")) as server:
        judgement = await judged(server, media, provider)
    is_whole(judgement)
    assert [use.failure for use in judgement.models] == [None, None]
    assert judgement.moments[0].judged_by == f"{provider}:{MODELS[provider][0]}"
    first, repair = server.asked[:2]
    assert repair.texts[:2] == first.texts
    assert "Sure! Here it is." in repair.texts[2]
    assert "it holds no JSON object" in repair.texts[3]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_json_inside_of_fences_and_words_is_read(media: FileMediaStore, provider: str) -> None:
    with serving(lambda asked: Said(f"Here you are:\n```json\n{good(asked).text}\n```\nAnything else?")) as server:
        judgement = await judged(server, media, provider)
    assert [use.failure for use in judgement.models] == [None, None]
    assert len(server.asked) == 2


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_words_that_cannot_be_used_leave_the_judged_moments_with_their_own(
    media: FileMediaStore, provider: str
) -> None:
    def answer(asked: Asked) -> Said:
        words = good(asked).text or ""
        return good(asked) if asked.stage == "questions" else Said(words.replace("About", "See www.example.com:"))

    with serving(answer) as server:
        judgement = await judged(server, media, provider)
    is_whole(judgement)
    questions, wording = judgement.models
    assert questions.failure is None
    assert "must hold no web address" in (wording.failure or "")
    assert not any(moment.hook.startswith("Hook ") or "See" in moment.description for moment in judgement.moments)
    assert "of 5" in judgement.moments[0].reason
    assert set(judgement.moods) <= {"calm", None}


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "MAX_TOKENS", "BLOCKED"])
async def test_gemini_that_says_nothing_is_asked_once_more(media: FileMediaStore, reason: str) -> None:
    with serving(always(Said(None, reason=reason))) as server:
        judgement = await judged(server, media, "gemini")
    is_local(judgement, "it is empty: it refused the question (SAFETY)" if reason == "BLOCKED" else reason)
    assert len(server.asked) == 2


NO_ANSWER = {
    "a wrong key": (
        Said(status=401, error="Incorrect API key: {key}", code="invalid_api_key"),
        1,
        "HTTP 401",
    ),
    "no permission": (Said(status=403, error="not in your region"), 1, "not in your region"),
    "a server that fails": (Said(status=500, error="internal"), 2, "HTTP 500 (internal)"),
    "a page of a proxy": (Said(status=502, raw=b"<html>Bad gateway</html>"), 2, "HTTP 502"),
    "half an answer": (Said('{"answers": []}', cut=40), 2, "cut the connection"),
    "no JSON": (Said(raw=b"<html>Welcome</html>"), 2, "no whole JSON"),
    "JSON of another kind": (Said(raw=b'{"choices": 5, "candidates": 5, "message": 5}'), 2, "no whole JSON"),
    "counts that are none": (Said(raw=odd_counts()), 2, "no whole JSON"),
    "a huge answer": (Said(raw=b'{"a": "' + b"x" * (5 << 20) + b'"}'), 2, "more than 4 MiB"),
    "an answer that is packed": (
        Said(raw=gzip.compress(b"[" + b" " * (64 << 20) + b"]"), headers={"Content-Encoding": "gzip"}),
        2,
        "an encoding that was not asked for",
    ),
    "a page that has moved": (Said(status=302, headers={"Location": "/elsewhere"}), 1, "HTTP 302"),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", NO_ANSWER)
async def test_a_provider_that_gives_no_answer_leaves_the_local_one(
    media: FileMediaStore, provider: str, fault: str
) -> None:
    said, times, because = NO_ANSWER[fault]
    with serving(always(said)) as server:
        judgement = await judged(server, media, provider)
    is_local(judgement, because)
    assert len(server.asked) == times


ODD_ERRORS = [
    b"[1, 2]",
    b'"x"',
    b"5",
    b"\xff",
    b'{"error": {"code": [], "message": {}}}',
    b'{"error": [{}]}',
    b"[" * 5000,
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("body", ODD_ERRORS)
async def test_an_error_of_any_shape_leaves_the_local_answer(media: FileMediaStore, provider: str, body: bytes) -> None:
    with serving(always(Said(status=500, raw=body))) as server:
        judgement = await judged(server, media, provider)
    is_local(judgement, " answered ")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_mistake_of_ours_is_not_taken_for_one_of_the_server(provider: str) -> None:
    ask = Ask(name="questions", system="", text="", schema={"never": object()}, most_tokens=1)
    with serving(good) as server:
        async with open_client() as http:
            (chat,) = open_models(settings_for(server, provider), http)
            with pytest.raises(TypeError, match="serializable"):
                await chat.answer(MODELS[provider][0], ask)
    assert server.asked == []


async def test_other_logs_of_the_process_are_left_as_they_are() -> None:
    logger = logging.getLogger("httpx")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        async with open_client():
            assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(before)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_answers_are_asked_for_unpacked(media: FileMediaStore, provider: str) -> None:
    with serving(good) as server:
        await judged(server, media, provider)
    assert {asked.headers["Accept-Encoding"] for asked in server.asked} == {"identity"}


async def test_no_key_is_ever_logged(media: FileMediaStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (good, always(Said(status=401, error="no")), always(Said(raw=b"<html>"))):
        with serving(answer) as server:
            await judged(server, media, *PROVIDERS, vlm_model_wait_s=0.0)
    assert caplog.records
    assert KEY not in caplog.text
