"""Who is asked next, and how long a busy model is waited for."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actors.vlm.settings import VlmSettings
from runtime.media import FileMediaStore
from tests.vlm.judged import Camera, judged
from tests.vlm.model_server import MODELS, PROVIDERS, Said, Server, always, good, in_turn, serving


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
    first, second = MODELS[provider]
    said = f"{named(provider)} answered HTTP 429 (slow down)"
    assert use.failure == f"{first}: {said}; {second}: {said}"
    assert [asked.model for asked in server.asked] == [first, second]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_busy_model_is_asked_three_times_at_most(media: FileMediaStore, provider: str) -> None:
    with serving(in_turn(*[busy(provider, None)] * 9)) as server:
        await judged(server, media, provider)
    first, second = MODELS[provider]
    assert [asked.model for asked in server.asked] == [first] * 3 + [second] * 3


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [429, 503])
async def test_each_model_has_a_limit_of_its_own(media: FileMediaStore, provider: str, status: int) -> None:
    first, second = MODELS[provider]
    full = Said(status=status, error=f"Rate limit reached for model {first}")
    with serving(lambda asked: full if asked.model == first else good(asked)) as server:
        judgement = await judged(server, media, provider)
    assert [use.model for use in judgement.models] == [second, second]
    assert [asked.model for asked in server.asked] == [*[first] * 3, second] * 2
    (note,) = judgement.notes
    assert f"HTTP {status} (Rate limit reached for model {first})" in note


async def test_a_quota_that_is_used_up_is_no_rate_limit(media: FileMediaStore) -> None:
    with serving(always(Said(status=429, error="You exceeded your quota", code="insufficient_quota"))) as server:
        judgement = await judged(server, media, "openai")
    assert len(server.asked) == 1
    assert "HTTP 429 (You exceeded your quota)" in (judgement.models[0].failure or "")


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
    asked = [*[f"{name}:{model}" for name in PROVIDERS[:3] for model in MODELS[name]], f"ollama:{MODELS['ollama'][0]}"]
    assert [f"{each.provider}:{each.model}" for each in server.asked] == [*asked, *asked]
    assert [use.provider for use in judgement.models] == ["ollama", "ollama"]
    assert all(use.failure is None for use in judgement.models)
    assert len(judgement.notes) == 6


async def test_models_are_asked_in_the_order_of_the_setting_whoever_makes_them(media: FileMediaStore) -> None:
    models = ["groq:openai/gpt-oss-120b", "ollama:llama3.2", "groq:openai/gpt-oss-20b", "openai:first"]
    with serving(lambda asked: Said(status=404, error="no such model")) as server:
        await judged(server, media, "groq", "openai", "ollama", vlm_models=",".join(models))
    assert [f"{asked.provider}:{asked.model}" for asked in server.asked] == models


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
