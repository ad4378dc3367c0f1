"""Objects of OpenTimelineIO's file format, by their documented schemas (core schemas of 0.15 and later)."""

from __future__ import annotations

from typing import Any

__all__ = ["Json", "clip", "effect", "frames_time", "frames_range", "gap", "otio_object", "placed", "warp"]

Json = dict[str, Any]


def otio_object(schema: str, name: str, told: Json, **fields: Any) -> Json:
    """An object of a schema, with what is `told` about it in our part of its metadata."""
    return {"OTIO_SCHEMA": schema, "metadata": {"clipwire": told} if told else {}, "name": name, **fields}


def placed(schema: str, name: str, told: Json | None = None, **fields: Any) -> Json:
    """Something that has a place in time: a clip, a gap, a track, a stack."""
    plain: Json = {"source_range": None, "effects": [], "markers": [], "enabled": True}
    return otio_object(schema, name, told or {}, **{**plain, **fields})


def clip(name: str, reference: Json, source_range: Json, told: Json, effects: list[Json]) -> Json:
    """A clip with one media reference."""
    return placed(
        "Clip.2",
        name,
        told,
        source_range=source_range,
        effects=effects,
        media_references={"DEFAULT_MEDIA": reference},
        active_media_reference_key="DEFAULT_MEDIA",
    )


def gap(frames: int, fps: float) -> Json:
    """Nothing, for so long."""
    return placed("Gap.1", "", source_range=frames_range(0, frames, fps))


def warp(speed: float) -> Json:
    """A constant speed."""
    return otio_object("LinearTimeWarp.1", "speed", {}, effect_name="LinearTimeWarp", enabled=True, time_scalar=speed)


def effect(name: str, told: Json) -> Json:
    """An effect that an editor may not know: it is kept, and shown by its name."""
    return otio_object("Effect.1", name, told, effect_name=name, enabled=True)


def frames_range(first: int, frames: int, fps: float) -> Json:
    """A span of whole frames."""
    begin, length = frames_time(first, fps), frames_time(frames, fps)
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": begin, "duration": length}


def frames_time(frames: int, fps: float) -> Json:
    """A number of frames."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(fps), "value": float(frames)}
