"""Settings of the transcriber."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from actors.transcriber.core.order import CAPTIONS
from runtime.settings import Settings

__all__ = ["RECOGNIZERS", "TranscriberSettings", "listed"]

RECOGNIZERS = ("faster-whisper", "groq", "openai")


def listed(text: str) -> tuple[str, ...]:
    """The names in a list that is parted by commas, each once."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _order(text: str) -> str:
    names = ("captions", *CAPTIONS, *RECOGNIZERS)
    wrong = [name for name in listed(text) if name not in names]
    if wrong or not listed(text):
        what = f"{', '.join(map(repr, wrong))} gives no words" if wrong else "it is empty"
        raise ValueError(f"{what}; write some of these, parted by commas: {', '.join(names)}")
    return text


def _models(text: str) -> str:
    if not listed(text):
        raise ValueError("it is empty; write at least one model")
    return text


_Models = Annotated[str, AfterValidator(_models)]


class TranscriberSettings(Settings):
    """Where the words of a clip come from, which speech models listen, and with how much of the machine."""

    transcriber_slots: Annotated[
        int, Field(ge=1, le=32, description="clips that one transcriber process works on at a time")
    ] = 2
    transcriber_order: Annotated[
        str,
        AfterValidator(_order),
        Field(
            description="where words come from, the first that can give them: `captions` (or single kinds of them: "
            "`given`, `timed`, `untimed`), `faster-whisper`, `groq`, `openai`; the last two are sent the sound, at the "
            "cost of the key's owner and beside any channel's model budget"
        ),
    ] = "captions,faster-whisper,groq,openai"
    transcriber_max_caption_bytes: Annotated[
        int, Field(gt=0, description="size in bytes above which a caption file is not read")
    ] = 20 * 2**20
    transcriber_upload_mb: Annotated[
        int, Field(ge=1, le=1000, description="MiB that a transcription service takes at a time")
    ] = 25
    transcriber_sound_timeout_s: Annotated[
        float, Field(gt=0, description="seconds that reading the sound of one clip may take")
    ] = 3600.0
    transcriber_memory_mb: Annotated[
        int, Field(ge=512, description="address space in MB for reading the sound of a clip (Linux and macOS)")
    ] = 2048

    whisper_model: Annotated[
        str,
        Field(
            min_length=1,
            description="faster-whisper model: a name such as `small`, one of the Hugging Face hub, or a folder",
        ),
    ] = "small"
    whisper_model_dir: Annotated[
        Path | None, Field(description="folder that models lie in; unset: that of Hugging Face in the user's cache")
    ] = None
    whisper_download: Annotated[
        bool, Field(description="download the model when it is not there; else nothing is ever downloaded")
    ] = False
    whisper_device: Annotated[
        Literal["auto", "cpu", "cuda"],
        Field(description="what the speech model runs on; `auto`: a graphics card if one can be used"),
    ] = "auto"
    whisper_compute: Annotated[
        Literal["default", "auto", "int8", "int8_float16", "int8_float32", "float16", "float32"],
        Field(
            description="arithmetic of the speech model; `auto`: `int8` on a processor, `float16` on a graphics card"
        ),
    ] = "auto"
    whisper_threads: Annotated[
        int, Field(ge=0, description="processor threads of the speech model; 0: it decides itself")
    ] = 0
    whisper_batch: Annotated[
        int, Field(ge=1, le=64, description="half minutes that the speech model listens to together; more needs memory")
    ] = 8
    whisper_beam: Annotated[int, Field(ge=1, le=20, description="beam size; larger is slower and a little better")] = 5
    whisper_vad: Annotated[
        bool, Field(description="listen only where Silero's model finds speech; off: to all that is loud, singing too")
    ] = True
    whisper_parallel: Annotated[
        int, Field(ge=1, le=16, description="clips that one process listens to at a time; each loads the model")
    ] = 1
    whisper_memory_mb: Annotated[
        int,
        Field(
            ge=1024, description="address space in MB for listening on a processor (Linux and macOS); none on a card"
        ),
    ] = 16384
    whisper_timeout_s: Annotated[float, Field(gt=0, description="seconds that listening to one clip may take")] = (
        6 * 3600.0
    )

    groq_api_key: Annotated[
        SecretStr | None,
        Field(
            description="key of Groq; unset: Groq is not asked. With it the transcriber sends the sound there, at "
            "the cost of the key's owner, beside any channel's model budget"
        ),
    ] = None
    groq_base_url: Annotated[str, Field(description="address of Groq, without `/openai/v1`")] = "https://api.groq.com"
    groq_transcribe_models: Annotated[
        _Models, Field(description="Groq's speech models, the first that is still offered")
    ] = "whisper-large-v3-turbo,whisper-large-v3"
    groq_transcribe_timeout_s: Annotated[
        float, Field(gt=0, description="seconds without an answer after which Groq is given up for now")
    ] = 60.0

    openai_api_key: Annotated[
        SecretStr | None,
        Field(
            description="key of OpenAI or of another server that speaks its protocol. With it the transcriber sends "
            "the sound of clips there, at the cost of the key's owner, beside any channel's model budget"
        ),
    ] = None
    openai_base_url: Annotated[
        str, Field(description="address of OpenAI or of another server that speaks its protocol, with `/v1`")
    ] = "https://api.openai.com/v1"
    openai_transcribe_models: Annotated[
        _Models, Field(description="speech models of that server, the first that it offers; they must tell times")
    ] = "whisper-1"
    openai_transcribe_timeout_s: Annotated[
        float, Field(gt=0, description="seconds without an answer after which that server is given up for now")
    ] = 600.0

    @property
    def order(self) -> tuple[str, ...]:
        """`transcriber_order` with each kind of captions by its name."""
        kinds = ((CAPTIONS if name == "captions" else (name,)) for name in listed(self.transcriber_order))
        return tuple(dict.fromkeys(name for kind in kinds for name in kind))
