"""Clips that are made up: what is seen in them and what is said, as a test wants it or drawn at random."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from actors.vlm.ports import STEP, Sight
from contracts.media import Sentence, Stretch, Transcript, Word
from contracts.sight import Fade, LoudnessPoint, Moment, Person, Shot, Sound

__all__ = ["a_sight", "a_transcript", "cut_words", "sights", "speeches"]


def a_sight(duration: float, cuts: tuple[float, ...] = (), *, lufs: float | None = -20.0, faces: float = 0.0) -> Sight:
    edges = [0.0, *cuts, duration]
    steps = max(1, int(duration / STEP))
    return Sight(
        made_from="0" * 64,
        method="test/1",
        duration=duration,
        shots=tuple(Shot(start=a, end=b, brightness=0.5, motion=0.1) for a, b in itertools.pairwise(edges) if b > a),
        loudness=() if lufs is None else tuple(LoudnessPoint(t=i * STEP, lufs=lufs) for i in range(steps)),
        motion=(0.1,) * steps,
        faces=(faces,) * steps,
    )


def a_transcript(sentences: list[tuple[float, str]], *, rate: float = 2.5) -> Transcript:
    """Sentences that start at the given times, their words one after the other with small gaps."""
    words: list[Word] = []
    spans: list[Sentence] = []
    for start, text in sentences:
        first = len(words)
        for index, piece in enumerate(text.split()):
            at = start + index / rate
            words.append(Word(text=piece, start=round(at, 3), end=round(at + 0.8 / rate, 3)))
        spans.append(Sentence(first=first, last=len(words) - 1, start=words[first].start, end=words[-1].end, text=text))
    return Transcript(
        clip_id="file:x", language="en", method="test", timing="word", words=tuple(words), sentences=tuple(spans)
    )


PIECES = [
    "why",
    "and",
    "bees",
    "42",
    "dance.",
    "He",
    "Second,",
    "because",
    "\u201cyes",
    "no.\u201d",
    "um",
    "So?",
    "Why?",
    "他们。",
]


@st.composite
def speeches(draw: st.DrawFn, seconds: float = 0.0) -> tuple[float, Transcript]:
    """A clip with words of any length, gaps of any length, sentences of any length, one speaker or two.

    `seconds`: of the clip at least; the speech goes on for about as long.
    """
    at, words, spans, first = draw(st.floats(0, 5)), [], [], 0
    marked, gaps = draw(st.booleans()), draw(st.lists(st.sampled_from([0.0, 0.02, 0.1, 0.4, 1.0, 6.0]), min_size=1))
    pattern = draw(st.lists(st.tuples(st.floats(0.05, 1.2), st.sampled_from(PIECES), st.booleans()), max_size=60))
    turns = itertools.cycle(gaps)
    count = len(pattern) if not seconds else len(pattern) and int(2 * seconds)
    for length, piece, ends in itertools.islice(itertools.cycle(pattern), count):
        if seconds and at > seconds:
            break
        speaker = draw(st.sampled_from(["A", "B"])) if not seconds else "A"
        words.append(Word(text=piece, start=at, end=at + length, speaker=speaker))
        at += length + next(turns)
        if ends and marked:
            spans.append(
                Sentence(first=first, last=len(words) - 1, start=words[first].start, end=words[-1].end, text="s")
            )
            first = len(words)
    made = Transcript(
        clip_id="file:x",
        language=draw(st.sampled_from([None, "en", "de", "ja", "tlh"])),
        method="t",
        timing="word",
        words=tuple(words),
        sentences=tuple(spans),
        fillers=tuple(index for index, word in enumerate(words) if word.text == "um"),
    )
    return draw(st.floats(max(seconds, 0.1), max(seconds, 1.0, at + 30))), made


@st.composite
def sights(draw: st.DrawFn, duration: float) -> Sight:
    """What may be seen and heard in a clip of that length: cuts, fades, laughter, somebody who speaks in view."""
    times = st.floats(0.3, max(0.4, duration))
    cuts = sorted({round(t, 3) for t in draw(st.lists(times, max_size=20)) if t < duration})
    stretches = st.lists(st.tuples(times, st.floats(0.1, 20)), max_size=5)
    seen = a_sight(duration, tuple(cuts), lufs=draw(st.sampled_from([None, -20.0, -70.0])), faces=draw(st.floats(0, 2)))
    kinds = st.sampled_from(["laughter", "applause", "speech", "music"])
    fades = st.sampled_from(["in", "out", "dissolve"])
    talking = tuple(Stretch(start=t, end=t + length) for t, length in draw(stretches))
    return seen.model_copy(
        update={
            "sounds": tuple(
                Sound(kind=draw(kinds), start=t, end=t + length, confidence=0.9) for t, length in draw(stretches)
            ),
            "fades": tuple(Fade(kind=draw(fades), start=t, end=t + length) for t, length in draw(stretches)),
            "people": (Person(id="p", points=(), speaking=talking),) if talking else (),
        }
    )


def cut_words(found: tuple[Moment, ...], transcript: Transcript, duration: float) -> list[tuple[Word, float]]:
    """Words in which a moment starts or ends."""
    edges = [edge for moment in found for edge in (moment.start, moment.end)]
    return [
        (word, edge)
        for word in transcript.words
        for edge in edges
        if word.start + 0.001 < edge < min(word.end, duration) - 0.001
    ]
