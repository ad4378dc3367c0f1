"""Settings of the renderer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from contracts.media import MOST_PIXELS
from runtime.settings import Settings


class RendererSettings(Settings):
    """How much of the machine one render may take."""

    renderer_slots: Annotated[
        int,
        Field(
            ge=1,
            le=64,
            description="shorts that one renderer process makes at a time; one already keeps every core busy",
        ),
    ] = 1
    renderer_timeout_s: Annotated[
        float, Field(gt=0, le=86400, description="seconds after which a render is stopped and refused")
    ] = 3600.0
    renderer_memory_mb: Annotated[
        int, Field(ge=512, le=1 << 20, description="address space that the process of one render may take, in MiB")
    ] = 4096
    renderer_max_megapixels: Annotated[
        float, Field(gt=0, le=1000, description="largest source picture that is decoded, in millions of pixels")
    ] = MOST_PIXELS / 1e6
    renderer_fonts: Annotated[
        Path | None,
        Field(
            description="folder of more fonts (.ttf, .otf) for captions, where those that come with it lack a letter"
        ),
    ] = None
    renderer_encoder: Annotated[
        Literal["auto", "libx264", "h264_nvenc", "h264_qsv", "h264_videotoolbox", "h264_v4l2m2m"],
        Field(description="H.264 encoder; `auto`: the first of the machine's own that encodes a trial, else libx264"),
    ] = "auto"
