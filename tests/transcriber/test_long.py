"""Hours of speech."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from actors.transcriber.core import sentences_of
from contracts.media import Word
from runtime.media import FileMediaStore
from runtime.tasks import end
from tests.transcriber.test_actor import clip, media, track, transcribed

__all__ = ["media"]  # the fixture

CUES, EACH_S, SAID = 1500, 3.0, "and so we went on about the bees and flowers"


async def english(texts: Sequence[str]) -> list[Mapping[str, float]]:
    return [{"en": 1.0} for _ in texts]


def stamp(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},000"


async def test_other_work_goes_on_while_hours_of_words_without_a_mark_become_sentences(media: FileMediaStore) -> None:
    lines = [f"{n + 1}\n{stamp(n * EACH_S)} --> {stamp((n + 1) * EACH_S)}\n{SAID}\n" for n in range(CUES)]
    talk = clip(track(media, "given", "\n".join(lines).encode()), audio=None, duration=CUES * EACH_S)
    words = [Word(text=word, start=n * 0.3, end=n * 0.3 + 0.3) for n, word in enumerate(CUES * SAID.split())]
    began = time.thread_time()  # of the processor, so that a busy machine changes nothing
    sentences_of(words)
    alone, longest = time.thread_time() - began, 0.0

    async def other_work() -> None:
        nonlocal longest
        while True:
            at = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - at)

    working = asyncio.create_task(other_work())
    event = await transcribed(media, talk, languages=english)
    await end(working)
    assert event.transcript is not None
    assert event.transcript.words == len(words)
    assert longest < alone / 2
