"""What is said in a talk, by whom and how: plain filler, with moments planted as an editor would choose them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle
from random import Random
from typing import Literal

from cli.sample.speech import Voice
from tools.quality.making.kinds import KINDS, Kind
from tools.quality.making.texts import Half, Language, Topic, language, topics

__all__ = ["HALF", "Line", "Reaction", "Script", "script_of"]

HALF = 20
"""Talks in a half; the seeds of the second half are held out."""
WORDS_A_SECOND = 2.3
"""Roughly, with the pauses; only the length of a talk depends on it."""
SHORT = 38.0
"""Seconds of a talk for the tests."""
SPELLED = {"en": "Um,", "de": "Ähm,", "fr": "Euh,", "es": "Eh,", "it": "Ehm,", "pt": "É,"}
"""A filler as it is written in captions."""

Role = Literal["filler", "distractor", "dangling", "hook", "story", "payoff"]
Reaction = Literal["laughter", "applause"]


@dataclass(frozen=True)
class Line:
    """One sentence. `pause`: seconds before it; `gain`: dB; `moment`: which planted one it belongs to, from 0."""

    text: str
    role: Role
    voice: Voice
    speaker: int = 0
    pause: float = 0.35
    gain: float = 0.0
    moment: int | None = None
    reaction: Reaction | None = None
    close: bool = False


@dataclass(frozen=True)
class Script:
    """A talk on paper."""

    seed: int
    half: Half
    kind: Kind
    topic: Topic
    lines: tuple[Line, ...]
    foreign: Topic
    """The topic of another talk, for captions that belong to it."""


def script_of(seed: int, *, short: bool = False) -> Script:
    """The script of talk `seed` (from 0). `short`: with one moment only, for tests."""
    half: Half = "tuned" if seed < HALF else "held"
    kind, rng = KINDS[seed % len(KINDS)], Random(f"script {seed}")
    choice = topics(half)
    order = Random(f"topics {half}").sample(choice, len(choice))
    topic = order[seed % len(order)]
    writer = _Writer(kind, topic, rng)
    seconds = SHORT if short else rng.uniform(95, 165)
    lines = writer.lines(seconds, moments=1 if short else rng.choice([1, 2, 2, 2, 3]))
    foreign = next(each for each in order[::-1] if each.language != topic.language or each.name != topic.name)
    return Script(seed, half, kind, topic, tuple(lines), foreign)


class _Writer:
    def __init__(self, kind: Kind, topic: Topic, rng: Random) -> None:
        self._kind, self._topic, self._rng = kind, topic, rng
        self._tongue: Language = language(topic.language)
        names = rng.sample(self._tongue.voices, kind.people)
        self._voices = [
            Voice(name, rate=rng.randint(150, 172), pitch=rng.randint(35, 55), range=rng.randint(50, 75))
            for name in names
        ]
        self._plain = cycle(self._pool())
        self._turn = 0

    def lines(self, seconds: float, moments: int) -> list[Line]:
        """Filler, a moment, filler, … up to about `seconds`."""
        rng = self._rng
        planted = rng.sample(self._topic.moments, min(moments, len(self._topic.moments)))
        told = sum(len(text.split()) for moment in planted for text in moment) / WORDS_A_SECOND
        count = max(2 * len(planted) + 2, round((seconds - told) / 5.0))
        parts = _divided(count, len(planted) + 1, rng)
        lines = self._filler(parts[0])
        for number, (moment, following) in enumerate(zip(planted, parts[1:], strict=True)):
            lines += self._moment(number, moment)
            if rng.random() < 0.5:
                lines.append(self._line(rng.choice(self._tongue.dangling), "dangling"))
            lines += self._filler(following)
        return self._disturbed(lines)

    def _pool(self) -> list[str]:
        others = [text for topic in self._tongue.topics if topic is not self._topic for text in topic.filler[:4]]
        near = [*self._topic.filler, *self._tongue.filler]
        self._rng.shuffle(near)
        return near + others

    def _filler(self, count: int) -> list[Line]:
        lines = [self._line(next(self._plain), "filler") for _ in range(count)]
        return [replace(lines[0], pause=self._rng.uniform(0.7, 1.2)), *lines[1:]] if lines else []

    def _line(self, text: str, role: Role) -> Line:
        rng = self._rng
        if self._kind.people > 1 and rng.random() < 0.4:
            self._turn = 1 - self._turn
        pause = rng.uniform(0.25, 0.6)
        if self._kind.sparse:
            pause = rng.choice([0.5, 1.2, 2.5])
            text = f"{SPELLED[self._tongue.tag]} {text}" if rng.random() < 0.3 else text
        if self._kind.second_language and role == "filler" and rng.random() < 0.35:
            other = language("de" if self._tongue.tag == "en" else "en")
            spoken = replace(self._voices[0], name=other.voices[0])
            return Line(rng.choice(other.filler), role, spoken, 0, pause)
        return Line(text, role, self._voices[self._turn], self._turn, pause)

    def _moment(self, number: int, sentences: tuple[str, ...]) -> list[Line]:
        """A story from hook to pay-off, with at least two of: louder, quicker, close, answered by the audience."""
        rng = self._rng
        ways = set(rng.sample(["louder", "quicker", "close", "answered"], rng.choice([2, 2, 3, 4])))
        gain = rng.uniform(4, 6) if "louder" in ways else 0.0
        teller = rng.randrange(self._kind.people)
        asker = 1 - teller if self._kind.people > 1 and sentences[0].endswith("?") else teller
        lines = []
        for index, text in enumerate(sentences):
            speaker, last = asker if index == 0 else teller, index == len(sentences) - 1
            voice = self._voices[speaker]
            role: Role = "hook" if index == 0 else "payoff" if last else "story"
            reaction: Reaction | None = rng.choice(["laughter", "applause"]) if "answered" in ways and last else None
            lines.append(
                Line(
                    text,
                    role,
                    replace(voice, rate=voice.rate + 14) if "quicker" in ways else voice,
                    speaker,
                    rng.uniform(0.7, 1.3) if index == 0 else rng.uniform(0.2, 0.5),
                    gain,
                    number,
                    reaction,
                    "close" in ways,
                )
            )
        self._turn = teller
        return lines

    def _disturbed(self, lines: list[Line]) -> list[Line]:
        """One or two lines of housekeeping: a question, a number or a loud word that no editor would choose."""
        rng = self._rng
        places = [i for i, line in enumerate(lines) if line.role == "filler" and i > 1]
        for place in sorted(rng.sample(places, min(len(places), rng.randint(1, 2))), reverse=True):
            extra = self._line(rng.choice(self._tongue.distractor), "distractor")
            lines.insert(place, replace(extra, gain=rng.choice([0.0, 4.0])))
        return lines


def _divided(count: int, parts: int, rng: Random) -> list[int]:
    """`count` in `parts` of different sizes, each at least 2."""
    weights = [rng.uniform(0.6, 1.6) for _ in range(parts)]
    return [max(2, round(count * weight / sum(weights))) for weight in weights]
