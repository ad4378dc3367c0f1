"""Settings of the vlm actor, and of the models that it may ask."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from actors.vlm.core.prices import prices_told
from runtime.settings import Settings

__all__ = ["DEFAULT_MODELS", "VlmSettings"]

DEFAULT_MODELS = (
    "gemini:gemini-3.8-flash,gemini:gemini-3.5-flash-lite,groq:qwen/qwen3.8-27b,groq:qwen/qwen3.6-27b,"
    "groq:openai/gpt-oss-120b,groq:openai/gpt-oss-20b"
)
"""Models are switched off by their makers again and again: whoever answers first is taken, the others are skipped."""
_MODEL = r"(gemini|groq|openai|ollama):[^,\s]+"


class VlmSettings(Settings):
    """How much of the machine the analysis of a clip may take, and which models judge its moments."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    vlm_slots: Annotated[int, Field(ge=1, le=16, description="clips that one vlm process analyses at a time")] = 1
    vlm_timeout_s: Annotated[
        float, Field(gt=0, description="seconds after which the analysis of a clip is given up for good")
    ] = 7200.0
    vlm_memory_mb: Annotated[
        int,
        Field(ge=512, description="address space in MB that the analysis of a clip may use (Linux and macOS)"),
    ] = 3072
    vlm_threads: Annotated[
        int,
        Field(
            ge=1,
            le=16,
            description="threads that decode a clip for its analysis, each a group of pictures; what they decode is "
            "looked at meanwhile, so two keep two cores busy, and more help with 4K on more cores",
        ),
    ] = 2
    vlm_faces_per_s: Annotated[
        float, Field(ge=0, le=10, description="pictures a second in which faces are looked for; 0: none")
    ] = 2.0

    vlm_models: Annotated[
        str,
        Field(
            description="models that judge moments, as `provider:model` of gemini, groq, openai, ollama, in the order "
            "in which they are asked; those without a key are left out",
        ),
    ] = DEFAULT_MODELS
    vlm_model_timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="seconds that one answer of a model may take")
    ] = 60.0
    vlm_model_wait_s: Annotated[
        float,
        Field(ge=0, le=600, description="seconds in all that a busy model is waited for before the next one is asked"),
    ] = 30.0
    vlm_budget_usd: Annotated[
        float | None,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="USD a day (UTC) that models may cost that judge moments, for a channel without a budget of "
            "its own; transcription by a service is outside of it. 0: no model is asked; unset: no limit",
        ),
    ] = None
    vlm_prices: Annotated[
        str,
        Field(
            description="prices that are not known here, as `provider:model=input/output` in USD for a million tokens, "
            "separated by commas; a budget needs them"
        ),
    ] = ""
    gemini_api_key: Annotated[SecretStr | None, Field(description="key of Gemini; unset: it is not asked")] = None
    gemini_base_url: Annotated[str, Field(description="address of the Gemini API")] = (
        "https://generativelanguage.googleapis.com"
    )
    gemini_frames: Annotated[int, Field(ge=0, le=16, description="pictures that Gemini is shown of a clip")] = 8
    gemini_video: Annotated[
        bool,
        Field(description="send Gemini the whole video, up to 2 GB, instead of pictures; about 100 tokens a second"),
    ] = False
    groq_api_key: Annotated[SecretStr | None, Field(description="key of Groq; unset: it is not asked")] = None
    groq_base_url: Annotated[str, Field(description="address of Groq")] = "https://api.groq.com"
    groq_frames: Annotated[
        int, Field(ge=0, le=5, description="pictures that Groq is shown of a clip; its free plan has room for 3")
    ] = 3
    openai_api_key: Annotated[
        SecretStr | None, Field(description="key of OpenAI, or of a server that speaks its protocol, if it wants one")
    ] = None
    openai_base_url: Annotated[str, Field(description="address of OpenAI, or of a server that speaks its protocol")] = (
        "https://api.openai.com/v1"
    )
    openai_frames: Annotated[
        int, Field(ge=0, le=16, description="pictures that an OpenAI-compatible model is shown; 0: it sees none")
    ] = 0
    ollama_base_url: Annotated[str, Field(description="address of Ollama")] = "http://127.0.0.1:11434"
    ollama_frames: Annotated[
        int, Field(ge=0, le=16, description="pictures that an Ollama model is shown; 0: it sees none")
    ] = 0
    ollama_timeout_s: Annotated[
        float, Field(gt=0, le=7200, description="seconds that an answer of Ollama may take, loading the model included")
    ] = 600.0

    @field_validator("vlm_models")
    @classmethod
    def _models(cls, text: str) -> str:
        wrong = [piece.strip() for piece in text.split(",") if not re.fullmatch(_MODEL, piece.strip())]
        if wrong:
            raise ValueError(
                f"{', '.join(map(repr, wrong))} names no model; write `provider:model` of gemini, groq, openai or "
                "ollama, parted by commas, for example ollama:qwen3-vl"
            )
        return text

    @field_validator("vlm_prices")
    @classmethod
    def _prices(cls, text: str) -> str:
        prices_told(text)
        return text

    @field_validator("gemini_api_key", "groq_api_key", "openai_api_key")
    @classmethod
    def _keys(cls, key: SecretStr | None) -> SecretStr | None:
        """A key that was copied with the end of its line, or with a letter that HTTP does not allow, is never sent."""
        if key and not re.fullmatch(r"[!-~]*", key.get_secret_value()):
            raise ValueError("a key has letters, digits and signs of ASCII alone, no spaces and no line ends")
        return key

    def models(self) -> list[tuple[str, str]]:
        """Pairs of provider and model, in the order in which they are asked; those without their key are left out."""
        named = [piece.strip().partition(":") for piece in self.vlm_models.split(",")]
        # OpenAI's and Ollama's are asked if they are named: nobody knows which model a server of one's own has.
        ready = {"gemini": bool(self.gemini_api_key), "groq": bool(self.groq_api_key)}
        return [(provider, model) for provider, _, model in named if ready.get(provider, True)]
