"""Transcripts in the media store: found again for the same media and captions, or made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from pydantic import BaseModel

from actors.transcriber.adapters.captions import BadCaptionsError, parse
from actors.transcriber.adapters.kept import Listening, there
from actors.transcriber.adapters.languages import Languages, languages_of
from actors.transcriber.adapters.sounding import Soundings
from actors.transcriber.core import (
    Captions,
    Envelope,
    UnfitError,
    fillers_of,
    fitted,
    sentences_of,
    silences_of,
    steps,
    wanted,
    with_languages,
)
from actors.transcriber.core.heard import HeardPart, heard_of
from actors.transcriber.core.outcome import nothing_said, reason_of, ref_of, silent, unused
from actors.transcriber.ports import CannotHear, Recognizer, Recording, Tell
from contracts.ids import digest
from contracts.keys import clip_prefix, clip_uri, transcript_uri
from contracts.media import CaptionTrack, Clip, Sentence, Stretch, Transcript, TranscriptRef, Word
from runtime.errors import MediaMissing, Reject, Retry
from runtime.media import MediaStore

__all__ = ["Made", "Transcripts"]


class Made(BaseModel):
    """What a stored transcript was made of; written after it, as `transcript.made.json`.

    Where nothing is said there is no transcript, and `silent_by` names the recognizer that was to listen.
    """

    inputs: str
    reason: str | None = None
    silent_by: str | None = None


@dataclass
class _Attempt:
    """What was found out on the way. `complaints` matter also where there is a transcript in the end.

    `silent_by`: the recognizer for which nothing is said. `deaf`: the sound cannot be listened to, now or at all.
    `sound`: what captions are compared with, once it was `compared`.
    """

    complaints: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    later: list[Retry] = field(default_factory=list)
    silent_by: str | None = None
    deaf: bool = False
    sound: Envelope | None = None
    compared: bool = False

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
        languages: Languages = languages_of,
        order: Sequence[str],
        max_caption_bytes: int,
    ) -> None:
        self._media = media
        self._soundings = soundings
        self._recognizers: Mapping[str, Recognizer] = {recognizer.name: recognizer for recognizer in recognizers}
        self._languages = languages
        self._order = order
        self._max_caption_bytes = max_caption_bytes
        self._working: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def present(self, clip: Clip) -> Clip:
        """The clip as it is now: an order may be older than the film or the captions that are there."""
        uri = clip_uri(clip.clip_id)
        return await self._media.read(uri, Clip) if await self._media.exists(uri) else clip

    async def of(self, clip: Clip, tell: Tell) -> tuple[TranscriptRef | None, str | None]:
        """Where the transcript is, if there is one; and why there is none, or why better captions were not used.

        Raises `Retry` where the only ones who could listen ask to wait. Orders of one clip wait for one another: what
        the first one pays for, the next one finds.
        """
        lock = self._working.setdefault(clip.clip_id, asyncio.Lock())
        async with lock:
            return await self._found(clip) or await self._new(clip, tell)

    async def _new(self, clip: Clip, tell: Tell) -> tuple[TranscriptRef | None, str | None]:
        attempt = _Attempt()
        transcript = await self._made(clip, attempt, tell)
        known = transcript is not None or attempt.silent_by is not None
        if attempt.later and not known:
            raise min(attempt.later, key=lambda retry: retry.after or 0.0)
        reason = " ".join(attempt.complaints) or None if known else reason_of(attempt.complaints, attempt.lacks)
        # Without it nobody takes a transcript that was being replaced for one that is finished.
        await self._media.delete(_made_uri(clip))
        if transcript is None:
            await self._media.delete(transcript_uri(clip.clip_id))  # that of a film that was here before
        else:
            await self._media.write(transcript_uri(clip.clip_id), transcript)
            await self._media.write(_made_uri(clip), Made(inputs=self._inputs(clip, transcript.method), reason=reason))
        if attempt.silent_by is not None:
            inputs = self._inputs(clip, attempt.silent_by, self._soundings.model)
            await self._media.write(_made_uri(clip), Made(inputs=inputs, reason=reason, silent_by=attempt.silent_by))
        if known or clip.audio_codec is None:  # else what was heard so far, and paid for, is good for the next attempt
            await Listening(self._media, clip).forget()
        return (ref_of(transcript) if transcript else None), reason

    def _inputs(self, clip: Clip, method: str, *more: str) -> str:
        """Changes when the media, the captions or, where one listened, its model or who comes before it is another."""
        who = method.partition(":")[0]
        listening = [name for name in self._order if name in self._recognizers]
        before = listening[: listening.index(who) + 1] if who in listening else []
        models = [self._recognizers[name].model for name in before]
        return digest(clip.media.sha256, [track.uri for track in clip.captions], models, *more)

    async def _found(self, clip: Clip) -> tuple[TranscriptRef | None, str | None] | None:
        made = await there(self._media, _made_uri(clip), Made)
        if made is None:
            return None
        if made.silent_by is not None:
            same = made.inputs == self._inputs(clip, made.silent_by, self._soundings.model)
            return (None, made.reason) if same else None
        transcript = await there(self._media, transcript_uri(clip.clip_id), Transcript)
        if transcript is None or made.inputs != self._inputs(clip, transcript.method):
            return None
        return ref_of(transcript), made.reason

    async def _made(self, clip: Clip, attempt: _Attempt, tell: Tell) -> Transcript | None:
        """The first transcript that comes of the order."""
        for step in steps(self._order, await self._read(clip, attempt)):
            if isinstance(step, Captions):
                transcript = await self._from_captions(clip, step, attempt, tell)
            elif clip.audio_codec is None or attempt.deaf:
                continue
            else:
                transcript = await self._listened(clip, self._recognizers[step], attempt, tell)
            if transcript is not None or attempt.silent_by is not None:
                return transcript
        if clip.audio_codec is None:
            attempt.complaints.append(silent())
        return None

    async def _listened(self, clip: Clip, recognizer: Recognizer, attempt: _Attempt, tell: Tell) -> Transcript | None:
        """None where nothing is said, and where this one cannot listen, now or at all; `attempt` tells which."""
        try:
            await recognizer.ready()
            return await self._from_sound(clip, recognizer, attempt, tell)
        except MediaMissing:  # the film itself: nobody can go on without it
            raise
        except (CannotHear, Reject) as lack:
            attempt.lacks.append(str(lack))
        except Retry as retry:
            attempt.later.append(retry)
        return None

    async def _read(self, clip: Clip, attempt: _Attempt) -> list[Captions]:
        read = []
        for track in wanted(self._order, clip.captions):
            try:
                read.append(await self._captions(track))
            except BadCaptionsError as error:
                attempt.complaints.append(unused(track, str(error)))
            except MediaMissing:
                attempt.complaints.append(unused(track, "is not in the media store"))
        return read

    async def _captions(self, track: CaptionTrack) -> Captions:
        path = await self._media.local(track.uri)
        if path.stat().st_size > self._max_caption_bytes:
            raise BadCaptionsError(f"is larger than {self._max_caption_bytes} bytes")
        return Captions(track, tuple(await asyncio.to_thread(lambda: parse(path.read_bytes(), track.format))))

    async def _sound(self, clip: Clip, attempt: _Attempt, tell: Tell) -> Envelope | None:
        """What captions are compared with, read once. Where it never can be read they are good without it, too.

        Raises `Retry`: captions of another video are not accepted for good because of a fault that passes.
        """
        if clip.audio_codec is None or attempt.compared:
            return attempt.sound
        try:
            sound = await self._soundings.envelope(await self._media.local(clip.media.uri), clip.duration, tell)
            attempt.sound = sound if sound.levels else None
        except (CannotHear, Reject) as error:
            attempt.complaints.append(f"The captions could not be compared with the sound: {error}.")
        attempt.compared = True
        return attempt.sound

    async def _from_captions(self, clip: Clip, captions: Captions, attempt: _Attempt, tell: Tell) -> Transcript | None:
        track, language = captions.track, captions.track.language or clip.candidate.language
        sound = await self._sound(clip, attempt, tell)
        try:
            fit = await asyncio.to_thread(fitted, captions.cues, clip.duration, sound=sound, language=language)
        except UnfitError as error:
            attempt.complaints.append(unused(track, str(error)))
            return None
        sentences, language, untold = await self._sentences(fit.words, language)
        return Transcript(
            clip_id=clip.clip_id,
            language=language,
            method=f"captions:{track.format}",
            timing=fit.timing,
            words=fit.words,
            sentences=sentences,
            silences=await asyncio.to_thread(silences_of, fit.words, clip.duration, sound),
            fillers=await asyncio.to_thread(fillers_of, fit.words, sentences, language),
            shift=fit.shift,
            notes=(*attempt.notes(), *fit.notes, *untold),
            media_sha256=clip.media.sha256,
        )

    async def _from_sound(self, clip: Clip, recognizer: Recognizer, attempt: _Attempt, tell: Tell) -> Transcript | None:
        """None where nothing is said."""
        media = await self._media.local(clip.media.uri)
        speech = await self._speech(clip, media, attempt, tell)
        parts: Sequence[HeardPart] = ()
        if speech:
            recording = Recording(media, clip.duration, speech, clip.candidate.language)
            parts = await recognizer.recognize(recording, Listening(self._media, clip).parts(recognizer.model), tell)
        if not any(part.words for part in parts):
            attempt.complaints.append(nothing_said(f"{recognizer.model} hears" if speech else "its sound tells"))
            attempt.silent_by = recognizer.name
            return None
        heard = await asyncio.to_thread(heard_of, parts, speech, clip.duration)
        if not heard.words:
            attempt.complaints.extend((nothing_said(f"{heard.method} hears"), *heard.notes))
            attempt.silent_by = recognizer.name
            return None
        sentences, language, untold = await self._sentences(heard.words, heard.language or clip.candidate.language)
        return Transcript(
            clip_id=clip.clip_id,
            language=language,
            method=heard.method,
            timing=heard.timing,
            words=heard.words,
            sentences=sentences,
            silences=await asyncio.to_thread(silences_of, heard.words, clip.duration),
            fillers=await asyncio.to_thread(fillers_of, heard.words, sentences, language),
            notes=(*attempt.notes(), *heard.notes, *untold),
            media_sha256=clip.media.sha256,
        )

    async def _speech(self, clip: Clip, media: Path, attempt: _Attempt, tell: Tell) -> tuple[Stretch, ...]:
        """Where somebody speaks; looked for once, whoever listens."""
        listening, model = Listening(self._media, clip), self._soundings.model
        kept = await listening.speech(model)
        if kept is not None:
            return kept
        try:
            speech = await self._soundings.speech(media, clip.duration, tell)
        except (CannotHear, Retry):
            attempt.deaf = True
            raise
        await listening.keep_speech(model, speech)
        return speech

    async def _sentences(
        self, words: Sequence[Word], language: str | None
    ) -> tuple[tuple[Sentence, ...], str | None, tuple[str, ...]]:
        """With the languages of those that differ; the language of the whole, where it was not known; and a note.

        A fault in telling languages costs no transcript: it may have been paid for.
        """
        sentences = await asyncio.to_thread(sentences_of, words)
        try:
            told = await self._languages([sentence.text for sentence in sentences])
        except Retry as fault:
            return sentences, language, (f"{fault.what}.",)
        return *await asyncio.to_thread(with_languages, sentences, told, language), ()


def _made_uri(clip: Clip) -> str:
    return f"{clip_prefix(clip.clip_id)}/transcript.made.json"
