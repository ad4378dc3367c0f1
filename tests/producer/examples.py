"""Candidates, clips and renders to decide about."""

from __future__ import annotations

from typing import Any

from contracts.events import CandidateRanked, ClipAnalyzed, RenderDone
from contracts.ids import render_id
from contracts.media import Candidate, Clip, MediaRef, Order, Rights
from contracts.renders import Recipe, Render
from contracts.sight import Moment

NOTHING = MediaRef(uri="media://nothing", bytes=0, sha256="0" * 64, content_type="video/mp4")


def a_candidate(**more: Any) -> Candidate:
    fields = {"candidate_id": "youtube:abc", "url": "https://youtu.be/abc", "title": "A video", "source": "youtube"}
    return Candidate(**(fields | more))


def ranked(score: float, *, source: str = "youtube", channel: str = "default", scan: str = "s1") -> CandidateRanked:
    return CandidateRanked(
        candidate=a_candidate(source=source),
        niche="ai tools",
        scan_id=scan,
        channel_id=channel,
        score=score,
        parts=(),
        method="local/1",
    )


def a_moment(score: float, start: float = 0.0, length: float = 20.0, **more: Any) -> Moment:
    return Moment(start=start, end=start + length, score=score, reason="it stands alone", **more)


def analyzed(*moments: Moment, order: Order | None = None) -> ClipAnalyzed:
    clip = Clip(
        clip_id="youtube:abc",
        source_url="https://youtu.be/abc",
        title="A video",
        media=NOTHING,
        duration=600,
        width=1920,
        height=1080,
        fps=25,
        video_codec="h264",
        candidate=a_candidate(),
    )
    return ClipAnalyzed(clip=clip, order=order or Order(), analysis="media://a.json", moments=moments, method="local/1")


def rendered(rights: Rights | None = None, *, channel: str = "default") -> RenderDone:
    render = Render(
        render_id=render_id("youtube:abc", 0, 20, {}),
        clip_id="youtube:abc",
        start=0,
        end=20,
        recipe=Recipe(),
        title="A short",
        video=NOTHING,
        thumbnail=NOTHING,
        duration=20,
        width=1080,
        height=1920,
        fps=30,
        encoder="libx264",
        seconds_spent=1,
        rights=rights or Rights(),
    )
    return RenderDone(render=render, channel_id=channel)
