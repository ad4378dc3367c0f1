"""From the probability of speech in every few milliseconds to stretches of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.media import Stretch

__all__ = ["stretches"]

_ENTER = 0.5
_LEAVE = 0.35
_SHORTEST_SILENCE_S = 0.1
_SHORTEST_SPEECH_S = 0.1


def stretches(probabilities: Iterable[float], step: float) -> Iterator[Stretch]:
    """Speech begins above 0.5 and ends below 0.35, as in Silero's own iterator; shorter than 0.1 s nothing counts.

    `probabilities`: one for every `step` seconds, from the start of the recording. In order, without overlap.
    """
    start: float | None = None
    end: float | None = None
    at = 0
    for at, probability in enumerate(probabilities, 1):
        now = (at - 1) * step
        if probability >= _ENTER:
            start, end = (now if start is None else start), None
        elif start is not None and probability < _LEAVE:
            end = now if end is None else end
            if now + step - end >= _SHORTEST_SILENCE_S:
                if end - start >= _SHORTEST_SPEECH_S:
                    yield Stretch(start=start, end=end)
                start = end = None
    last = at * step if end is None else end
    if start is not None and last - start >= _SHORTEST_SPEECH_S:
        yield Stretch(start=start, end=last)
