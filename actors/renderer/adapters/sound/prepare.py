"""From a timeline to its sound: everything is mixed and measured once, kept on disk, and mastered from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

import numpy as np

from actors.renderer.adapters.sound.level import Cells, Meter, loudness
from actors.renderer.adapters.sound.master import Sound, Source, mastered, untouched
from actors.renderer.adapters.sound.mix import Envelope, mixed, place_of, tracks_of
from actors.renderer.adapters.sound.music import Ducking, bed, level_of_bed, spans_heard, spans_said
from actors.renderer.adapters.sound.samples import CHUNK, RATE, Samples, has_sound, read_span, silence
from actors.renderer.adapters.sound.spool import Spool
from actors.renderer.core.schedule import Schedule, too_late
from contracts.spans import Span
from contracts.timeline import Music, Timeline, Voice
from runtime.errors import Reject

__all__ = ["prepare_sound"]

DEAD = 1e-6
"""Share of the energy, -60 dB, below which a channel is silent beside the other."""
LONGEST_MUSIC = 24 * 3600.0


def prepare_sound(timeline: Timeline, schedule: Schedule) -> Sound:
    """The sound of a timeline as AAC-LC, 128 kbit/s, 48 kHz stereo, exactly as long as its pictures.

    Sources are absolute paths of local files. The loudness is that of the plan within 0.5 LU, the true peak at most
    -1.5 dBTP, both of what a player decodes; where that can't be, a warning says so. Raises `Reject` for a file that
    can't be read, with the field that names it.
    """
    samples = place_of(schedule.frames, schedule.fps)
    heard = cache(partial(_heard, timeline))
    tracks = tracks_of(timeline, schedule, heard)
    music = timeline.sound.music
    if music is not None and not heard(music.source):
        music = None
    unheard = (*too_late(timeline), *_behind_the_end(timeline, heard))
    if not tracks and music is None:
        return untouched(lambda: silence(samples), (*_all_silent(timeline), *unheard))
    with ExitStack() as stack:
        rest, meter = stack.enter_context(Spool()), Meter()
        speech = Envelope() if music is not None and not timeline.captions.words else None
        for block in mixed(tracks, samples, speech):
            meter.add(block)
            rest.add(block)
        raw, cells, remarks = _in_both_ears(rest, meter)
        if music is not None:
            spans = spans_said(timeline.captions.words) if speech is None else spans_heard(speech.energy())
            under = stack.enter_context(Spool())
            raw, cells = _with_music(raw, loudness(cells.energy), music, spans, samples, under)
        return mastered(raw, cells, timeline.sound.loudness, (*_without_sound(timeline, heard), *unheard, *remarks))


def _heard(timeline: Timeline, source: str) -> bool:
    """Whether a file has sound."""
    try:
        return has_sound(Path(source))
    except Reject as error:
        field = next(field for field, named in timeline.sources() if named == source)
        raise Reject(error.what, advice=error.advice, field=field) from error


def _behind_the_end(timeline: Timeline, heard: Callable[[str], bool]) -> tuple[str, ...]:
    """A remark on every voice and music that begins where its file has no sound any more."""
    sound = timeline.sound
    used: dict[str, Voice | Music] = {f"sound.voices.{n}": voice for n, voice in enumerate(sound.voices)}
    used |= {"sound.music": sound.music} if sound.music else {}
    return tuple(
        f"{field} is never heard: {Path(use.source).name} ends before {use.start:.2f} s"
        for field, use in used.items()
        if use.start and heard(use.source) and _nothing_from(use)
    )


def _nothing_from(use: Voice | Music) -> bool:
    return next(read_span(Path(use.source), use.start, CHUNK, padded=False), None) is None


def _in_both_ears(rest: Spool, meter: Meter) -> tuple[Source, Cells, tuple[str, ...]]:
    """What was mixed; where only one channel holds sound, it in both."""
    cells, (left, right) = meter.cells(), meter.channels
    if max(left, right) <= 0 or min(left, right) > DEAD * max(left, right):
        return rest.blocks, cells, ()
    live = slice(0, 1) if left > right else slice(1, 2)

    def both() -> Iterator[Samples]:
        for block in rest.blocks():
            yield np.repeat(block[live], 2, axis=0)

    return both, Cells(2 * cells.energy, cells.peak), ("The sound was in one ear only: it is now in both",)


def _with_music(
    raw: Source, rest: float | None, music: Music, spans: Sequence[Span], samples: int, under: Spool
) -> tuple[Source, Cells]:
    """The mix over its bed. `rest`: loudness of the mix, None: silent; then the music plays alone, at its own level."""
    own = Meter()
    for block in bed(lambda: _music(music), samples):
        own.add(block)
        under.add(block)
    gain = level_of_bed(music, rest, loudness(own.cells().energy))
    ducking = Ducking(music, gain, spans if rest is not None else (), samples)

    def together() -> Iterator[Samples]:
        place = 0
        for block, below in zip(raw(), under.blocks(), strict=True):
            yield block + ducking.applied(below, place)
            place += block.shape[1]

    whole = Meter()
    for block in together():
        whole.add(block)
    return together, whole.cells()


def _music(music: Music) -> Iterator[Samples]:
    return read_span(Path(music.source), music.start, round(LONGEST_MUSIC * RATE), padded=False)


def _all_silent(timeline: Timeline) -> tuple[str, ...]:
    if all(segment.mute for segment in timeline.segments):
        return ("Every segment is mute: the short has a silent track",)
    return ("The source has no sound: the short has a silent track",)


def _without_sound(timeline: Timeline, heard: Callable[[str], bool]) -> tuple[str, ...]:
    """What was meant to be heard and holds no sound, each file once."""
    sound = timeline.sound
    wanted = [segment.source for segment in timeline.segments if not segment.mute]
    wanted += [voice.source for voice in sound.voices] + [effect.source for effect in sound.effects]
    wanted += [sound.music.source] if sound.music else []
    return tuple(f"{Path(source).name} has no sound" for source in dict.fromkeys(wanted) if not heard(source))
