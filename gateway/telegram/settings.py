"""Settings of the Telegram bot."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from contracts.publishing import Schedule
from runtime.settings import Settings

__all__ = ["TelegramSettings"]


class TelegramSettings(Settings):
    """Which bots there are, how Telegram is reached and reaches us, and which model reads plain language."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    telegram_api_key: Annotated[
        SecretStr | None, Field(description="token of the operator's bot, as @BotFather says it; unset: there is none")
    ] = None
    telegram_own_bots: Annotated[
        bool,
        Field(description="users may bring bots of their own; their tokens are encrypted and kept in the database"),
    ] = False
    telegram_base_url: Annotated[
        str, Field(pattern=r"^https?://", description="address of the Bot API, or of a Bot API server of one's own")
    ] = "https://api.telegram.org"
    telegram_local: Annotated[
        bool,
        Field(
            description="the Bot API server runs with `--local`, on this machine: files of up to 2000 MB, and what "
            "people send is read from its disk"
        ),
    ] = False
    telegram_webhook_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://",
            description="public address that leads to the webhook port, for example https://clips.example.org; "
            "unset: updates are asked for (long polling)",
        ),
    ] = None
    telegram_webhook_port: Annotated[
        int, Field(ge=0, le=65535, description="port on 127.0.0.1 that takes webhooks; 0: any free one")
    ] = 8081
    telegram_language: Annotated[
        Literal["en", "de", "ru"], Field(description="language for people whose own one is not known here")
    ] = "en"
    telegram_timezone: Annotated[
        str, Field(description="time zone of times that people write, where neither they nor their channel have one")
    ] = "UTC"
    telegram_message_s: Annotated[
        float, Field(ge=0, le=60, description="seconds between two messages to one chat, at least")
    ] = 1.0
    telegram_edit_s: Annotated[
        float, Field(ge=0, le=60, description="seconds between two changes of messages of one chat, at least")
    ] = 3.0
    telegram_upload_mb: Annotated[
        int, Field(ge=1, le=2000, description="size from which a video is sent as a compressed preview, in MB")
    ] = 49
    telegram_model: Annotated[
        str | None,
        Field(
            pattern=r"^(groq|openai|ollama):[^,\s]+$",
            description="model that reads plain language, as `provider:model`; unset: the bot knows commands alone",
        ),
    ] = None
    groq_api_key: Annotated[SecretStr | None, Field(description="key of Groq; unset: it is not asked")] = None
    groq_base_url: Annotated[str, Field(description="address of Groq")] = "https://api.groq.com"
    openai_api_key: Annotated[
        SecretStr | None, Field(description="key of OpenAI, or of a server that speaks its protocol, if it wants one")
    ] = None
    openai_base_url: Annotated[str, Field(description="address of OpenAI, or of a server that speaks its protocol")] = (
        "https://api.openai.com/v1"
    )
    ollama_base_url: Annotated[str, Field(description="address of Ollama")] = "http://127.0.0.1:11434"
    telegram_secret_key: Annotated[
        SecretStr | None,
        Field(
            min_length=32,
            description="what the tokens of users' bots are encrypted with; unset: the file `telegram_key` in "
            "CLIPWIRE_HOME, which is made when it is first needed",
        ),
    ] = None
    telegram_secret_keys_previous: Annotated[
        SecretStr | None,
        Field(description="earlier keys, separated by commas: what they encrypted is encrypted anew at the next start"),
    ] = None

    @field_validator("telegram_api_key")
    @classmethod
    def _token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(r"\d{1,20}:[A-Za-z0-9_-]{3,200}", token.get_secret_value()):
            raise ValueError("the token of a bot is a number, a colon, and letters, as @BotFather says it")
        return token

    @field_validator("telegram_timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        return Schedule(timezone=name).timezone

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return self.telegram_api_key is not None or self.telegram_own_bots
