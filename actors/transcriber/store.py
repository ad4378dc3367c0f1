"""Transcripts in the media store: found again for the same media and captions, or made."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel

from actors.transcriber.adapters.captions import BadCaptionsError, parse
from actors.transcriber.core import best_first, sentences_of, within, words_of
from actors.transcriber.ports import CannotHear, Recognizer, Tell
from contracts.ids import digest
from contracts.keys import clip_prefix, clip_uri, transcript_uri
from contracts.media import CaptionTrack, Clip, Transcript, TranscriptRef
from runtime.errors import MediaMissing
from runtime.media import MediaStore

__all__ = ["Made", "Transcripts"]

_GIVE = "Give captions with the video (`captions_url`, or an .srt beside the file)"


class Made(BaseModel):
    """What a stored transcript was made of; written after it, as `transcript.made.json`."""

    inputs: str
    reason: str | None = None


class Transcripts:
    """Gives the transcript of a clip, making it if it is not there."""

    def __init__(self, media: MediaStore, recognizer: Recognizer, max_caption_bytes: int) -> None:
        self._media = media
        self._recognizer = recognizer
        self._max_caption_bytes = max_caption_bytes

    async def present(self, clip: Clip) -> Clip:
        """The clip as it is now: an order may be older than the film or the captions that are there."""
        uri = clip_uri(clip.clip_id)
        return await self._media.read(uri, Clip) if await self._media.exists(uri) else clip

    async def of(self, clip: Clip, tell: Tell) -> tuple[TranscriptRef | None, str | None]:
        """Where the transcript is, if there is one; and why there is none, or why better captions were not used."""
        found = await self._found(clip)
        if found is not None:
            return found
        complaints: list[str] = []
        transcript = await self._from_captions(clip, complaints) or await self._from_sound(clip, complaints, tell)
        reason = " ".join(complaints) or None
        # Without it nobody takes a transcript that was being replaced for one that is finished.
        await self._media.delete(_made_uri(clip))
        if transcript is None:
            await self._media.delete(transcript_uri(clip.clip_id))  # that of a film that was here before
            return None, reason
        await self._media.write(transcript_uri(clip.clip_id), transcript)
        await self._media.write(_made_uri(clip), Made(inputs=self._inputs(clip, transcript.method), reason=reason))
        return _ref(transcript), reason

    def _inputs(self, clip: Clip, method: str) -> str:
        """Changes when the media, the captions or, where it listened, the model is another one."""
        model = None if method.startswith("captions:") else self._recognizer.model
        return digest(clip.media.sha256, [track.uri for track in clip.captions], model)

    async def _found(self, clip: Clip) -> tuple[TranscriptRef, str | None] | None:
        if not await self._media.exists(_made_uri(clip)) or not await self._media.exists(transcript_uri(clip.clip_id)):
            return None
        made = await self._media.read(_made_uri(clip), Made)
        transcript = await self._media.read(transcript_uri(clip.clip_id), Transcript)
        return (_ref(transcript), made.reason) if made.inputs == self._inputs(clip, transcript.method) else None

    async def _from_captions(self, clip: Clip, complaints: list[str]) -> Transcript | None:
        for track in best_first(clip.captions):
            try:
                return await self._from_track(clip, track)
            except (BadCaptionsError, MediaMissing) as error:
                name = track.uri.rpartition("/")[2]
                complaints.append(f"The captions `{name}` ({track.origin}) are not used: the file {_ending(error)}.")
        return None

    async def _from_track(self, clip: Clip, track: CaptionTrack) -> Transcript:
        path = await self._media.local(track.uri)
        if path.stat().st_size > self._max_caption_bytes:
            raise BadCaptionsError(f"is larger than {self._max_caption_bytes} bytes")
        return await asyncio.to_thread(_transcript, clip, track, path.read_bytes())

    async def _from_sound(self, clip: Clip, complaints: list[str], tell: Tell) -> Transcript | None:
        if clip.audio_codec is None:
            complaints.append(f"The video has no sound to listen to. {_GIVE}.")
            return None
        media = await self._media.local(clip.media.uri)
        try:
            heard = await self._recognizer.recognize(media, language=clip.candidate.language, tell=tell)
        except CannotHear as error:
            complaints.append(f"There are no captions and no speech recognition. {error}.")
            return None
        words = within(heard.words, clip.duration)
        if not words:
            complaints.append(
                f"Nothing is said in the video, as far as {heard.method} hears. {_GIVE} if that is wrong."
            )
            return None
        return Transcript(
            clip_id=clip.clip_id,
            language=heard.language,
            method=heard.method,
            timing="word",
            words=words,
            sentences=sentences_of(words),
            media_sha256=clip.media.sha256,
        )


def _transcript(clip: Clip, track: CaptionTrack, body: bytes) -> Transcript:
    words, timing = words_of(parse(body, track.format), clip.duration)
    if not words:
        raise BadCaptionsError(f"has no words within the {clip.duration:.1f} seconds of the video")
    return Transcript(
        clip_id=clip.clip_id,
        language=track.language or clip.candidate.language,
        method=f"captions:{track.format}",
        timing=timing,
        words=words,
        sentences=sentences_of(words),
        media_sha256=clip.media.sha256,
    )


def _ref(transcript: Transcript) -> TranscriptRef:
    return TranscriptRef(
        uri=transcript_uri(transcript.clip_id),
        language=transcript.language,
        method=transcript.method,
        words=len(transcript.words),
    )


def _made_uri(clip: Clip) -> str:
    return f"{clip_prefix(clip.clip_id)}/transcript.made.json"


def _ending(error: Exception) -> str:
    return "is not in the media store" if isinstance(error, MediaMissing) else str(error)
