"""Settings of the transcriber."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from runtime.settings import Settings

__all__ = ["TranscriberSettings"]


class TranscriberSettings(Settings):
    """Which speech model listens where there are no captions, and with how much of the machine."""

    transcriber_slots: Annotated[
        int, Field(ge=1, le=32, description="clips that one transcriber process works on at a time")
    ] = 2
    transcriber_max_caption_bytes: Annotated[
        int, Field(gt=0, description="size in bytes above which a caption file is not read")
    ] = 20 * 2**20
    whisper_model: Annotated[
        str, Field(min_length=1, description="faster-whisper model: a name such as `small`, or a folder with its files")
    ] = "small"
    whisper_model_dir: Annotated[
        Path | None, Field(description="folder that models lie in; unset: that of Hugging Face in the user's cache")
    ] = None
    whisper_download: Annotated[
        bool, Field(description="download the model when it is not there; else nothing is ever downloaded")
    ] = False
    whisper_device: Annotated[Literal["auto", "cpu", "cuda"], Field(description="what the speech model runs on")] = (
        "auto"
    )
    whisper_compute: Annotated[
        Literal["default", "auto", "int8", "int8_float16", "int8_float32", "float16", "float32"],
        Field(description="arithmetic of the speech model; `int8` is the fastest on a processor"),
    ] = "int8"
    whisper_threads: Annotated[
        int, Field(ge=0, description="processor threads of the speech model; 0: it decides itself")
    ] = 0
    whisper_beam: Annotated[int, Field(ge=1, le=20, description="beam size; larger is slower and a little better")] = 5
    whisper_vad: Annotated[bool, Field(description="leave out what is no speech; off: listen to all, singing too")] = (
        True
    )
    whisper_parallel: Annotated[
        int, Field(ge=1, le=16, description="clips that one process listens to at a time; each loads the model")
    ] = 1
    whisper_timeout_s: Annotated[float, Field(gt=0, description="seconds that listening to one clip may take")] = (
        6 * 3600.0
    )
