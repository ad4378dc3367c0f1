"""Transcripts in the media store: found again for the same media and captions, or made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from actors.transcriber.adapters.captions import BadCaptionsError, parse
from actors.transcriber.adapters.languages import languages_of
from actors.transcriber.adapters.sounding import Soundings
from actors.transcriber.core import (
    Captions,
    Envelope,
    UnfitError,
    best_first,
    fillers_of,
    fitted,
    sentences_of,
    silences_of,
    steps,
    with_languages,
)
from actors.transcriber.core.heard import HeardPart, heard_of
from actors.transcriber.core.stitch import Part
from actors.transcriber.ports import CannotHear, Recognizer, Recording, Tell
from contracts.ids import digest
from contracts.keys import clip_prefix, clip_uri, transcript_uri
from contracts.media import CaptionTrack, Clip, Sentence, Stretch, Transcript, TranscriptRef, Word
from runtime.errors import MediaMissing, Reject, Retry
from runtime.media import MediaStore

__all__ = ["Made", "Transcripts"]

_GIVE = "Give captions with the video (`captions_url`, or an .srt beside the file)"
_BESIDE = "Or give captions: a .srt, .vtt or .json3 of the same name beside the video, or `--captions FILE`"


class Made(BaseModel):
    """What a stored transcript was made of; written after it, as `transcript.made.json`."""

    inputs: str
    reason: str | None = None


class _Speech(BaseModel):
    """Where somebody speaks; kept while listening, because a clip may come back several times before it is done."""

    speech: tuple[Stretch, ...]


@dataclass
class _Attempt:
    """What was found out on the way. `complaints` matter also where there is a transcript in the end."""

    complaints: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    later: list[Retry] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        """What was passed over, and why."""
        passed = [f"Passed over: {lack}." for lack in self.lacks]
        return (*self.complaints, *passed, *(f"Passed over: {retry.what}." for retry in self.later))


class Transcripts:
    """Gives the transcript of a clip, making it if it is not there. `order`: as in `core.steps`."""

    def __init__(
        self,
        media: MediaStore,
        soundings: Soundings,
        recognizers: Sequence[Recognizer],
        *,
        order: Sequence[str],
        max_caption_bytes: int,
    ) -> None:
        self._media = media
        self._soundings = soundings
        self._recognizers: Mapping[str, Recognizer] = {recognizer.name: recognizer for recognizer in recognizers}
        self._order = order
        self._max_caption_bytes = max_caption_bytes

    async def present(self, clip: Clip) -> Clip:
        """The clip as it is now: an order may be older than the film or the captions that are there."""
        uri = clip_uri(clip.clip_id)
        return await self._media.read(uri, Clip) if await self._media.exists(uri) else clip

    async def of(self, clip: Clip, tell: Tell) -> tuple[TranscriptRef | None, str | None]:
        """Where the transcript is, if there is one; and why there is none, or why better captions were not used.

        Raises `Retry` where the only ones who could listen ask to wait.
        """
        found = await self._found(clip)
        if found is not None:
            return found
        attempt = _Attempt()
        transcript = await self._made(clip, attempt, tell)
        if transcript is None and attempt.later:
            raise min(attempt.later, key=lambda retry: retry.after or 0.0)
        reason = _reason(attempt) if transcript is None else " ".join(attempt.complaints) or None
        # Without it nobody takes a transcript that was being replaced for one that is finished.
        await self._media.delete(_made_uri(clip))
        if transcript is None:
            await self._media.delete(transcript_uri(clip.clip_id))  # that of a film that was here before
        else:
            await self._media.write(transcript_uri(clip.clip_id), transcript)
            await self._media.write(_made_uri(clip), Made(inputs=self._inputs(clip, transcript.method), reason=reason))
        for uri in await self._media.list(_listening(clip)):
            await self._media.delete(uri)
        return (_ref(transcript) if transcript else None), reason

    def _inputs(self, clip: Clip, method: str) -> str:
        """Changes when the media, the captions or, where one listened, its model or who comes before it is another."""
        who = method.partition(":")[0]
        listening = [name for name in self._order if name in self._recognizers]
        before = listening[: listening.index(who) + 1] if who in listening else []
        models = [self._recognizers[name].model for name in before]
        return digest(clip.media.sha256, [track.uri for track in clip.captions], models)

    async def _found(self, clip: Clip) -> tuple[TranscriptRef, str | None] | None:
        if not await self._media.exists(_made_uri(clip)) or not await self._media.exists(transcript_uri(clip.clip_id)):
            return None
        made = await self._media.read(_made_uri(clip), Made)
        transcript = await self._media.read(transcript_uri(clip.clip_id), Transcript)
        return (_ref(transcript), made.reason) if made.inputs == self._inputs(clip, transcript.method) else None

    async def _made(self, clip: Clip, attempt: _Attempt, tell: Tell) -> Transcript | None:
        """The first transcript that comes of the order."""
        silent = clip.audio_codec is None
        read = await self._read(clip, attempt)
        sound = None if silent or not read else await self._sound(clip, attempt, tell)
        for step in steps(self._order, read):
            if isinstance(step, Captions):
                transcript = await self._from_captions(clip, step, sound, attempt)
            elif silent:
                continue
            else:
                try:
                    transcript = await self._from_sound(clip, self._recognizers[step], attempt, tell)
                except CannotHear as lack:
                    attempt.lacks.append(str(lack))
                    continue
                except Retry as retry:
                    attempt.later.append(retry)
                    continue
                if transcript is None:
                    return None
            if transcript is not None:
                return transcript
        if silent:
            attempt.complaints.append(f"The video has no sound to listen to. {_GIVE}.")
        return None

    async def _read(self, clip: Clip, attempt: _Attempt) -> list[Captions]:
        read = []
        for track in best_first(clip.captions):
            try:
                read.append(await self._captions(track))
            except (BadCaptionsError, MediaMissing) as error:
                attempt.complaints.append(_unused(track, error))
        return read

    async def _captions(self, track: CaptionTrack) -> Captions:
        path = await self._media.local(track.uri)
        if path.stat().st_size > self._max_caption_bytes:
            raise BadCaptionsError(f"is larger than {self._max_caption_bytes} bytes")
        return Captions(track, tuple(await asyncio.to_thread(lambda: parse(path.read_bytes(), track.format))))

    async def _sound(self, clip: Clip, attempt: _Attempt, tell: Tell) -> Envelope | None:
        """What captions are compared with; they are good without it, too, only not aligned."""
        try:
            sound = await self._soundings.envelope(await self._media.local(clip.media.uri), clip.duration, tell)
        except (Reject, Retry) as error:
            attempt.complaints.append(f"The captions could not be compared with the sound: {error}.")
            return None
        return sound if sound.levels else None

    async def _from_captions(
        self, clip: Clip, captions: Captions, sound: Envelope | None, attempt: _Attempt
    ) -> Transcript | None:
        track, language = captions.track, captions.track.language or clip.candidate.language
        try:
            fit = await asyncio.to_thread(fitted, captions.cues, clip.duration, sound=sound, language=language)
        except UnfitError as error:
            attempt.complaints.append(_unused(track, error))
            return None
        sentences, language = await _sentences(fit.words, language)
        return Transcript(
            clip_id=clip.clip_id,
            language=language,
            method=f"captions:{track.format}",
            timing=fit.timing,
            words=fit.words,
            sentences=sentences,
            silences=silences_of(fit.words, clip.duration, sound),
            fillers=fillers_of(fit.words, sentences, language),
            shift=fit.shift,
            notes=(*attempt.notes(), *fit.notes),
            media_sha256=clip.media.sha256,
        )

    async def _from_sound(self, clip: Clip, recognizer: Recognizer, attempt: _Attempt, tell: Tell) -> Transcript | None:
        """None where nothing is said."""
        await recognizer.ready()
        media = await self._media.local(clip.media.uri)
        speech = await self._speech(clip, tell)
        parts: Sequence[HeardPart] = ()
        if speech:
            recording = Recording(media, clip.duration, speech, clip.candidate.language)
            kept = _Kept(self._media, f"{_listening(clip)}/{digest(clip.media.sha256, recognizer.model)[:16]}")
            parts = await recognizer.recognize(recording, kept, tell)
        if not any(part.words for part in parts):
            attempt.complaints.append(_nothing(f"{recognizer.model} hears" if speech else "its sound tells"))
            return None
        heard = await asyncio.to_thread(heard_of, parts, speech, clip.duration)
        if not heard.words:
            attempt.complaints.extend((_nothing(f"{heard.method} hears"), *heard.notes))
            return None
        sentences, language = await _sentences(heard.words, heard.language or clip.candidate.language)
        return Transcript(
            clip_id=clip.clip_id,
            language=language,
            method=heard.method,
            timing=heard.timing,
            words=heard.words,
            sentences=sentences,
            silences=silences_of(heard.words, clip.duration),
            fillers=fillers_of(heard.words, sentences, language),
            notes=(*attempt.notes(), *heard.notes),
            media_sha256=clip.media.sha256,
        )

    async def _speech(self, clip: Clip, tell: Tell) -> tuple[Stretch, ...]:
        uri = f"{_listening(clip)}/speech-{clip.media.sha256[:16]}.json"
        if await self._media.exists(uri):
            return (await self._media.read(uri, _Speech)).speech
        speech = await self._soundings.speech(await self._media.local(clip.media.uri), clip.duration, tell)
        await self._media.write(uri, _Speech(speech=speech))
        return speech


async def _sentences(words: Sequence[Word], language: str | None) -> tuple[tuple[Sentence, ...], str | None]:
    """With the languages of those that differ; and the language of the whole, where it was not known."""
    sentences = sentences_of(words)
    return with_languages(sentences, await languages_of([sentence.text for sentence in sentences]), language)


class _Kept:
    """See `Kept`: one document for each part, in a folder of the media store."""

    def __init__(self, media: MediaStore, folder: str) -> None:
        self._media = media
        self._folder = folder

    async def get(self, part: Part) -> HeardPart | None:
        uri = self._uri(part.start, part.end)
        return await self._media.read(uri, HeardPart) if await self._media.exists(uri) else None

    async def put(self, heard: HeardPart) -> None:
        await self._media.write(self._uri(heard.start, heard.end), heard)

    def _uri(self, start: float, end: float) -> str:
        return f"{self._folder}/{round(start * 1000)}-{round(end * 1000)}.json"


def _reason(attempt: _Attempt) -> str:
    """Why there is no transcript."""
    lines = list(attempt.complaints)
    if attempt.lacks:
        lines += ["There are no captions and no speech recognition.", *(f"{lack}." for lack in attempt.lacks)]
        lines.append(f"{_BESIDE}.")
    return " ".join(lines) or f"Nothing was tried: see CLIPWIRE_TRANSCRIBER_ORDER. {_GIVE}."


def _nothing(who: str) -> str:
    return f"Nothing is said in the video, as far as {who}. {_GIVE} if that is wrong."


def _unused(track: CaptionTrack, error: Exception) -> str:
    name = track.uri.rpartition("/")[2]
    how = "is not in the media store" if isinstance(error, MediaMissing) else str(error)
    return f"The captions `{name}` ({track.origin}) are not used: the file {how}."


def _ref(transcript: Transcript) -> TranscriptRef:
    return TranscriptRef(
        uri=transcript_uri(transcript.clip_id),
        language=transcript.language,
        method=transcript.method,
        words=len(transcript.words),
    )


def _made_uri(clip: Clip) -> str:
    return f"{clip_prefix(clip.clip_id)}/transcript.made.json"


def _listening(clip: Clip) -> str:
    return f"{clip_prefix(clip.clip_id)}/listening"
