"""Groq and OpenAI-compatible servers: recordings in parts, each paid for once, and stitched."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from actors.transcriber.adapters.recognizers import recognizers
from actors.transcriber.core.heard import heard_of
from actors.transcriber.ports import CannotHear, Recognizer, Recording
from actors.transcriber.settings import RECOGNIZERS, TranscriberSettings
from contracts.media import Stretch
from runtime.errors import Unavailable
from tests.transcriber.listening import Parts, Told, sound_file
from tests.transcriber.services import KEY, Asked, Reply, Server, error, listening, spoken

WORDS = [(n % 30, 1.0 + n * 0.8, 1.4 + n * 0.8) for n in range(20)]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Seventeen seconds in which twenty words are said."""
    path = sound_file(tmp_path_factory.mktemp("talk") / "talk.wav", spoken(WORDS, 17), codec="pcm_s16le")
    return Recording(path, 17.0, tuple(Stretch(start=start, end=end) for _, start, end in WORDS), "en")


HERE = Path(tempfile.gettempdir())


def service(server: Server, name: str, *, scratch: Path = HERE, **settings: object) -> Recognizer:
    chosen: dict[str, Any] = {
        "groq_base_url": server.url,
        "openai_base_url": f"{server.url}/v1",
        "groq_api_key": SecretStr(KEY),
        "openai_api_key": SecretStr(KEY),
        **settings,
    }
    every = recognizers(TranscriberSettings(**chosen), scratch)
    return next(recognizer for recognizer in every if recognizer.name == name)


both = pytest.mark.parametrize("name", ["groq", "openai"])


def test_whoever_an_order_may_name_can_be_asked() -> None:
    assert [recognizer.name for recognizer in recognizers(TranscriberSettings(), HERE)] == list(RECOGNIZERS)


@both
async def test_words_have_their_times_and_the_punctuation_of_the_text(
    server: Server, talk: Recording, name: str
) -> None:
    [part] = await service(server, name).recognize(talk, Parts(), Told())
    assert [word.text for word in part.words[:6]] == ["W0", "w1", "w2", "w3", "w4.", "W5"]
    for word, (_, start, end) in zip(part.words, WORDS, strict=True):
        assert word.start == pytest.approx(start, abs=0.02)
        assert word.end == pytest.approx(end, abs=0.02)
        assert word.confidence == pytest.approx(0.779, abs=0.001)
    assert (part.language, part.timing, part.passages[0].no_speech) == ("en", "word", 0.01)
    model = {"groq": "whisper-large-v3-turbo", "openai": "whisper-1"}[name]
    assert part.method == f"{name}:{model}"
    [asked] = server.asked
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.fields["response_format"] == ["verbose_json"]
    assert sorted(asked.fields["timestamp_granularities[]"]) == ["segment", "word"]
    assert "language" not in asked.fields


async def test_a_server_of_ones_own_needs_no_key(server: Server, talk: Recording) -> None:
    own = service(server, "openai", openai_api_key=None)
    await own.ready()
    await own.recognize(talk, Parts(), Told())
    assert "authorization" not in server.asked[0].headers


@both
async def test_without_a_key_the_setting_is_named(name: str) -> None:
    every = {recognizer.name: recognizer for recognizer in recognizers(TranscriberSettings(), HERE)}
    with pytest.raises(CannotHear, match=f"Set CLIPWIRE_{name.upper()}_API_KEY"):
        await every[name].ready()


@both
async def test_segments_without_words_are_spread_and_say_so(server: Server, talk: Recording, name: str) -> None:
    server.answer = lambda asked: Reply(json.dumps(listening(asked, words=False)))
    [part] = await service(server, name).recognize(talk, Parts(), Told())
    assert part.timing == "spread"
    assert [word.text for word in part.words[:5]] == ["W0", "w1", "w2", "w3", "w4."]
    assert all(word.confidence is not None for word in part.words)


async def test_a_long_recording_is_cut_sent_in_parts_and_stitched(server: Server, tmp_path: Path) -> None:
    """Also where no silence is found to cut in: the parts overlap, and words at their edges are cut in two."""
    words = [(n * 7 % 40, 1.0 + n * 0.75, 1.35 + n * 0.75) for n in range(120)]
    path = sound_file(tmp_path / "long.wav", spoken(words, 95), codec="pcm_s16le")
    one = Recording(path, 95.0, (Stretch(start=1, end=92),), None)
    told = Told()
    parts = await service(server, "groq", transcriber_upload_mb=1).recognize(one, Parts(), told)
    assert len(parts) == len(server.asked) == 4
    assert all(len(asked.flac) <= 2**20 for asked in server.asked)
    heard = heard_of(parts, one.speech, one.duration)
    assert [word.text.lower().strip(".") for word in heard.words] == [f"w{number}" for number, _, _ in words]
    for word, (_, start, _) in zip(heard.words, words, strict=True):
        assert word.start == pytest.approx(start, abs=0.03)
    assert heard.notes == ()
    assert told.notes[0] == "listening with Groq"
    assert told.shares == sorted(told.shares)


@both
async def test_a_part_that_was_answered_is_not_paid_for_again(server: Server, talk: Recording, name: str) -> None:
    halves = Recording(talk.media, 17, (Stretch(start=1, end=4), Stretch(start=70, end=75)), None)
    kept = Parts()
    server.answer = lambda asked: error(500, None, "broken") if len(server.asked) > 1 else None
    with pytest.raises(Unavailable):
        await service(server, name).recognize(halves, kept, Told())
    assert len(kept.there) == 1
    server.asked.clear()
    server.answer = lambda asked: None
    assert len(await service(server, name).recognize(halves, kept, Told())) == 2
    assert len(server.asked) == 1


async def test_what_a_killed_process_has_cut_out_is_cleared_away(
    server: Server, talk: Recording, tmp_path: Path
) -> None:
    left = tmp_path / "clipwire-part-dead"
    left.mkdir()
    (left / "part.flac").write_bytes(b"fLaC")
    await service(server, "groq", scratch=tmp_path).recognize(talk, Parts(), Told())
    assert list(tmp_path.iterdir()) == []


async def test_only_the_part_that_is_too_large_is_halved_and_nothing_is_paid_twice(
    server: Server, tmp_path: Path
) -> None:
    path = sound_file(tmp_path / "long.wav", spoken(WORDS, 300), codec="pcm_s16le")
    one = Recording(path, 300.0, (Stretch(start=0, end=40), Stretch(start=110, end=239)), None)
    paid: list[float] = []

    def limited(asked: Asked) -> Reply | None:
        if asked.seconds > 80:
            return error(413, None, "Request too large")
        if len(paid) == 2:
            return error(401, None, "revoked")
        paid.append(asked.seconds)
        return None

    kept = Parts()
    server.answer = limited
    hearing = service(server, "groq", transcriber_upload_mb=5)
    with pytest.raises(CannotHear):
        await hearing.recognize(one, kept, Told())
    assert len(kept.there) == len(paid) == 2
    server.answer = lambda asked: error(413, None, "Request too large") if asked.seconds > 80 else paid.append(0)
    told = Told()
    parts = await hearing.recognize(one, kept, told)
    assert max(part.end - part.start for part in parts) <= 80
    assert len(paid) == len(parts) == len(kept.there)
    assert sum(part.end - part.start for part in parts) < 40.3 + 129.6 + 2 * 2 + 0.1
    assert [word.text for word in parts[0].words[:2]] == ["W0", "w1"]
    assert all(0 <= share <= 1 for share in told.shares)


async def test_a_service_that_takes_nothing_is_given_up(server: Server, talk: Recording) -> None:
    server.answer = lambda asked: error(413, None, "Request too large")
    with pytest.raises(CannotHear, match="half a minute of sound as too large"):
        await service(server, "openai", transcriber_upload_mb=2).recognize(talk, Parts(), Told())


async def test_silence_asks_nobody(server: Server, talk: Recording) -> None:
    silent = Recording(talk.media, 36000.0, (), None)
    assert await service(server, "groq").recognize(silent, Parts(), Told()) == []
    assert server.asked == []
