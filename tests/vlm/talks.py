"""Short talks as people give them, in nine languages, with their words timed and their reactions placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from actors.transcriber.core.text import divided
from actors.vlm.ports import STEP, Sight
from contracts.media import Sentence, Stretch, Transcript, Word
from contracts.sight import Fade, LoudnessPoint, Person, PersonPoint, Shot, Sound
from contracts.text import joined

__all__ = ["Talk", "told"]

USUAL, CALM, SILENT = -22.0, -26.0, -60.0
"""LUFS of speech, of its last words, and of nobody speaking."""


@dataclass
class Talk:
    """A transcript, what is seen and heard with it, and where each of its lines is."""

    transcript: Transcript
    sight: Sight
    lines: list[tuple[float, float, str]] = field(default_factory=list)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.sight.duration

    def first_line(self, t: float) -> str:
        """The first line that begins at or after a time."""
        return next(text for start, _, text in self.lines if start >= t - 0.001)

    def last_line(self, t: float) -> str:
        """The last line that is over at a time."""
        return next(text for _, end, text in reversed(self.lines) if end <= t + 0.001)


def told(script: str, language: str | None, *, rate: float = 2.6, face: bool = True) -> Talk:
    """One sentence a line. `A:` in front names who speaks from there on; `(laughter 2)` and `(applause 3)` are heard
    for so many seconds, `(pause 2)` is not, `(cut)` is a cut of the picture, `(fade 1)` a fade to black."""
    at, speaker = 0.6, None
    words: list[Word] = []
    sentences: list[Sentence] = []
    sounds: list[Sound] = []
    fades: list[Fade] = []
    cuts: list[float] = []
    lines: list[tuple[float, float, str]] = []
    for line in filter(None, (line.strip() for line in script.splitlines())):
        if line.startswith("("):
            name, seconds = [*line.strip("()").split(), "0"][:2]
            if name == "cut":
                cuts.append(at - 0.1)
            elif name == "fade":
                fades.append(Fade(kind="out", start=at, end=at + float(seconds)))
            elif name != "pause":
                sounds.append(Sound(kind=name, start=at - 0.3, end=at - 0.1 + float(seconds), confidence=0.9))
            at += float(seconds)
            continue
        raw = line
        if line[1:2] == ":":
            speaker, raw = line[0], line[2:].strip()
        first = len(words)
        for piece in divided(raw):
            length = max(0.12, (0.35 + 0.05 * len(piece)) / 0.6 / rate)
            words.append(Word(text=piece, start=round(at, 3), end=round(at + 0.9 * length, 3), speaker=speaker))
            at += length
        text = joined([word.text for word in words[first:]])
        spoken = Sentence(
            first=first, last=len(words) - 1, start=words[first].start, end=words[-1].end, text=text, language=language
        )
        sentences.append(spoken)
        lines.append((spoken.start, spoken.end, raw))
        at += 0.5
    return Talk(
        Transcript(
            clip_id="file:x", language=language, method="test", timing="word", words=tuple(words),
            sentences=tuple(sentences),
        ),
        _seen(round(at + 1, 3), words, sentences, sounds, fades, cuts, face=face),
        lines,
    )  # fmt: skip


def _seen(
    duration: float,
    words: list[Word],
    sentences: list[Sentence],
    sounds: list[Sound],
    fades: list[Fade],
    cuts: list[float],
    *,
    face: bool,
) -> Sight:
    steps = int(duration / STEP) + 1
    lufs = [SILENT] * steps
    for word in words:
        lufs[int(word.start / STEP)] = USUAL
    for sentence in sentences:
        lufs[int(sentence.end / STEP)] = CALM
    for sound in sounds:
        for step in range(int(sound.start / STEP), min(steps, int(sound.end / STEP) + 1)):
            lufs[step] = USUAL + 4
    edges = [0.0, *cuts, duration]
    person = Person(
        id="p1",
        points=(PersonPoint(t=0.0, x=0.4, y=0.2, width=0.2, height=0.3),),
        speaking=tuple(Stretch(start=sentence.start, end=sentence.end) for sentence in sentences),
    )
    return Sight(
        made_from="0" * 64,
        method="test/1",
        duration=duration,
        shots=tuple(Shot(start=a, end=b, brightness=0.5, motion=0.1) for a, b in pairwise(edges) if b > a),
        loudness=tuple(LoudnessPoint(t=step * STEP, lufs=value) for step, value in enumerate(lufs)),
        motion=(0.1,) * steps,
        faces=(1.0 if face else 0.0,) * steps,
        people=(person,) if face else (),
        sounds=tuple(sounds),
        fades=tuple(fades),
    )
