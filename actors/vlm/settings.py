"""Settings of the vlm actor."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runtime.settings import Settings


class VlmSettings(Settings):
    """How much of the machine the analysis of a clip may take."""

    vlm_slots: Annotated[int, Field(ge=1, le=16, description="clips that one vlm process analyses at a time")] = 1
    vlm_timeout_s: Annotated[
        float, Field(gt=0, description="seconds after which the analysis of a clip is given up for good")
    ] = 7200.0
    vlm_memory_mb: Annotated[
        int,
        Field(ge=512, description="address space in MB that the analysis of a clip may use (Linux and macOS)"),
    ] = 3072
    vlm_threads: Annotated[int, Field(ge=1, le=16, description="decoder threads for the analysis of a clip")] = 2
    vlm_faces_per_s: Annotated[
        float, Field(ge=0, le=10, description="pictures a second in which faces are looked for; 0: none")
    ] = 2.0
