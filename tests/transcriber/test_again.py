"""What happens when a clip comes again: what was paid for is found, and no passing fault is kept for good."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from actors.transcriber.adapters.languages import languages_of
from actors.transcriber.adapters.sounding import Soundings
from actors.transcriber.core.heard import HeardPart
from actors.transcriber.ports import Kept, Recording, Tell
from actors.transcriber.settings import TranscriberSettings
from actors.transcriber.store import Transcripts
from contracts.keys import transcript_uri
from contracts.media import Clip, MediaRef, Transcript
from runtime.errors import Retry
from runtime.media import FileMediaStore
from tests.transcriber.listening import sound_file
from tests.transcriber.services import Asked, Reply, error, serving, spoken
from tests.transcriber.test_actor import (
    HI,
    SRT,
    Listener,
    clip,
    is_listened_to_once_with_each_model,
    media,
    track,
    transcribed,
)

__all__ = ["media"]  # the fixture

FOLDER = "media://clips/web/a"
LONG = [(1, 1.0, 1.4), (2, 2.0, 2.4), (3, 70.0, 70.4), (4, 71.0, 71.4)]  # two parts: the silence is not sent


def talk(media: FileMediaStore) -> Clip:
    """A clip of which two parts are sent to a service."""
    sound_file(media.root / "clips" / "web" / "a" / "talk.wav", spoken(LONG, 75), codec="pcm_s16le")
    ref = MediaRef(uri=f"{FOLDER}/talk.wav", bytes=1, sha256="2" * 64, content_type="audio/wav")
    return clip(duration=75.0).model_copy(update={"media": ref})


def second_fails(fault: Reply, asked: Asked, count: int) -> Reply | None:
    return fault if count > 1 else None


@pytest.mark.parametrize("fault", [error(429, "insufficient_quota", "No quota"), error(401, None, "revoked")])
async def test_what_was_paid_for_stays_though_no_transcript_came_of_it(media: FileMediaStore, fault: Reply) -> None:
    with serving() as server:
        asked: dict[str, Any] = {"openai_base_url": f"{server.url}/v1", "transcriber_order": "openai"}
        server.answer = lambda asked: second_fails(fault, asked, len(server.asked))
        without = await transcribed(media, talk(media), **asked)
        assert without.transcript is None
        assert len(server.asked) == 2
        server.answer = lambda asked: None
        event = await transcribed(media, talk(media), **asked)
    assert event.transcript is not None
    assert event.transcript.words == 4
    assert len(server.asked) == 3
    assert await media.list(f"{FOLDER}/listening") == []


async def test_that_nothing_is_said_is_remembered_for_the_same_model(media: FileMediaStore) -> None:
    listener = Listener()
    await is_listened_to_once_with_each_model(media, listener)
    with_captions = await transcribed(media, clip(track(media, "given", SRT)), listener)
    assert with_captions.transcript is not None


async def test_that_nobody_speaks_is_looked_for_again_where_it_is_told_otherwise(media: FileMediaStore) -> None:
    listener = Listener(HI)
    assert (await transcribed(media, clip(), listener, whisper_vad=True)).transcript is None
    assert (await transcribed(media, clip(), listener, whisper_vad=False)).transcript is not None


class Breaking(Listener):
    """Hears well; from then on no child process of this machine starts."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        super().__init__(HI)
        self.patch = patch

    async def recognize(self, recording: Recording, kept: Kept, tell: Tell) -> list[HeardPart]:
        heard = await super().recognize(recording, kept, tell)
        self.patch.setenv("PYTHONHOME", "/nowhere")
        return heard


async def test_a_fault_in_telling_languages_costs_no_transcript(
    media: FileMediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Listener(HI, name="groq")
    event = await transcribed(media, clip(), Breaking(monkeypatch), other, languages=languages_of)
    assert event.transcript is not None
    assert (event.transcript.method, other.asked) == ("faster-whisper:1", 0)
    stored = await media.read(transcript_uri("web:a"), Transcript)
    assert "The language of 1 sentences could not be told" in stored.notes[0]


async def test_captions_wait_for_a_fault_in_reading_the_sound_to_pass(
    media: FileMediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = clip(track(media, "source", SRT))
    with monkeypatch.context() as broken, pytest.raises(Retry, match="Reading the sound"):
        broken.setenv("PYTHONHOME", "/nowhere")
        await transcribed(media, given)
    assert not await media.exists(transcript_uri("web:a"))
    event = await transcribed(media, given)
    assert event.transcript is not None
    assert event.reason is None


async def test_captions_are_used_where_the_sound_can_never_be_compared(media: FileMediaStore) -> None:
    (media.root / "clips" / "web" / "a" / "source.mp4").write_bytes(b"no film")
    event = await transcribed(media, clip(track(media, "source", SRT)))
    assert event.transcript is not None
    assert "could not be compared with the sound: The sound of source.mp4 cannot be read" in (event.reason or "")


@pytest.mark.parametrize(("body", "patience", "why"), [(b"no film", 60.0, "cannot be read"), (None, 0.01, "longer")])
async def test_sound_that_cannot_be_read_leaves_a_clip_without_words(
    media: FileMediaStore, body: bytes | None, patience: float, why: str
) -> None:
    if body is not None:
        (media.root / "clips" / "web" / "a" / "source.mp4").write_bytes(body)
    first, second = Listener(HI), Listener(HI, name="groq")
    event = await transcribed(media, clip(), first, second, transcriber_sound_timeout_s=patience)
    assert (event.transcript, first.asked, second.asked) == (None, 0, 0)
    assert (event.reason or "").count(why) == 1


async def test_documents_of_another_version_count_as_missing(media: FileMediaStore) -> None:
    folder = media.root / "clips" / "web" / "a"
    listener = Listener(HI)
    for broken in ("transcript.made.json", "transcript.json"):
        await transcribed(media, clip(), listener)
        (folder / broken).write_text('{"inputs": 3, "words": "many"}')
    assert (await transcribed(media, clip(), listener)).transcript is not None
    assert listener.asked == 3


async def test_kept_parts_of_another_version_are_heard_again(media: FileMediaStore) -> None:
    with serving() as server:
        asked: dict[str, Any] = {"openai_base_url": f"{server.url}/v1", "transcriber_order": "openai"}
        server.answer = lambda asked: second_fails(error(401, None, "revoked"), asked, len(server.asked))
        await transcribed(media, talk(media), **asked)
        for uri in await media.list(f"{FOLDER}/listening"):
            (await media.local(uri)).write_text('{"version": 0}')
        server.answer = lambda asked: None
        event = await transcribed(media, talk(media), **asked)
    assert event.transcript is not None
    assert event.transcript.words == 4


class Slow(Listener):
    """Lets others run while it listens."""

    async def recognize(self, recording: Recording, kept: Kept, tell: Tell) -> list[HeardPart]:
        heard = await super().recognize(recording, kept, tell)
        await tell(0.5, "listening", None)
        return heard


async def test_two_orders_of_one_clip_pay_once(media: FileMediaStore) -> None:
    listener = Slow(HI)
    chosen = TranscriberSettings(whisper_vad=False)
    transcripts = Transcripts(media, Soundings(chosen), [listener], order=("faster-whisper",), max_caption_bytes=1000)

    async def tell(done: float | None, note: str, eta_s: float | None) -> None:
        await asyncio.sleep(0)

    first, second = await asyncio.gather(transcripts.of(clip(), tell), transcripts.of(clip(), tell))
    assert first == second
    assert listener.asked == 1


async def test_captions_that_the_order_leaves_out_are_not_even_read(media: FileMediaStore) -> None:
    given = clip(track(media, "source", b"\x00\x01"), track(media, "given", SRT))
    event = await transcribed(media, given, transcriber_order="given")
    assert event.transcript is not None
    assert event.reason is None
