"""The whole actor: which captions are used, what is said where there is nothing, and what is found again."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from pydantic import ValidationError

from actors.transcriber.actor import build
from actors.transcriber.adapters.languages import Languages, languages_of
from actors.transcriber.adapters.recognizers import recognizers
from actors.transcriber.core.heard import HeardPart
from actors.transcriber.ports import CannotHear, Kept, Recognizer, Recording, Tell
from actors.transcriber.settings import TranscriberSettings
from contracts.events import ClipDownloaded, ClipTranscribed
from contracts.keys import clip_uri, transcript_uri
from contracts.media import Candidate, CaptionTrack, Clip, MediaRef, Order, Transcript, Word
from contracts.subjects import CLIP_DOWNLOADED, CLIP_TRANSCRIBED
from runtime.errors import Retry
from runtime.media import FileMediaStore
from tests.downloader.films import film
from tests.support.work import deliver
from tests.transcriber.listening import languages_here
from tests.transcriber.services import Reply, serving

SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello there.\n"


class Listener:
    """Hears the same words in everything, or nothing for want of a model."""

    def __init__(self, *words: Word, missing: str | None = None, name: str = "faster-whisper") -> None:
        self.words = words
        self.missing = missing
        self.later: Retry | None = None
        self.asked = 0
        self.name = name
        self.model = f"{name}:1"

    async def ready(self) -> None:
        if self.missing:
            raise CannotHear(self.missing, advice="Put it there")

    async def recognize(self, recording: Recording, kept: Kept, tell: Tell) -> list[HeardPart]:
        self.asked += 1
        if self.later:
            raise self.later
        whole = HeardPart(start=0, end=recording.duration, words=self.words, language="en", method=self.model)
        return [whole]


@pytest.fixture
def media(tmp_path: Path) -> FileMediaStore:
    """A media store with a film in it."""
    store = FileMediaStore(tmp_path / "media")
    folder = tmp_path / "media" / "clips" / "web" / "a"
    folder.mkdir(parents=True)
    film(folder / "source.mp4")
    return store


def clip(*tracks: CaptionTrack, audio: str | None = "aac", duration: float = 2.0) -> Clip:
    return Clip(
        clip_id="web:a",
        source_url="https://example.org/a",
        title="A",
        media=MediaRef(uri="media://clips/web/a/source.mp4", bytes=1, sha256="0" * 64, content_type="video/mp4"),
        duration=duration,
        width=160,
        height=90,
        fps=25,
        video_codec="h264",
        audio_codec=audio,
        captions=tracks,
        candidate=Candidate(candidate_id="web:a", url="https://example.org/a", title="A", source="x", language="en"),
    )


def track(media: FileMediaStore, origin: str, body: bytes | None, kind: str = "srt") -> CaptionTrack:
    name = f"captions.{origin}.{kind}"
    if body is not None:
        (media.root / "clips" / "web" / "a" / name).write_bytes(body)
    return CaptionTrack.model_validate({"uri": f"media://clips/web/a/{name}", "format": kind, "origin": origin})


async def transcribed(
    media: FileMediaStore,
    given: Clip,
    *listeners: Recognizer,
    languages: Languages = languages_here,
    **settings: Any,
) -> ClipTranscribed:
    # The film has a tone for its sound, which is no speech.
    chosen = TranscriberSettings(**{"whisper_vad": False, **settings})
    given_names = [listener.name for listener in listeners]
    real = [recognizer for recognizer in recognizers(chosen, Path(gettempdir())) if recognizer.name not in given_names]
    actor = build(settings=chosen, media=media, recognizers=[*listeners, *real], languages=languages)
    work = await deliver(actor, CLIP_DOWNLOADED, ClipDownloaded(clip=given, order=Order(niche="cats")))
    [event] = work.of(CLIP_TRANSCRIBED)
    assert event.order == Order(niche="cats")
    return event


async def test_given_captions_win_over_automatic_ones(media: FileMediaStore) -> None:
    automatic = track(media, "automatic", SRT.replace(b"Hello", b"Yellow"))
    both = clip(automatic, track(media, "given", SRT))
    event = await transcribed(media, both, Listener(), languages=languages_of)
    assert event.transcript is not None
    assert (event.transcript.method, event.transcript.words, event.reason) == ("captions:srt", 2, None)
    stored = await media.read(transcript_uri("web:a"), Transcript)
    assert [s.text for s in stored.sentences] == ["Hello there."]
    assert (stored.language, stored.timing) == ("en", "spread")


@pytest.mark.parametrize("body", [None, b"", b"\x00\x01", SRT.replace(b"00:00:0", b"09:00:0")])
async def test_broken_captions_are_passed_over_and_named(media: FileMediaStore, body: bytes | None) -> None:
    event = await transcribed(media, clip(track(media, "given", body), track(media, "source", SRT)), Listener())
    assert event.transcript is not None
    assert event.reason is not None
    assert "`captions.given.srt` (given) are not used" in event.reason


async def test_without_captions_the_sound_is_listened_to(media: FileMediaStore) -> None:
    listener = Listener(Word(text="Hi.", start=0.5, end=9.0, confidence=0.9), Word(text="late", start=5, end=6))
    event = await transcribed(media, clip(), listener)
    assert event.transcript is not None
    assert (event.transcript.method, event.transcript.language) == ("faster-whisper:1", "en")
    stored = await media.read(transcript_uri("web:a"), Transcript)
    assert [(w.text, w.start, w.end) for w in stored.words] == [("Hi.", 0.5, 2.0)]


async def is_listened_to_once_with_each_model(media: FileMediaStore, listener: Listener) -> None:
    first = await transcribed(media, clip(), listener)
    assert await transcribed(media, clip(), listener) == first
    assert listener.asked == 1
    listener.model = "faster-whisper:2"
    await transcribed(media, clip(), listener)
    assert listener.asked == 2


async def test_a_transcript_is_made_once_for_the_same_captions_and_model(media: FileMediaStore) -> None:
    listener = Listener(Word(text="Hi.", start=0.5, end=1.0))
    await is_listened_to_once_with_each_model(media, listener)
    better = await transcribed(media, clip(track(media, "given", SRT)), listener)
    assert better.transcript is not None
    assert better.transcript.method == "captions:srt"


async def test_a_silent_video_says_that_it_has_no_sound(media: FileMediaStore) -> None:
    event = await transcribed(media, clip(audio=None), Listener())
    assert event.transcript is None
    assert event.reason is not None
    assert event.reason.startswith("The video has no sound")


async def test_a_video_in_which_nothing_is_said_says_so(media: FileMediaStore) -> None:
    event = await transcribed(media, clip(), Listener())
    assert event.transcript is None
    assert "Nothing is said" in (event.reason or "")


async def test_without_a_model_the_reason_names_it_and_nothing_is_downloaded(
    media: FileMediaStore, tmp_path: Path
) -> None:
    event = await transcribed(media, clip(), whisper_model_dir=tmp_path / "models")
    assert event.transcript is None
    assert event.reason == (
        "There are no captions and no speech recognition. "
        f"The speech model 'small' is not in {tmp_path / 'models'}. "
        "Set CLIPWIRE_WHISPER_MODEL_DIR to the folder that has it, or CLIPWIRE_WHISPER_DOWNLOAD=true to fetch it. "
        "Groq is not asked without a key. Set CLIPWIRE_GROQ_API_KEY to have it listen. "
        "OpenAI is not asked without a key. "
        "Set CLIPWIRE_OPENAI_API_KEY, or CLIPWIRE_OPENAI_BASE_URL for a server of your own. "
        "Or give captions: a .srt, .vtt or .json3 of the same name beside the video, or `--captions FILE`."
    )


async def test_a_model_that_nobody_knows_is_named(media: FileMediaStore) -> None:
    event = await transcribed(media, clip(), whisper_model="enormous")
    assert "There is no speech model 'enormous'. Let CLIPWIRE_WHISPER_MODEL" in (event.reason or "")


async def test_a_broken_model_folder_is_a_reason_and_no_crash(media: FileMediaStore, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "model.bin").write_bytes(b"no model")
    event = await transcribed(media, clip(), whisper_model=str(broken))
    assert event.transcript is None
    assert "cannot be loaded" in (event.reason or "")


async def test_a_transcript_says_which_film_it_is_of(media: FileMediaStore) -> None:
    await transcribed(media, clip(track(media, "given", SRT)))
    assert (await media.read(transcript_uri("web:a"), Transcript)).media_sha256 == "0" * 64


async def test_a_film_without_words_takes_the_words_of_the_one_before_away(media: FileMediaStore) -> None:
    await transcribed(media, clip(), Listener(Word(text="Hi.", start=0.5, end=1.0)))
    given = clip(audio=None)
    silent = given.model_copy(update={"media": given.media.model_copy(update={"sha256": "1" * 64})})
    event = await transcribed(media, silent, Listener())
    assert event.transcript is None
    left = await media.list("media://clips/web/a")
    assert left == ["media://clips/web/a/source.mp4"]


async def test_an_event_of_a_film_that_was_replaced_goes_on_with_the_present_one(media: FileMediaStore) -> None:
    old = clip(track(media, "given", SRT))
    media_now = old.media.model_copy(update={"sha256": "1" * 64})
    now = old.model_copy(update={"media": media_now, "captions": ()})
    await media.write(clip_uri("web:a"), now)
    event = await transcribed(media, old, Listener(Word(text="New.", start=0.5, end=1.0)))
    assert event.clip == now
    stored = await media.read(transcript_uri("web:a"), Transcript)
    assert (stored.media_sha256, stored.words[0].text) == ("1" * 64, "New.")


HI = Word(text="Hi.", start=0.5, end=1.0)


async def test_the_order_is_a_setting(media: FileMediaStore) -> None:
    listener = Listener(HI, name="groq")
    event = await transcribed(
        media, clip(track(media, "source", SRT)), listener, transcriber_order="groq, captions, faster-whisper"
    )
    assert event.transcript is not None
    assert event.transcript.method == "groq:1"


async def test_captions_that_the_order_leaves_out_are_not_used(media: FileMediaStore) -> None:
    only_given = "given,faster-whisper"
    event = await transcribed(media, clip(track(media, "source", SRT)), Listener(HI), transcriber_order=only_given)
    assert event.transcript is not None
    assert event.transcript.method == "faster-whisper:1"


@pytest.mark.parametrize("order", ["whisperx", "captions,,gemini", " , "])
def test_an_order_that_cannot_work_is_refused_with_what_can(order: str) -> None:
    with pytest.raises(ValidationError, match="captions, given, timed, untimed, faster-whisper, groq, openai"):
        TranscriberSettings(transcriber_order=order)


async def test_who_cannot_listen_is_passed_over_and_the_notes_say_why(media: FileMediaStore) -> None:
    event = await transcribed(media, clip(), Listener(missing="There is no model"), Listener(HI, name="groq"))
    assert event.transcript is not None
    assert (event.transcript.method, event.reason) == ("groq:1", None)
    stored = await media.read(transcript_uri("web:a"), Transcript)
    assert stored.notes == ("Passed over: There is no model. Put it there.",)


async def test_a_rate_limit_goes_to_the_next_one_who_can_listen_now(media: FileMediaStore) -> None:
    busy, free = Listener(name="groq"), Listener(HI, name="openai")
    busy.later = Retry("Groq asks to wait 40 s", after=40)
    event = await transcribed(media, clip(), Listener(missing="There is no model"), busy, free)
    assert event.transcript is not None
    assert event.transcript.method == "openai:1"
    stored = await media.read(transcript_uri("web:a"), Transcript)
    assert stored.notes[1] == "Passed over: Groq asks to wait 40 s."


async def test_without_anybody_else_a_rate_limit_is_waited_for(media: FileMediaStore) -> None:
    first, second = Listener(name="groq"), Listener(name="openai")
    first.later, second.later = Retry("Groq asks to wait 40 s", after=40), Retry("OpenAI asks to wait 9 s", after=9)
    with pytest.raises(Retry, match="9 s") as caught:
        await transcribed(media, clip(), Listener(missing="There is no model"), first, second)
    assert caught.value.after == 9


async def test_where_nobody_speaks_no_one_is_asked(media: FileMediaStore) -> None:
    listener = Listener(HI)
    event = await transcribed(media, clip(), listener, whisper_vad=True)
    assert (event.transcript, listener.asked) == (None, 0)
    assert (event.reason or "").startswith("Nothing is said in the video")


async def test_what_the_guard_leaves_out_is_in_the_notes(media: FileMediaStore) -> None:
    ghost = Word(text="Subscribe!", start=5.0, end=5.5)
    event = await transcribed(media, clip(), Listener(HI, ghost))
    assert event.transcript is not None
    assert event.transcript.words == 1
    stored = await media.read(transcript_uri("web:a"), Transcript)
    assert "Left out 1 word behind the end of the video" in stored.notes[0]


async def test_parts_are_kept_until_the_transcript_is_there(media: FileMediaStore) -> None:
    with serving() as server:
        asked: dict[str, Any] = {"openai_base_url": f"{server.url}/v1", "transcriber_order": "openai"}
        server.answer = lambda asked: Reply(status=429, body="{}", headers={"retry-after": "3"})
        with pytest.raises(Retry, match="asks to wait 3 s"):
            await transcribed(media, clip(), **asked)
        assert [uri for uri in await media.list("media://clips/web/a/listening") if "speech" in uri]
        server.answer = lambda asked: None
        event = await transcribed(media, clip(), **asked)
    assert event.transcript is not None
    assert event.transcript.method == "openai:whisper-1"
    assert await media.list("media://clips/web/a/listening") == []
