"""The answer of a transcription service (OpenAI's `verbose_json`) as what was heard in one part."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, FiniteFloat, ValidationError

from actors.transcriber.core.cues import Cue, words_of
from actors.transcriber.core.guard import Passage
from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part
from actors.transcriber.core.tongues import code_of
from contracts.media import Word

__all__ = ["NoAnswerError", "part_of", "punctuated"]

_SEARCHED_CHARS = 60


class NoAnswerError(ValueError):
    """The text is no such answer; says how, as the end of a sentence."""


def _time(value: object) -> object:
    """Some servers round down below zero."""
    return 0.0 if isinstance(value, int | float) and value < 0 else value


_Time = Annotated[FiniteFloat, BeforeValidator(_time)]


class _Word(BaseModel):
    word: str
    start: _Time
    end: _Time
    probability: float | None = None
    speaker: str | None = None


class _Segment(BaseModel):
    text: str = ""
    start: _Time
    end: _Time
    avg_logprob: float | None = None
    compression_ratio: float | None = None
    no_speech_prob: float | None = None
    words: list[_Word] | None = None
    speaker: str | None = None


class _Answer(BaseModel):
    text: str = ""
    language: str | None = None
    words: list[_Word] | None = None
    segments: list[_Segment] | None = None


def part_of(body: str, part: Part, method: str) -> HeardPart:
    """What was heard in a part, in seconds of the clip. Raises `NoAnswerError`.

    Words without times of their own have those of their segment, spread over them. The confidence of a word is its own
    or, where the service tells only that of a segment, the mean probability of the segment's tokens.
    """
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(place) for place in fault["loc"])
        raise NoAnswerError(f"is no transcript ({fault['msg']}{f' at {where}' if where else ''})") from None
    segments = sorted(answer.segments or [], key=lambda segment: segment.start)
    told = answer.words or [word for segment in segments for word in segment.words or ()]
    if answer.text.strip() and not told and not segments:
        raise NoAnswerError("tells no times: it does not know `verbose_json`")
    length = part.end - part.start
    words = _timed(told, segments, answer.text) if told else _spread(segments, length)
    return HeardPart(
        start=part.start,
        end=part.end,
        words=tuple(_moved(word, part.start) for word in words),
        passages=tuple(_passage(segment, part.start) for segment in segments),
        language=code_of(answer.language),
        timing="word" if told or not segments else "spread",
        method=method,
    )


def _timed(told: Sequence[_Word], segments: Sequence[_Segment], text: str) -> list[Word]:
    """Words with the punctuation of the text, which the times of words come without."""
    shown = punctuated([word.word.strip() for word in told], text or "".join(segment.text for segment in segments))
    words = []
    for word, spelt in zip(told, shown, strict=True):
        if not spelt:
            continue
        segment = _around((word.start + word.end) / 2, segments)
        words.append(
            Word(
                text=spelt,
                start=min(word.start, word.end),
                end=max(word.start, word.end),
                confidence=_share(word.probability) if word.probability is not None else _confidence(segment),
                speaker=word.speaker or (segment.speaker if segment else None),
            )
        )
    return sorted(words, key=lambda word: word.start)


def _spread(segments: Sequence[_Segment], length: float) -> list[Word]:
    cues = [Cue(segment.start, max(segment.end, segment.start + 0.1), segment.text) for segment in segments]
    words, _ = words_of(cues, length)
    found = ((word, _around((word.start + word.end) / 2, segments)) for word in words)
    return [
        word.model_copy(update={"confidence": _confidence(seg), "speaker": word.speaker or (seg and seg.speaker)})
        for word, seg in found
    ]


def _around(at: float, segments: Sequence[_Segment]) -> _Segment | None:
    return next((segment for segment in segments if segment.start <= at <= segment.end), None)


def _confidence(segment: _Segment | None) -> float | None:
    if segment is None or segment.avg_logprob is None:
        return None
    return _share(math.exp(min(0.0, segment.avg_logprob)))


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 3)


def _moved(word: Word, by: float) -> Word:
    return word.model_copy(update={"start": round(word.start + by, 3), "end": round(word.end + by, 3)})


def _passage(segment: _Segment, by: float) -> Passage:
    return Passage(
        start=by + min(segment.start, segment.end),
        end=by + max(segment.start, segment.end),
        compression=segment.compression_ratio,
        no_speech=segment.no_speech_prob,
        log_probability=segment.avg_logprob,
    )


def punctuated(words: Sequence[str], text: str) -> list[str]:
    """The same words as they stand in `text`, with the marks before and behind them.

    A word that is not found within the next 60 characters stays as it is.
    """
    lower = text.lower() if len(text.lower()) == len(text) else text
    at, shown = 0, []
    for word in words:
        found = lower.find(word.lower(), at, at + len(word) + _SEARCHED_CHARS) if word else -1
        if found < 0:
            shown.append(word)
            continue
        start, end = found, found + len(word)
        while start > at and _opens(text, start - 1):
            start -= 1
        while end < len(text) and unicodedata.category(text[end]) in {"Po", "Pe", "Pf", "Pd"}:
            end += 1
        shown.append(text[start:end])
        at = end
    return shown


def _opens(text: str, place: int) -> bool:
    """Brackets and quotation marks, and the straight ones behind a space."""
    alone = place == 0 or text[place - 1].isspace()
    return unicodedata.category(text[place]) in {"Ps", "Pi"} or (text[place] in "\"'¿¡" and alone)
