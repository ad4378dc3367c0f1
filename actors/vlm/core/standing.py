"""Whether a span can stand alone: what its first sentence needs from before, what its last one leaves open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median

from actors.vlm.core.languages import Language
from actors.vlm.core.speech import Speech

__all__ = ["NONE", "Flaw", "Standing"]

NEAR, ELSEWHERE = 2.0, 6.0
"""Seconds of pause: an answer follows its question within, if one speaker gives both; if another one answers."""
OTHER_TOPIC = 3.0
"""Seconds of pause behind which “and” and “so” begin something new."""
SUBJECT, OVER_USUAL = 0.8, 2.0
"""Seconds of silence in which the subject may change, and how much more than the speaker's usual pause that is."""
OPENING = 12
"""Tokens that are read."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is missing: from 0 (nothing) to 1 (it does not stand without), and what it is, for a person."""

    size: float
    why: str = ""


NONE = Flaw(0.0)
GREETS = "starts with a greeting, thanks, or a question about the hall"
POINTS = 0.6
"""Size from which a sentence belongs to the one before it, whatever the pause."""


class Standing:
    """What every sentence of a speech needs from before and leaves open, and where the subject changes.

    `reacting`: the share of a span, in seconds, in which people laugh or clap.
    """

    def __init__(self, speech: Speech, reacting: Callable[[float, float], float]) -> None:
        self.speech, self._reacting = speech, reacting
        numbers = range(len(speech.sentences))
        self._silences = [self._silence_before(number) for number in numbers]
        self.needs = [needed_before(speech, number, self._silences[number]) for number in numbers]
        self.opens = [left_open(speech, number, self.needs, self._silences) for number in numbers]
        usual = median(self._silences[1:]) if len(numbers) > 1 else SUBJECT
        longest = max(SUBJECT, OVER_USUAL * usual)
        changes = [self._changes(number, longest) for number in numbers]
        # How often the subject has changed before each sentence, the first one included.
        self.subjects = list(accumulate(map(int, changes), initial=0))
        # From 0 to 1, how much of a break is before each sentence, and at the end.
        self.breaks = [
            1.0 if number == 0 or changes[number] else min(1.0, self._silences[number] / longest) for number in numbers
        ] + [1.0]

    def _silence_before(self, number: int) -> float:
        """Seconds before a sentence in which nobody speaks, laughs or claps."""
        if number == 0:
            return 0.0
        said, after = self.speech.sentences[number - 1].end, self.speech.sentences[number].start
        return (after - said) * (1 - self._reacting(said, after))

    def _changes(self, number: int, silence: float) -> bool:
        if number == 0 or self.needs[number].size >= POINTS:
            return False
        sentence, before = self.speech.sentences[number], self.speech.sentences[number - 1]
        if sentence.asks and not before.asks and sentence.speaker != before.speaker:
            return True
        return self._silences[number] >= silence


def needed_before(speech: Speech, number: int, pause: float) -> Flaw:
    """What a sentence needs from the ones before it. `pause`: seconds of silence between them."""
    sentence = speech.sentences[number]
    texts = [word.text for word in speech.words[sentence.first : min(sentence.last + 1, sentence.first + OPENING)]]
    tokens = sentence.tongue.tokens(texts)[:OPENING]
    if number == 0:
        return Flaw(0.8, GREETS) if sentence.tongue.greets(tokens) else NONE
    before = speech.sentences[number - 1]
    if sentence.quoted[0]:
        return Flaw(1.0, "starts inside a quotation")
    if sentence.tongue.greets(tokens):
        return Flaw(0.8, GREETS)
    if not sentence.asks and before.asks and pause < (NEAR if sentence.speaker == before.speaker else ELSEWHERE):
        return Flaw(1.0, "answers a question that is asked before it")
    if sentence.asks and sentence.last - sentence.first < 2 and not sentence.tongue.tight:
        return Flaw(1.0, "asks about what is said before it")
    if _counted_on(sentence.tongue, tokens):
        return Flaw(1.0, "goes on with a list that starts before it")
    if pause < ELSEWHERE and _replies(sentence.tongue, tokens):
        return Flaw(1.0, "replies to what is said before it")
    need = _pointing_back(sentence.tongue, tokens, pause, asks=sentence.asks)
    short = sentence.last - sentence.first < 2 and not sentence.tongue.tight and pause < OTHER_TOPIC
    return Flaw(0.5, "starts with two words that lean on what is before") if short and need.size < POINTS else need


def left_open(speech: Speech, number: int, needs: Sequence[Flaw], silences: Sequence[float]) -> Flaw:
    """What a sentence leaves to the ones behind it."""
    sentence = speech.sentences[number]
    if sentence.quoted[1]:
        return Flaw(1.0, "ends inside a quotation")
    if needs[number].why == GREETS:
        return Flaw(0.8, "ends with a greeting, thanks, or a question about the hall")
    if number + 1 == len(speech.sentences):
        return NONE
    pause, after = silences[number + 1], speech.sentences[number + 1]
    if sentence.asks and pause < ELSEWHERE:
        return Flaw(1.0, "ends on a question whose answer comes behind it")
    need = needs[number + 1]
    answered = pause < 0.7 * (after.start - sentence.end)  # the audience has laughed or clapped in between
    if need.size and need.why != GREETS and not answered and after.speaker == sentence.speaker and pause < OTHER_TOPIC:
        return Flaw(0.5 * need.size, "what comes behind it still belongs to it")
    return NONE


def _counted_on(tongue: Language, tokens: list[str]) -> bool:
    """“Second, …”, also behind “and”. A comma in the phrase asks for a mark behind the word."""
    at = tongue.match("skipped", tokens)
    for start in {0, at}:
        size = tongue.match("later", tokens, start)
        if size and not tongue.match("stands", tokens, start):
            return True
    return False


def _replies(tongue: Language, tokens: list[str]) -> bool:
    size = tongue.match("reply", tokens)
    return bool(size) and (tongue.tight or size == len(tokens) or tokens[size - 1].endswith(","))


def _pointing_back(tongue: Language, tokens: list[str], pause: float, *, asks: bool) -> Flaw:
    """“He …”, “because …”, “and when he …”: read through the small words until one points back or does not."""
    at, need = 0, NONE
    while at < len(tokens):
        if tongue.match("stands", tokens, at):
            return need
        back, skipped, soft = (tongue.match(use, tokens, at) for use in ("back", "skipped", "soft"))
        question = asks and (tongue.match("asks", tokens, at) or tongue.match("asks", tokens, at + back))
        if back and back >= skipped and not question:
            said = ("" if tongue.tight else " ").join(tokens[at : at + back]).rstrip(",")
            return Flaw(1.0 if pause < OTHER_TOPIC else 0.7, f"starts with \u201c{said}\u201d, which points back")
        if soft and soft >= skipped:
            said = ("" if tongue.tight else " ").join(tokens[at : at + soft]).rstrip(",")
            if pause < OTHER_TOPIC and not need.size:
                need = Flaw(0.5, f"starts with \u201c{said}\u201d")
        if not max(skipped, soft):
            return need
        at += max(skipped, soft)
    return need
