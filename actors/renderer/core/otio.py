"""A timeline as OpenTimelineIO, for an editor.

Written by the documented file format (https://opentimelineio.readthedocs.io, "File format specification" and
"Serialized schema"; the core schemas of 0.15 and later), so that the renderer needs no native library for it. Times
are whole frames of the canvas's rate. What an editor has no word for is in each object's metadata under `clipwire`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from actors.renderer.core.framing import framing_within
from actors.renderer.core.otio_schema import (
    Json,
    clip,
    effect,
    frames_range,
    frames_time,
    gap,
    otio_object,
    placed,
    warp,
)
from actors.renderer.core.pages import Room, caption_pages
from actors.renderer.core.ramp import expanded
from actors.renderer.core.schedule import Cut, Schedule, schedule
from actors.renderer.core.words import spoken
from contracts.timeline import (
    ImageOverlay,
    InsertOverlay,
    Overlay,
    ProgressOverlay,
    Segment,
    SoundPlan,
    Timeline,
    TitleOverlay,
    WatermarkOverlay,
)

__all__ = ["otio_of"]

SENTENCE = Room(width=84, space=1, lines=1, words=16)
"""What one marker holds of what is said."""
_SAID = "GREEN"


@dataclass(frozen=True)
class _Item:
    """Something on a track on frames `first` to `last` (exclusive). Not `fixed`: it ends with its file, unknown when,
    and gives way to what follows."""

    first: int
    last: int
    clip: Json
    fixed: bool = True


def otio_of(timeline: Timeline, name: str, urls: Mapping[str, str], lengths: Mapping[str, float] | None = None) -> str:
    """The timeline as the text of an `.otio` file, as long as the short.

    `urls`: where an editor finds each source (`file://`, or what the operator's editor resolves); a source that is not
    in it keeps its own name. `lengths`: seconds of the sources that are known.
    """
    return json.dumps(_Writer(expanded(timeline), urls, lengths or {}).timeline(name), indent=1, ensure_ascii=False)


class _Writer:
    def __init__(self, timeline: Timeline, urls: Mapping[str, str], lengths: Mapping[str, float]) -> None:
        self._timeline, self._urls, self._lengths = timeline, urls, lengths
        self._plan: Schedule = schedule(timeline)
        self._fps = timeline.canvas.fps

    def timeline(self, name: str) -> Json:
        picture = self._track("Picture", "Video", self._cuts(sound=False))
        overlays = [self._lane(f"Overlay {n}", "Video", lane) for n, lane in enumerate(_stacked(self._overlays()), 1)]
        own = self._track("Sound of the picture", "Audio", self._cuts(sound=True))
        heard = [self._lane(*lane) for lane in self._heard(self._timeline.sound)]
        tracks = placed("Stack.1", "tracks", children=[picture, *overlays, own, *heard], markers=self._markers())
        return otio_object("Timeline.1", name, self._about(), global_start_time=None, tracks=tracks)

    def _about(self) -> Json:
        told = self._timeline.model_dump(mode="json", include={"canvas", "shapes", "cover", "quality"})
        told["captions"] = self._timeline.captions.model_dump(mode="json", exclude={"words", "emphasis"})
        return {**told, "loudness": self._timeline.sound.loudness}

    # The picture, and its own sound

    def _cuts(self, *, sound: bool) -> Iterable[Json]:
        """Clips from one border to the next, with the transitions between them; what no frame is left for is not."""
        cuts, borders = self._plan.cuts, _borders(self._plan.cuts)
        before = False
        for cut, (begin, end) in zip(cuts, pairwise(borders), strict=True):
            segment = self._timeline.segments[cut.index]
            if begin < end and before and cut.blend and segment.transition:
                yield self._transition(cut, begin, segment.transition.name)
            if before := begin < end:
                muted = sound and segment.mute
                yield gap(end - begin, self._fps) if muted else self._clip(cut, segment, begin, end)

    def _transition(self, cut: Cut, border: int, name: str) -> Json:
        """Around the border: an editor takes what is seen beyond it from the rest of both files."""
        return otio_object(
            "Transition.1",
            name,
            {"name": name},
            transition_type="SMPTE_Dissolve",
            in_offset=self._time(border - cut.first),
            out_offset=self._time(cut.first + cut.blend - border),
        )

    def _clip(self, cut: Cut, segment: Segment, begin: int, end: int) -> Json:
        told = segment.model_dump(mode="json", exclude={"areas", "framing", "source"})
        told["framing"] = framing_within(segment.framing, segment.start, segment.end).model_dump(mode="json")
        return self._media(
            f"Segment {cut.index + 1}", segment.source, cut.source_time(begin), end - begin, told, segment.speed
        )

    # What lies over it

    def _overlays(self) -> Iterable[_Item]:
        ordered = sorted(self._timeline.overlays, key=lambda overlay: overlay.kind != "insert")
        for overlay in ordered:
            first = round(overlay.start * self._fps)
            last = self._plan.frames if overlay.end is None else max(first + 1, round(overlay.end * self._fps))
            if first < (last := min(last, self._plan.frames)):
                yield _Item(first, last, self._overlay(overlay, last - first))

    def _overlay(self, overlay: Overlay, frames: int) -> Json:
        told = overlay.model_dump(mode="json", exclude={"source"})
        match overlay:
            case InsertOverlay():
                return self._media("Insert", overlay.source, overlay.source_start, frames, told)
            case ImageOverlay():
                return self._media("Image", overlay.source, 0.0, frames, told)
            case WatermarkOverlay(source=str() as source):
                return self._media("Watermark", source, 0.0, frames, told)
            case TitleOverlay() | WatermarkOverlay():
                return self._made(overlay.text, overlay.kind, frames, told)
            case ProgressOverlay():
                return self._made("Progress", overlay.kind, frames, told)

    def _made(self, name: str, kind: str, frames: int, parameters: Json) -> Json:
        """What no file holds: the renderer draws it."""
        reference = otio_object(
            "GeneratorReference.1",
            name,
            {},
            available_range=None,
            available_image_bounds=None,
            generator_kind=kind,
            parameters=parameters,
        )
        return clip(name, reference, self._range(0, frames), parameters, [])

    # What is heard besides

    def _heard(self, sound: SoundPlan) -> Iterable[tuple[str, str, list[_Item]]]:
        voices = [
            self._sounding("Voice", voice.source, voice.at, voice.start, voice.end, voice.model_dump(mode="json"))
            for voice in sound.voices
        ]
        effects = [
            self._sounding("Effect", effect.source, effect.at, 0.0, None, effect.model_dump(mode="json"))
            for effect in sound.effects
        ]
        for name, items in (("Voice", voices), ("Effects", effects)):
            for n, lane in enumerate(_laned([item for item in items if item is not None]), 1):
                yield f"{name} {n}", "Audio", lane
        if sound.music is not None:
            yield "Music", "Audio", list(self._music(sound))

    def _sounding(self, name: str, source: str, at: float, start: float, end: float | None, told: Json) -> _Item | None:
        until = end if end is not None else self._lengths.get(source)
        first, total = round(at * self._fps), self._plan.frames
        if first >= total or (until is not None and until <= start):
            return None
        last = total if until is None else min(total, max(first + 1, round((at + until - start) * self._fps)))
        return _Item(first, last, self._media(name, source, start, last - first, told), fixed=until is not None)

    def _music(self, sound: SoundPlan) -> Iterable[_Item]:
        """The bed, as often as it takes; once where it is not known how long it is."""
        music, total = sound.music, self._plan.frames
        if music is None:
            return
        told = music.model_dump(mode="json")
        length = self._lengths.get(music.source)
        if length is None:
            yield _Item(0, total, self._media("Music", music.source, music.start, total, {**told, "repeats": True}))
            return
        first, start = 0, music.start if music.start < length else 0.0
        while first < total:
            frames = min(total - first, max(1, round((length - start) * self._fps)))
            yield _Item(first, first + frames, self._media("Music", music.source, start, frames, told))
            first, start = first + frames, 0.0

    # What is said

    def _markers(self) -> list[Json]:
        plan, duration = self._timeline.captions, self._plan.frames / self._fps
        pages = caption_pages(spoken(plan.words, 0.0, duration), duration, SENTENCE)
        return [
            otio_object(
                "Marker.2",
                page.text,
                {"kind": "captions", "language": plan.language},
                color=_SAID,
                comment=page.text,
                marked_range=self._range(
                    round(page.start * self._fps), round(page.end * self._fps) - round(page.start * self._fps)
                ),
            )
            for page in pages
        ]

    # Objects

    def _media(self, name: str, source: str, start: float, frames: int, told: Json, speed: float = 1.0) -> Json:
        """A clip of a file from its second `start`. Its length is that on the timeline; a time warp does not add."""
        length = self._lengths.get(source)
        reference = otio_object(
            "ExternalReference.1",
            source.rpartition("/")[2],
            {},
            available_range=self._range(0, round(length * self._fps)) if length is not None else None,
            available_image_bounds=None,
            target_url=self._urls.get(source, source),
        )
        effects = [] if speed == 1.0 else [warp(speed)]
        effects += [effect(look["name"], look) for look in told.get("looks", ())]
        return clip(name, reference, self._range(round(start * self._fps), frames), told, effects)

    def _track(self, name: str, kind: str, children: Iterable[Json]) -> Json:
        return placed("Track.1", name, children=list(children), kind=kind)

    def _lane(self, name: str, kind: str, items: Sequence[_Item]) -> Json:
        """A track with gaps where nothing is."""
        children, clock = [], 0
        for n, item in enumerate(items):
            last = item.last if item.fixed or n + 1 == len(items) else min(item.last, items[n + 1].first)
            if item.first > clock:
                children.append(gap(item.first - clock, self._fps))
            item.clip["source_range"]["duration"] = self._time(last - item.first)
            children.append(item.clip)
            clock = last
        return self._track(name, kind, children)

    def _range(self, first: int, frames: int) -> Json:
        return frames_range(first, frames, self._fps)

    def _time(self, frames: int) -> Json:
        return frames_time(frames, self._fps)


def _borders(cuts: Sequence[Cut]) -> list[int]:
    """Where each cut begins in an editor, and the end: the middle of its transition, or as near to it as leaves the
    cut before a frame."""
    found = [cuts[0].first]
    for cut in cuts[1:]:
        middle = cut.first + cut.blend // 2
        latest = min(cut.first + cut.blend, cut.last - 1)
        found.append(max(found[-1], min(max(middle, found[-1] + 1), latest)) if cut.blend else cut.first)
    return [*found, cuts[-1].last]


def _stacked(items: Iterable[_Item]) -> list[list[_Item]]:
    """On as few tracks as keep their order from below to above: an item goes to the top track, or onto a new one."""
    tracks: list[list[_Item]] = []
    for item in items:
        if tracks and tracks[-1][-1].last <= item.first:
            tracks[-1].append(item)
        else:
            tracks.append([item])
    return tracks


def _laned(items: Sequence[_Item]) -> list[list[_Item]]:
    """On as few tracks as they need not to overlap; one whose end is not known ends with the next."""
    tracks: list[list[_Item]] = []
    for item in sorted(items, key=lambda item: item.first):
        for track in tracks:
            before = track[-1]
            if before.last <= item.first or (not before.fixed and before.first < item.first):
                track.append(item)
                break
        else:
            tracks.append([item])
    return tracks
