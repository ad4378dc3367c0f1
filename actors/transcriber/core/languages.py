"""Which sentences are in another language than the rest. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from contracts.media import Sentence

__all__ = ["with_languages"]

_SURE = 0.8
_LETTERS_OF_ONE, _LETTERS_OF_ALL = 20, 50
"""Letters of a sentence that can show another language, and of all that do, for it to be believed."""
_CHANGE = 3.0
"""Cost of a change of language, as a negative log likelihood: a borrowed word is none."""
_LEAST = 1e-3


def with_languages(
    sentences: Sequence[Sentence], told: Sequence[Mapping[str, float]], language: str | None
) -> tuple[tuple[Sentence, ...], str | None]:
    """The sentences, those in another language with its tag; and the language of the whole, where `language` is None.

    `told`: for each sentence the likeliest languages with their probabilities. The most likely row of languages is
    taken (Viterbi), so that a short sentence, whose language cannot be told, has that of its neighbours.
    """
    main = (language or "").split("-")[0].lower() or _main(sentences, told)
    if main is None:
        return tuple(sentences), language
    tongues = [main, *_others(sentences, told, main)]
    row = _likeliest([[_cost(p.get(tongue, 0.0)) for tongue in tongues] for p in told], [_size(s) for s in sentences])
    marked = tuple(
        sentence.model_copy(update={"language": tongues[n]}) if n else sentence
        for sentence, n in zip(sentences, row, strict=True)
    )
    return marked, language or main


def _size(sentence: Sentence) -> int:
    return sum(letter.isalpha() for letter in sentence.text)


def _main(sentences: Sequence[Sentence], told: Sequence[Mapping[str, float]]) -> str | None:
    """The language of most letters, where it can be told."""
    letters: dict[str, float] = {}
    for sentence, likely in zip(sentences, told, strict=True):
        for tongue, probability in likely.items():
            letters[tongue] = letters.get(tongue, 0.0) + probability * _size(sentence)
    best = max(letters, key=lambda tongue: letters[tongue], default=None)
    whole = sum(map(_size, sentences))
    return best if best and whole >= _LETTERS_OF_ONE and letters[best] > 0.4 * whole else None


def _others(sentences: Sequence[Sentence], told: Sequence[Mapping[str, float]], main: str) -> list[str]:
    letters: dict[str, int] = {}
    for sentence, likely in zip(sentences, told, strict=True):
        best = max(likely, key=lambda tongue: likely[tongue], default=main)
        if best != main and likely[best] >= _SURE and _size(sentence) >= _LETTERS_OF_ONE:
            letters[best] = letters.get(best, 0) + _size(sentence)
    return sorted(tongue for tongue, count in letters.items() if count >= _LETTERS_OF_ALL)


def _cost(probability: float) -> float:
    return -math.log(max(probability, _LEAST))


def _likeliest(costs: Sequence[Sequence[float]], sizes: Sequence[int]) -> list[int]:
    """The cheapest row of columns; short sentences weigh less."""
    if not costs:
        return []
    best = [0.0] * len(costs[0])
    backs: list[list[int]] = []
    for cost, size in zip(costs, sizes, strict=True):
        cheapest = min(range(len(best)), key=best.__getitem__)
        back = [n if best[n] <= best[cheapest] + _CHANGE else cheapest for n in range(len(best))]
        weight = min(1.0, size / _LETTERS_OF_ONE)
        best = [min(best[n], best[cheapest] + _CHANGE) + weight * (c - min(cost)) for n, c in enumerate(cost)]
        backs.append(back)
    at = min(range(len(best)), key=best.__getitem__)
    row = []
    for back in reversed(backs):
        row.append(at)
        at = back[at]
    return row[::-1]
