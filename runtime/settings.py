"""Settings of every process. Each unit adds its own class of these; the reference page is generated from them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["RuntimeSettings", "Settings", "default_home"]


def default_home() -> Path:
    """The platform's user data folder; for root a folder that the unprivileged PostgreSQL may also enter."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/var/lib/clipwire")
    return user_data_path("clipwire", appauthor=False)


class Settings(BaseSettings):
    """Reads `CLIPWIRE_<FIELD>` from the environment, then from the file `.env` in the working folder.

    `CLIPWIRE_ENV_FILE` in the environment names another file.
    """

    model_config = SettingsConfigDict(
        env_prefix="CLIPWIRE_",
        env_file=os.environ.get("CLIPWIRE_ENV_FILE", ".env"),
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )


class RuntimeSettings(Settings):
    """What every process of Clipwire needs to know."""

    home: Annotated[Path, Field(description="state and media of this machine")] = Field(default_factory=default_home)
    nats_url: Annotated[
        str | None,
        Field(repr=False, description="address of a NATS server with JetStream; unset: `clipwire up` starts its own"),
    ] = None
    database_url: Annotated[
        str | None,
        Field(repr=False, description="address of a PostgreSQL database; unset: `clipwire up` starts its own"),
    ] = None
    media_url: Annotated[
        str | None,
        Field(description="where media lies: `file:///…`; unset: the folder `media` in CLIPWIRE_HOME"),
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="least level of a log line")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "console"],
        Field(description="`auto`: coloured text on a terminal, else JSON"),
    ] = "auto"
    ack_wait_s: Annotated[
        float,
        Field(
            gt=0.5,
            le=600,
            description="seconds without a heartbeat after which a message is given to another worker",
        ),
    ] = 30.0
    max_attempts: Annotated[
        int, Field(ge=1, le=50, description="failed attempts after which a message is set aside")
    ] = 6
    max_deliveries: Annotated[
        int,
        Field(ge=2, le=1000, description="deliveries after which a message that kills its worker is set aside"),
    ] = 25
    retry_for_s: Annotated[
        float, Field(gt=0, description="age in seconds until which a message comes back whenever its handler says so")
    ] = 6 * 3600.0
    publish_budget_s: Annotated[
        float,
        Field(gt=0, description="seconds for which publishing an event is tried while the server is away"),
    ] = 60.0
    drain_s: Annotated[float, Field(ge=0, description="seconds a handler may go on after SIGTERM")] = 10.0
    metrics_port: Annotated[
        int | None,
        Field(ge=0, le=65535, description="port of this process's own Prometheus page on 127.0.0.1; unset: none"),
    ] = None
    otel_endpoint: Annotated[
        str | None,
        Field(description="OTLP over HTTP endpoint for traces, for example http://127.0.0.1:4318; unset: none"),
    ] = None

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        """Servers and children work in folders of their own."""
        return home.expanduser().absolute()

    @property
    def media_location(self) -> str:
        """`media_url`, or the folder in `home`."""
        return self.media_url or (self.home / "media").absolute().as_uri()
