"""Whether a span can stand alone: what its first sentence needs from before, what its last one leaves open."""

from __future__ import annotations

from dataclasses import dataclass

from actors.vlm.core.languages import Language
from actors.vlm.core.speech import Speech

__all__ = ["NONE", "Flaw", "left_open", "needed_before"]

NEAR, ELSEWHERE = 2.0, 6.0
"""Seconds of pause: an answer follows its question within, if one speaker gives both; if another one answers."""
OTHER_TOPIC = 3.0
"""Seconds of pause behind which “and” and “so” begin something new."""
OPENING = 12
"""Tokens that are read."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is missing: from 0 (nothing) to 1 (it does not stand without), and what it is, for a person."""

    size: float
    why: str = ""


NONE = Flaw(0.0)


def needed_before(speech: Speech, number: int) -> Flaw:
    """What a sentence needs from the ones before it."""
    if number == 0:
        return NONE
    sentence, before, pause = speech.sentences[number], speech.sentences[number - 1], speech.pause_before(number)
    texts = [word.text for word in speech.words[sentence.first : min(sentence.last + 1, sentence.first + OPENING)]]
    tokens = sentence.tongue.tokens(texts)[:OPENING]
    if sentence.quoted[0]:
        return Flaw(1.0, "starts inside a quotation")
    if not sentence.asks and before.asks and pause < (NEAR if sentence.speaker == before.speaker else ELSEWHERE):
        return Flaw(1.0, "answers a question that is asked before it")
    if sentence.asks and sentence.last - sentence.first < 2 and not sentence.tongue.tight:
        return Flaw(1.0, "asks about what is said before it")
    if _counted_on(sentence.tongue, tokens):
        return Flaw(1.0, "goes on with a list that starts before it")
    if pause < ELSEWHERE and _replies(sentence.tongue, tokens):
        return Flaw(1.0, "replies to what is said before it")
    return _pointing_back(sentence.tongue, tokens, pause, asks=sentence.asks)


def left_open(speech: Speech, number: int) -> Flaw:
    """What a sentence leaves to the ones behind it."""
    sentence = speech.sentences[number]
    if sentence.quoted[1]:
        return Flaw(1.0, "ends inside a quotation")
    if number + 1 == len(speech.sentences):
        return NONE
    pause, after = speech.pause_before(number + 1), speech.sentences[number + 1]
    if sentence.asks and pause < ELSEWHERE:
        return Flaw(1.0, "ends on a question whose answer comes behind it")
    if sentence.tongue.hangs(speech.words[sentence.last].text):
        return Flaw(1.0, "ends in the middle of a thought")
    need = needed_before(speech, number + 1)
    if need.size and after.speaker == sentence.speaker and pause < OTHER_TOPIC:
        return Flaw(0.4 * need.size, "what comes behind it still belongs to it")
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
                need = Flaw(0.4, f"starts with \u201c{said}\u201d")
        if not max(skipped, soft):
            return need
        at += max(skipped, soft)
    return need
