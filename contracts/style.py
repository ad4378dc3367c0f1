"""Words of a short's look that recipes and timelines share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.base import Contract, Unit

__all__ = ["PLATFORMS", "HexColor", "Label", "LookUse", "Quality", "ShapeName", "Transition"]

PLATFORMS = (
    "bluesky",
    "facebook",
    "instagram",
    "linkedin",
    "mastodon",
    "pinterest",
    "snapchat",
    "telegram",
    "threads",
    "tiktok",
    "x",
    "youtube",
)
"""Platforms of which is known how long a video may be, or where their buttons are; named as accounts are."""

Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""Name of a look, a transition, a caption style or a platform."""
HexColor = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
"""sRGB, for example `#ffe600`."""
Quality = Literal["draft", "fast", "turbo", "quality"]
ShapeName = Literal["9:16", "4:5", "1:1", "16:9"]


class LookUse(Contract):
    """One look, as strong as wanted."""

    name: Label
    strength: Unit = 0.5
    every: Annotated[float, Field(gt=0, le=600)] | None = Field(
        default=None, description="seconds between two beats of a look that has beats; absent: on emphasised words"
    )


class Transition(Contract):
    """How a segment follows the one before: both are seen for `seconds`."""

    name: Label = "fade"
    seconds: Annotated[float, Field(gt=0, le=3)] = 0.4
