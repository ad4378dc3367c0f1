"""What comes of a clip, in words for people: why there is no transcript, or which one there is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.keys import transcript_uri
from contracts.media import CaptionTrack, Transcript, TranscriptRef

__all__ = ["nothing_said", "reason_of", "ref_of", "silent", "unused"]

_GIVE = "Give captions with the video (`captions_url`, or an .srt beside the file)"
_BESIDE = "Or give captions: a .srt, .vtt or .json3 of the same name beside the video, or `--captions FILE`"


def reason_of(complaints: Sequence[str], lacks: Sequence[str]) -> str:
    """Why there is no transcript. `lacks`: what those who were to listen want for it."""
    lines = list(complaints)
    if lacks:
        lines += ["There are no captions and no speech recognition.", *(f"{lack}." for lack in lacks), f"{_BESIDE}."]
    return " ".join(lines) or f"Nothing was tried: see CLIPWIRE_TRANSCRIBER_ORDER. {_GIVE}."


def nothing_said(who: str) -> str:
    """`who`: the one who hears nothing, with its verb."""
    return f"Nothing is said in the video, as far as {who}. {_GIVE} if that is wrong."


def silent() -> str:
    """There is no sound at all."""
    return f"The video has no sound to listen to. {_GIVE}."


def unused(track: CaptionTrack, how: str) -> str:
    """`how`: what is wrong with the file, as the end of a sentence."""
    return f"The captions `{track.uri.rpartition('/')[2]}` ({track.origin}) are not used: the file {how}."


def ref_of(transcript: Transcript) -> TranscriptRef:
    """Where it is in the media store, and what it is like."""
    return TranscriptRef(
        uri=transcript_uri(transcript.clip_id),
        language=transcript.language,
        method=transcript.method,
        words=len(transcript.words),
    )
