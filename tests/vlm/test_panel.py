"""Who is asked next, how long a busy model is waited for, and what each provider is sent."""

from __future__ import annotations

from itertools import chain, repeat
from typing import Any

import pytest
from pydantic import ValidationError

from actors.vlm.ports import Judgement
from actors.vlm.settings import VlmSettings
from contracts.media import Transcript
from runtime.media import FileMediaStore
from tests.vlm.judged import SPEECH, Camera, a_case, judging, quiet
from tests.vlm.model_server import MODELS, PROVIDERS, Answer, Asked, Said, Server, good, serving, settings_for


async def judged(
    server: Server,
    media: FileMediaStore,
    *providers: str,
    camera: Camera | None = None,
    transcript: Transcript | None = SPEECH,
    **more: Any,
) -> Judgement:
    if camera:
        async with media.writing(a_case().clip.media.uri, "video/mp4") as draft:
            draft.path.write_bytes(b"video")
    async with judging(settings_for(server, *providers, **more), media, camera=camera) as judge:
        return await judge.judge(a_case(transcript), quiet)


def in_turn(*first: Said) -> Answer:
    """These answers first, and good ones from then on."""
    answers = chain(first, repeat(None))

    def answer(asked: Asked) -> Said:
        said = next(answers)
        return good(asked) if said is None else said

    return answer


def busy(provider: str, seconds: float | None) -> Said:
    """429, with the time to wait as this provider tells it."""
    if seconds is None:
        return Said(status=429, error="slow down", code="rate_limit_exceeded")
    if provider == "gemini":
        return Said(status=429, error="slow down", code="RESOURCE_EXHAUSTED", retry_delay=f"{seconds}s")
    return Said(status=429, error="slow down", code="rate_limit_exceeded", headers={"retry-after": str(seconds)})


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seconds", [0.01, None])
async def test_a_busy_model_is_asked_again_when_it_says_so(
    media: FileMediaStore, provider: str, seconds: float | None
) -> None:
    with serving(in_turn(busy(provider, seconds))) as server:
        judgement = await judged(server, media, provider)
    assert [use.failure for use in judgement.models] == [None, None]
    assert [asked.stage for asked in server.asked] == ["questions", "questions", "wording"]
    assert len({asked.model for asked in server.asked}) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_model_that_is_busy_for_long_is_not_waited_for(media: FileMediaStore, provider: str) -> None:
    with serving(in_turn(*[busy(provider, 3600.0)] * 9)) as server:
        judgement = await judged(server, media, provider)
    (use,) = judgement.models
    assert use.failure == f"{MODELS[provider][0]}: {named(provider)} answered HTTP 429 (slow down)"
    assert len(server.asked) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_busy_model_is_asked_three_times_at_most(media: FileMediaStore, provider: str) -> None:
    with serving(in_turn(*[busy(provider, None)] * 9)) as server:
        await judged(server, media, provider)
    assert len(server.asked) == 3


GONE = {
    "gemini": Said(status=404, error="models/x is not found for API version v1", code="NOT_FOUND"),
    "groq": Said(status=400, error="The model has been decommissioned", code="model_decommissioned"),
    "openai": Said(status=404, error="The model does not exist", code="model_not_found"),
    "ollama": Said(status=404, error="model 'x' not found"),
}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_model_that_is_gone_makes_room_for_the_next(media: FileMediaStore, provider: str) -> None:
    first, second = MODELS[provider]
    with serving(lambda asked: GONE[provider] if asked.model == first else good(asked)) as server:
        judgement = await judged(server, media, provider)
    assert [use.model for use in judgement.models] == [second, second]
    assert judgement.moments[0].judged_by == f"{provider}:{second}"
    (note,) = judgement.notes
    assert first in note
    assert (GONE[provider].error or "") in note


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_model_that_says_nothing_for_long_is_given_up(media: FileMediaStore, provider: str) -> None:
    with serving(in_turn(Said(hang=True))) as server:
        judgement = await judged(server, media, provider, vlm_model_timeout_s=0.4, ollama_timeout_s=0.4)
    (use,) = judgement.models
    assert use.failure == f"{MODELS[provider][0]}: no answer within 0.4 s"
    assert len(server.asked) <= 1  # a client that is made for the first time takes a part of it


async def test_the_next_provider_is_asked_where_one_gives_no_answer(media: FileMediaStore) -> None:
    with serving(lambda asked: good(asked) if asked.provider == "ollama" else busy(asked.provider, 999.0)) as server:
        judgement = await judged(server, media, *PROVIDERS)
    assert [asked.provider for asked in server.asked] == [*PROVIDERS, *PROVIDERS]
    assert [use.provider for use in judgement.models] == ["ollama", "ollama"]
    assert all(use.failure is None for use in judgement.models)
    assert len(judgement.notes) == 3


async def test_everybody_who_was_asked_is_named_where_nobody_answers(media: FileMediaStore) -> None:
    with serving(lambda asked: Said(status=403, error="no")) as server:
        judgement = await judged(server, media, *PROVIDERS)
    (use,) = judgement.models
    assert use.failure is not None
    assert all(f"{MODELS[provider][0]}: {named(provider)} answered" in use.failure for provider in PROVIDERS)
    assert len(server.asked) == 4


async def test_an_address_where_nobody_is_leaves_the_local_answer(media: FileMediaStore) -> None:
    nowhere = Server("http://127.0.0.1:9")
    judgement = await judged(nowhere, media, *PROVIDERS)
    (use,) = judgement.models
    assert (use.failure or "").count("cannot be reached") == 4
    assert len(judgement.moments) >= 4


@pytest.mark.parametrize("provider", PROVIDERS[:3])
@pytest.mark.parametrize("key", ["sk-a\nb", "sk-a ", "sk-\u00e4", "\u201csk-a\u201d"])
def test_a_key_that_cannot_be_sent_is_a_wrong_setting_and_not_repeated(provider: str, key: str) -> None:
    with pytest.raises(ValidationError, match=f"{provider}_api_key") as caught:
        VlmSettings.model_validate({f"{provider}_api_key": key})
    assert "sk-" not in str(caught.value)


async def test_gemini_gets_the_schema_and_no_temperature(media: FileMediaStore) -> None:
    with serving(good) as server:
        await judged(server, media, "gemini", camera=(camera := Camera()), gemini_frames=8)
    questions, wording = server.asked
    assert (questions.pictures, wording.pictures) == (8, 0)
    assert len(camera.taken) == 8
    config = questions.body["generationConfig"]
    assert "temperature" not in config
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"]["required"] == ["answers"]
    assert questions.texts[1].splitlines()[-1].startswith("The pictures show, in their order: candidate ")


async def test_gemini_watches_the_whole_video_where_that_is_wanted(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "gemini", camera=Camera(), gemini_frames=8, gemini_video=True)
    questions, wording = server.asked
    assert server.uploaded == b"video"
    assert server.deleted == ["/v1/files/film"]
    film = {"file_uri": f"{server.url}/v1/files/film", "mime_type": "video/mp4"}
    assert questions.body["contents"][0]["parts"][0] == {"fileData": film}
    assert questions.pictures == 0
    assert (
        questions.texts[1].splitlines()[-1].startswith("The whole video comes with the message, with candidate 1 from")
    )
    assert len(wording.body["contents"][0]["parts"]) == 1
    assert [use.failure for use in judgement.models] == [None, None]


async def test_a_video_that_gemini_cannot_read_leaves_the_local_answer(media: FileMediaStore) -> None:
    with serving(good) as server:
        server.becomes = "FAILED"
        judgement = await judged(server, media, "gemini", camera=Camera(), gemini_video=True)
    assert "could not read the video" in (judgement.models[0].failure or "")
    assert server.deleted == ["/v1/files/film"]


async def test_groq_sees_by_the_model_that_can_and_words_by_another(media: FileMediaStore) -> None:
    models = "groq:openai/gpt-oss-120b,groq:qwen/qwen3.8-27b"
    with serving(good) as server:
        judgement = await judged(server, media, "groq", camera=Camera(), vlm_models=models, groq_frames=3)
    questions, wording = server.asked
    assert (questions.model, questions.pictures) == ("qwen/qwen3.8-27b", 3)
    assert (wording.model, wording.pictures) == ("openai/gpt-oss-120b", 0)
    assert questions.body["reasoning_effort"] == "none"
    assert questions.body["response_format"] == {"type": "json_object"}
    assert "must fit this JSON schema" in questions.texts[0]
    assert wording.body["response_format"]["json_schema"]["strict"] is True
    assert "max_tokens" not in wording.body
    assert judgement.moments[0].title == "Title 1"


def test_groq_cannot_be_set_to_more_than_five_pictures() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 5"):
        VlmSettings(groq_frames=6)


async def test_an_answer_about_a_silent_clip_is_repaired_without_its_pictures(media: FileMediaStore) -> None:
    with serving(in_turn(Said("no JSON"))) as server:
        judgement = await judged(server, media, "gemini", camera=Camera(), transcript=None, gemini_frames=4)
    assert [(asked.repairs, asked.pictures) for asked in server.asked] == [(False, 4), (True, 0), (False, 4)]
    assert [use.failure for use in judgement.models] == [None, None]


async def test_another_way_to_be_shown_the_clip_asks_again(media: FileMediaStore) -> None:
    with serving(good) as server:
        await judged(server, media, "gemini", camera=Camera())
        await judged(server, media, "gemini", camera=Camera(), gemini_video=True)
    assert [asked.stage for asked in server.asked] == ["questions", "wording", "questions"]
    assert server.uploaded == b"video"


async def test_too_much_for_the_model_that_sees_goes_to_the_one_that_reads(media: FileMediaStore) -> None:
    models = "groq:qwen/qwen3.8-27b,groq:openai/gpt-oss-20b"
    large = Said(status=413, error="Request too large: tokens per minute", code="rate_limit_exceeded")
    with serving(lambda asked: large if asked.pictures else good(asked)) as server:
        judgement = await judged(server, media, "groq", camera=Camera(), vlm_models=models, groq_frames=3)
    assert [(asked.model, asked.pictures) for asked in server.asked][:2] == [
        ("qwen/qwen3.8-27b", 3),
        ("openai/gpt-oss-20b", 0),
    ]
    assert "The pictures show" not in server.asked[1].texts[1]
    assert judgement.models[0].failure is None


async def test_an_answer_that_groq_found_unfit_itself_is_repaired(media: FileMediaStore) -> None:
    unfit = Said(status=400, error="no JSON", code="json_validate_failed", failed_generation='{"answers": [')
    with serving(in_turn(unfit)) as server:
        judgement = await judged(server, media, "groq")
    assert server.asked[1].repairs
    assert judgement.models[0].failure is None


async def test_a_server_that_knows_no_schema_is_asked_in_the_older_form(media: FileMediaStore) -> None:
    def answer(asked: Asked) -> Said:
        new = asked.body["response_format"]["type"] == "json_schema"
        return Said(status=400, error="unknown field response_format.json_schema") if new else good(asked)

    with serving(answer) as server:
        judgement = await judged(server, media, "openai")
    assert [use.failure for use in judgement.models] == [None, None]
    assert "max_tokens" in server.asked[1].body
    assert "must fit this JSON schema" in server.asked[1].texts[0]


async def test_ollama_gets_room_for_all_of_the_material(media: FileMediaStore) -> None:
    with serving(good) as server:
        await judged(server, media, "ollama", camera=Camera(), ollama_frames=2)
    body = server.asked[0].body
    assert body["stream"] is False
    assert body["format"]["required"] == ["answers"]
    material = sum(len(text) for text in server.asked[0].texts)
    assert body["options"]["num_ctx"] * 3 > material
    assert body["options"]["num_ctx"] % 4096 == 0
    assert server.asked[0].pictures == 2


async def test_a_silent_clip_is_judged_by_those_who_see_it(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "ollama", "gemini", camera=Camera(), transcript=None, gemini_frames=4)
    assert [(asked.provider, asked.pictures) for asked in server.asked] == [("gemini", 4), ("gemini", 4)]
    assert judgement.moments[0].title == "Title 1"


async def test_a_silent_clip_is_shown_to_nobody_who_does_not_see(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "ollama", transcript=None)
    assert server.asked == []
    assert "nothing is said, and it is shown no pictures" in (judgement.models[0].failure or "")


def named(provider: str) -> str:
    return {"gemini": "Gemini", "groq": "Groq", "openai": "the OpenAI-compatible server", "ollama": "Ollama"}[provider]
