"""What is heard of segments, voices and effects, put in its place and added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from actors.renderer.adapters.sound.level import CELL
from actors.renderer.adapters.sound.samples import CHUNK, RATE, Samples, Taken, read_span
from actors.renderer.adapters.sound.tempo import READ_AHEAD, stretched
from actors.renderer.core.schedule import Cut, Schedule
from contracts.timeline import Segment, SoundPlan, Timeline

__all__ = ["Envelope", "Track", "linear", "mixed", "place_of", "tracks_of"]

FADE = RATE * 5 // 1000
"""Samples over which a sound comes and goes at a cut, so that it does not click."""
SAME = 1e-6
"""Seconds that a segment may begin beside the end of the one before to be its continuation."""


@dataclass(frozen=True)
class Track:
    """A sound from sample `first` to `last` of the timeline, coming and going over so many samples."""

    first: int
    last: int
    read: Callable[[int], Iterator[Samples]]
    """Reads it from its beginning; given how many samples will be wanted."""
    gain: float = 1.0
    fade_in: int = FADE
    fade_out: int = FADE
    speech: bool = False

    def shaped(self, block: Samples, place: int) -> Samples:
        """A block from sample `place` of the timeline on at the track's gain, faded by equal power."""
        if place >= self.first + self.fade_in and place + block.shape[1] <= self.last - self.fade_out:
            return block * np.float32(self.gain)
        places = np.arange(place, place + block.shape[1], dtype=np.float32) + 0.5
        share = np.ones(block.shape[1], np.float32)
        if self.fade_in:
            share *= np.sin(np.clip((places - self.first) / self.fade_in, 0, 1) * (np.pi / 2))
        if self.fade_out:
            share *= np.sin(np.clip((self.last - places) / self.fade_out, 0, 1) * (np.pi / 2))
        shaped: Samples = block * (share * np.float32(self.gain)).astype(np.float32)
        return shaped


def linear(decibels: float) -> float:
    """A level in dB as a factor."""
    return float(10 ** (decibels / 20))


def place_of(frame: int, fps: int) -> int:
    """The first sample of a picture."""
    return round(frame * RATE / fps)


def tracks_of(timeline: Timeline, plan: Schedule, heard: Callable[[str], bool]) -> list[Track]:
    """Every sound but the music, in order of their beginnings. `heard` tells whether a source has sound."""
    tracks = [*_segments(timeline, plan, heard), *_added(timeline.sound, place_of(plan.frames, plan.fps), heard)]
    return sorted(tracks, key=lambda track: track.first)


def _segments(timeline: Timeline, plan: Schedule, heard: Callable[[str], bool]) -> Iterator[Track]:
    speech = not timeline.sound.voices
    waiting: Track | None = None
    before: Cut | None = None
    for cut in plan.cuts:
        segment = timeline.segments[cut.index]
        first, last = place_of(cut.first, plan.fps), place_of(cut.last, plan.fps)
        blend = place_of(cut.first + cut.blend, plan.fps) - first
        older = timeline.segments[before.index] if before is not None else None
        if waiting is not None and before is not None and older is not None and _goes_on(older, before, segment, cut):
            waiting = replace(waiting, last=last)
        else:
            if waiting is not None:
                yield replace(waiting, fade_out=blend or FADE)
            waiting = None
            if not segment.mute and heard(segment.source):
                read = partial(_segment, Path(segment.source), cut.start, segment.speed)
                waiting = Track(first, last, read, linear(segment.volume), blend or FADE, FADE, speech)
        before = cut
    if waiting is not None:
        yield waiting


def _goes_on(one: Segment, cut: Cut, other: Segment, after: Cut) -> bool:
    """Whether a segment only continues the one before, so that nothing is heard of the cut."""
    same = (one.source, one.speed, one.volume, one.mute) == (other.source, other.speed, other.volume, other.mute)
    return same and not after.blend and abs(cut.source_time(after.first) - after.start) <= SAME


def _segment(path: Path, start: float, speed: float, samples: int) -> Iterator[Samples]:
    if speed == 1.0:
        return read_span(path, start, samples)
    return stretched(read_span(path, start, round(samples * speed) + READ_AHEAD), speed, samples)


def _added(sound: SoundPlan, samples: int, heard: Callable[[str], bool]) -> Iterator[Track]:
    for voice in sound.voices:
        first = round(voice.at * RATE)
        length = samples if voice.end is None else max(0, round((voice.end - voice.start) * RATE))
        last = min(samples, first + length)
        if first < last and heard(voice.source):
            read = partial(_file, Path(voice.source), voice.start)
            yield Track(first, last, read, linear(voice.volume), speech=True)
    for effect in sound.effects:
        first = round(effect.at * RATE)
        if first < samples and heard(effect.source):
            # An effect begins with its attack, which a fade would take away.
            yield Track(first, samples, partial(_file, Path(effect.source), 0.0), linear(effect.volume), fade_in=0)


def _file(path: Path, start: float, samples: int) -> Iterator[Samples]:
    return read_span(path, start, samples, padded=False)


class Envelope:
    """Energy of the speech in each cell."""

    def __init__(self) -> None:
        self._parts: list[Any] = []

    def add(self, block: Samples) -> None:
        """Take one block of whole cells, but the last."""
        energy = np.einsum("cn,cn->n", block, block)
        energy = np.pad(energy, (0, -len(energy) % CELL))
        self._parts.append(energy.reshape(-1, CELL).sum(axis=1))

    def energy(self) -> Any:
        """What was measured so far."""
        return np.concatenate([np.zeros(0, np.float32), *self._parts])


def mixed(tracks: Sequence[Track], samples: int, envelope: Envelope | None = None) -> Iterator[Samples]:
    """All tracks together, in blocks of `CHUNK`. A file is open only while it is heard."""
    waiting = list(tracks)
    active: list[tuple[Track, Taken]] = []
    for place in range(0, samples, CHUNK):
        count = min(CHUNK, samples - place)
        while waiting and waiting[0].first < place + count:
            track = waiting.pop(0)
            active.append((track, Taken(track.read(track.last - track.first))))
        total, speech = np.zeros((2, count), np.float32), np.zeros((2, count), np.float32)
        for track, taken in active:
            begin, end = max(place, track.first), min(place + count, track.last)
            block = track.shaped(taken.take(end - begin), begin)
            bus = speech if track.speech else total
            bus[:, begin - place : end - place] += block
        active = [(track, taken) for track, taken in active if track.last > place + count and not taken.ended]
        if envelope is not None:
            envelope.add(speech)
        yield total + speech
