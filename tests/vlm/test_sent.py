"""What each provider is sent, and in which form."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actors.vlm.settings import VlmSettings
from runtime.media import FileMediaStore
from tests.vlm.judged import Camera, judged
from tests.vlm.model_server import Asked, Said, good, in_turn, serving


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
    assert config["thinkingConfig"] == {"thinking_level": "LOW"}
    assert questions.texts[1].splitlines()[-1].startswith("The pictures show, in their order: candidate ")


async def test_a_model_of_gemini_that_counts_its_thinking_otherwise_is_not_told_how_much(media: FileMediaStore) -> None:
    with serving(good) as server:
        await judged(server, media, "gemini", vlm_models="gemini:gemini-2.5-flash")
    assert "thinkingConfig" not in server.asked[0].body["generationConfig"]


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


async def test_a_model_of_groq_that_does_not_think_is_not_told_how_much(media: FileMediaStore) -> None:
    def answer(asked: Asked) -> Said:
        told = "reasoning_effort" in asked.body
        return Said(status=400, error="`reasoning_effort` is not supported with this model") if told else good(asked)

    with serving(answer) as server:
        judgement = await judged(server, media, "groq", vlm_models="groq:groq/compound")
    assert [use.failure for use in judgement.models] == [None, None]


def test_groq_cannot_be_set_to_more_than_five_pictures() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 5"):
        VlmSettings(groq_frames=6)


async def test_an_answer_about_a_silent_clip_is_repaired_without_its_pictures(media: FileMediaStore) -> None:
    with serving(in_turn(Said("no JSON"))) as server:
        judgement = await judged(server, media, "gemini", camera=Camera(), transcript=None, gemini_frames=4)
    assert [(asked.repairs, asked.pictures) for asked in server.asked] == [(False, 4), (True, 0), (False, 4)]
    assert [use.failure for use in judgement.models] == [None, None]


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


@pytest.mark.parametrize("model", ["qwen3:8b", "gpt-oss:20b"])
async def test_a_model_of_ollama_that_thinks_says_something_too(media: FileMediaStore, model: str) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "ollama", vlm_models=f"ollama:{model}")
    assert [use.failure for use in judgement.models] == [None, None]
    assert len(server.asked) == 2
