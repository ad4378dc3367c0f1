"""Where things lie in the media store. Every stage finds the others' documents by these names, without a database."""

from __future__ import annotations

from contracts.ids import digest

__all__ = [
    "PRINTS",
    "analysis_uri",
    "candidate_uri",
    "clip_prefix",
    "clip_uri",
    "prints_prefix",
    "prints_uri",
    "rejection_key",
    "render_prefix",
    "render_uri",
    "scan_uri",
    "transcript_uri",
]


PRINTS = "media://prints"
"""The folder of the fingerprints of all clips. They outlive the clips' media."""


def _path(natural_key: str) -> str:
    return natural_key.replace(":", "/", 1)


def scan_uri(event_id: str) -> str:
    """What was found for a `discovery.requested`, by its event's id, which may hold any characters."""
    return f"media://discovery/scans/{digest(event_id)}.json"


def candidate_uri(candidate_id: str) -> str:
    """The `Candidate` as it was last found."""
    return f"media://candidates/{_path(candidate_id)}.json"


def clip_prefix(clip_id: str) -> str:
    """The folder of a clip: source media, captions, documents."""
    return f"media://clips/{_path(clip_id)}"


def clip_uri(clip_id: str) -> str:
    """The `Clip`."""
    return f"{clip_prefix(clip_id)}/clip.json"


def transcript_uri(clip_id: str) -> str:
    """The `Transcript`."""
    return f"{clip_prefix(clip_id)}/transcript.json"


def analysis_uri(clip_id: str) -> str:
    """The `Analysis`."""
    return f"{clip_prefix(clip_id)}/analysis.json"


def prints_prefix(clip_id: str) -> str:
    """The folder of a clip's fingerprints."""
    return f"{PRINTS}/{_path(clip_id)}"


def prints_uri(clip_id: str, made: str) -> str:
    """The fingerprints of a clip. `made`: a digest of them, so that others have another key."""
    return f"{prints_prefix(clip_id)}/{made}.json"


def render_prefix(render_id: str) -> str:
    """The folder of a render: video, thumbnail, captions, the render itself."""
    return f"media://renders/{render_id}"


def render_uri(render_id: str) -> str:
    """The `Render`."""
    return f"{render_prefix(render_id)}/render.json"


def rejection_key(ident: str) -> str:
    """The claim that says that a person wants nothing made of a candidate, or a render not published."""
    return f"rejected/{ident}"
