"""One part of a recording is asked for: every fault that Groq and OpenAI-compatible servers are known for."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from actors.transcriber.adapters.asking import Asking
from actors.transcriber.adapters.groq import Groq
from actors.transcriber.adapters.openai import OpenAI
from actors.transcriber.core.heard import heard_of
from actors.transcriber.core.stitch import Part
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings
from contracts.media import Stretch
from runtime.errors import Retry, Unavailable
from tests.transcriber.listening import sound_file
from tests.transcriber.services import KEY, Asked, Reply, Server, error, listening, serving, spoken

WORDS = [(n, 1.0 + n * 0.8, 1.4 + n * 0.8) for n in range(20)]
PART = Part(0, 17)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventeen seconds in which twenty words are said."""
    return sound_file(tmp_path_factory.mktemp("talk") / "talk.flac", spoken(WORDS, 17), codec="flac")


def asking(server: Server, name: str, **settings: object) -> Asking:
    chosen: dict[str, Any] = {
        "groq_base_url": server.url,
        "openai_base_url": f"{server.url}/v1",
        "groq_api_key": SecretStr(KEY),
        "openai_api_key": SecretStr(KEY),
        **settings,
    }
    every = TranscriberSettings(**chosen)
    return Asking(Groq(every) if name == "groq" else OpenAI(every))


both = pytest.mark.parametrize("name", ["groq", "openai"])


@both
async def test_a_rate_limit_is_waited_for_as_long_as_it_says(server: Server, talk: Path, name: str) -> None:
    limit = error(429, "rate_limit_exceeded", "Rate limit reached. Please try again in 7m12s.", retry_after="432")
    server.answer = lambda asked: limit
    with pytest.raises(Retry, match="asks to wait 432 s") as caught:
        await asking(server, name).hear(talk, PART)
    assert caught.value.after == 432
    assert len(server.asked) == 1


@both
@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_key_is_named_and_not_shown(server: Server, talk: Path, name: str, status: int) -> None:
    server.answer = lambda asked: error(status, "invalid_api_key", f"Incorrect API key provided: {KEY}.")
    with pytest.raises(CannotHear, match=f"Check CLIPWIRE_{name.upper()}_API_KEY") as caught:
        await asking(server, name).hear(talk, PART)
    assert KEY not in f"{caught.value!r} {caught.value}"


@both
@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "model_decommissioned", "The model `first` has been decommissioned and is no longer supported."),
        (404, "model_not_found", "The model `first` does not exist or you do not have access to it."),
        (400, "unsupported_value", "response_format 'verbose_json' is not compatible with model 'first'."),
    ],
)
async def test_a_model_that_is_gone_gives_way_to_the_next(
    server: Server, talk: Path, name: str, status: int, code: str, message: str
) -> None:
    server.answer = lambda asked: error(status, code, message) if asked.model == "first" else None
    models = {"groq_transcribe_models": "first, second", "openai_transcribe_models": "first,second"}
    part = await asking(server, name, **models).hear(talk, PART)
    assert part.method == f"{name}:second"
    assert [asked.model for asked in server.asked] == ["first", "second"]


@both
async def test_without_any_model_left_the_setting_is_named(server: Server, talk: Path, name: str) -> None:
    server.answer = lambda asked: error(404, "model_not_found", "The model does not exist.")
    with pytest.raises(CannotHear, match=f"CLIPWIRE_{name.upper()}_TRANSCRIBE_MODELS"):
        await asking(server, name).hear(talk, PART)


@both
async def test_a_wrong_address_is_no_missing_model(server: Server, talk: Path, name: str) -> None:
    addresses = {"groq_base_url": f"{server.url}/nowhere", "openai_base_url": f"{server.url}/nowhere"}
    with pytest.raises(CannotHear, match=f"Check CLIPWIRE_{name.upper()}_BASE_URL"):
        await asking(server, name, **addresses).hear(talk, PART)


def _faults() -> dict[str, Reply]:
    return {
        "500": error(500, None, "Internal server error"),
        "503": Reply("over capacity", 503, {"retry-after": "20"}),
        "498": error(498, "capacity_exceeded", "Flex tier capacity exceeded"),
        "half JSON": Reply('{"task":"transcribe","words":[{"word":"Hel'),
        "a cut connection": Reply(json.dumps({"text": "x" * 4000}), cut=100),
        "nothing": Reply(hang=True),
    }


@both
@pytest.mark.parametrize("fault", ["500", "503"])
async def test_an_error_of_the_server_is_tried_once_more_and_then_later(
    server: Server, talk: Path, name: str, fault: str
) -> None:
    server.answer = lambda asked: _faults()[fault]
    with pytest.raises(Unavailable) as caught:
        await asking(server, name).hear(talk, PART)
    assert len(server.asked) == 2
    assert caught.value.after == (20 if fault == "503" else 30)
    assert KEY not in str(caught.value)
    server.asked.clear()
    server.answer = lambda asked: _faults()[fault] if len(server.asked) == 1 else None
    part = await asking(server, name).hear(talk, PART)
    assert len(part.words) == 20


@both
@pytest.mark.parametrize("fault", ["half JSON", "a cut connection", "nothing"])
async def test_what_may_have_been_billed_is_not_asked_for_again_at_once(
    server: Server, talk: Path, name: str, fault: str
) -> None:
    short = {f"{name}_transcribe_timeout_s": 1.0} if fault == "nothing" else {}
    server.answer = lambda asked: _faults()[fault]
    with pytest.raises(Unavailable) as caught:
        await asking(server, name, **short).hear(talk, PART)
    assert len(server.asked) == 1
    assert caught.value.after == 30
    assert KEY not in str(caught.value)


@both
async def test_a_wait_of_many_digits_is_six_hours(server: Server, talk: Path, name: str) -> None:
    server.answer = lambda asked: error(429, "rate_limit_exceeded", "Slow down.", retry_after="9" * 400)
    with pytest.raises(Retry) as caught:
        await asking(server, name).hear(talk, PART)
    assert caught.value.after == 6 * 3600


@both
@pytest.mark.parametrize("key", ["gsk_schlüssel", f"{KEY}\n", f"{KEY}\r\nx: y", "two words"])
async def test_a_key_that_http_does_not_carry_is_named_before_anything_is_sent(
    server: Server, name: str, key: str
) -> None:
    wrong: dict[str, Any] = {f"{name}_api_key": SecretStr(key)}
    chosen = TranscriberSettings(**wrong)
    lack = (Groq(chosen) if name == "groq" else OpenAI(chosen)).missing()
    assert lack is not None
    assert f"Set CLIPWIRE_{name.upper()}_API_KEY again" in str(lack)
    assert key not in str(lack)


@both
async def test_an_answer_that_fills_the_memory_is_not_read(server: Server, talk: Path, name: str) -> None:
    server.answer = lambda asked: Reply(b" " * (17 << 20))
    with pytest.raises(CannotHear, match="has more than 16 MiB"):
        await asking(server, name).hear(talk, PART)
    assert len(server.asked) == 1


@both
async def test_an_answer_that_is_packed_unasked_is_not_read(server: Server, talk: Path, name: str) -> None:
    server.answer = lambda asked: Reply(gzip.compress(b" " * (64 << 20)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(CannotHear, match="an encoding that was not asked for"):
        await asking(server, name).hear(talk, PART)
    assert server.asked[0].headers["accept-encoding"] == "identity"


@both
async def test_an_answer_that_drips_is_given_up_in_time(server: Server, talk: Path, name: str) -> None:
    """Each byte comes soon after the one before; the whole answer would take days."""
    server.answer = lambda asked: Reply("x" * 10**6, drip=True)
    with pytest.raises(Unavailable, match="did not answer within 1 s"):
        await asking(server, name, **{f"{name}_transcribe_timeout_s": 1.0}).hear(talk, PART)


@both
@pytest.mark.parametrize(
    "body",
    ["I'm sorry, I cannot hear that.", "<html><body>Welcome to the hotel</body></html>", "[]", '{"text": "Hi."}'],
)
async def test_an_answer_without_a_transcript_is_given_up_at_once(
    server: Server, talk: Path, name: str, body: str
) -> None:
    server.answer = lambda asked: Reply(body)
    with pytest.raises(CannotHear, match=r"The answer of .* (is no transcript|tells no times)"):
        await asking(server, name).hear(talk, PART)


@both
async def test_an_address_where_nobody_answers_is_later(talk: Path, name: str) -> None:
    with serving() as gone:
        pass
    with pytest.raises(Unavailable, match="cannot be reached"):
        await asking(gone, name).hear(talk, PART)


@both
async def test_times_behind_the_end_and_words_out_of_order_are_put_right(server: Server, talk: Path, name: str) -> None:
    def wild(asked: Asked) -> Reply:
        answer = listening(asked)
        said = answer["words"]
        said[3], said[9] = said[9], said[3]
        said.append({"word": "ghost", "start": 400.0, "end": 401.0})
        said.append({"word": "w20", "start": said[5]["end"], "end": said[5]["start"]})
        return Reply(json.dumps(answer))

    server.answer = wild
    speech = [Stretch(start=start, end=end) for _, start, end in WORDS]
    heard = heard_of([await asking(server, name).hear(talk, PART)], speech, 17)
    starts = [word.start for word in heard.words]
    assert starts == sorted(starts)
    assert all(word.start <= word.end <= 17 for word in heard.words)
    assert "ghost" not in [word.text for word in heard.words]
    assert "behind the end of the video" in heard.notes[0]


async def test_a_used_up_quota_is_no_rate_limit(server: Server, talk: Path) -> None:
    server.answer = lambda asked: error(429, "insufficient_quota", "You exceeded your current quota")
    with pytest.raises(CannotHear, match="used up"):
        await asking(server, "openai").hear(talk, PART)
