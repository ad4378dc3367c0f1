"""Settings of the HTTP door."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from runtime.settings import Settings

__all__ = ["SETTINGS_TOO", "GatewaySettings"]

SETTINGS_TOO = ("gateway.hooks", "gateway.users")
"""Their settings are read by the process of the HTTP door, too."""


class GatewaySettings(Settings):
    """Where the door listens, who may enter, and what it takes."""

    http_host: Annotated[str, Field(description="address that the HTTP door listens on")] = "127.0.0.1"
    http_port: Annotated[
        int,
        Field(
            ge=0, le=65535, description="port of the HTTP door; 0: a free one, as gateway.json in CLIPWIRE_HOME tells"
        ),
    ] = 8000
    http_expose: Annotated[
        bool, Field(description="listen on an address that other machines reach; put TLS in front of it")
    ] = False
    http_allowed_hosts: Annotated[
        str, Field(description="names besides localhost under which it may be asked, separated by commas")
    ] = ""
    http_cors_origins: Annotated[
        str,
        Field(
            description="origins of web pages that may ask it from a browser, separated by commas, for example "
            "https://clips.example.org; unset: none but its own"
        ),
    ] = ""
    http_trusted_proxies: Annotated[
        str,
        Field(
            description="addresses and networks of reverse proxies, separated by commas, for example 10.0.0.0/8: what "
            "they say of a client in X-Forwarded-For and X-Forwarded-Proto is believed; `none`: nobody is",
        ),
    ] = "127.0.0.1, ::1"
    http_public_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://",
            description="address under which people reach the HTTP door, for example https://clips.example.org; "
            "platforms send them back to it from a login; unset: as each request was addressed",
        ),
    ] = None
    access_token: Annotated[
        SecretStr | None,
        Field(
            min_length=16,
            description="what every request must bring; unset: the one in the file access_token in CLIPWIRE_HOME",
        ),
    ] = None
    http_upload_bytes: Annotated[
        int, Field(gt=0, description="size from which an uploaded video is refused, in bytes")
    ] = 8 * 1024**3
    http_streams: Annotated[int, Field(ge=1, le=10000, description="event streams that may be open at a time")] = 100
    http_streams_per_user: Annotated[
        int, Field(ge=1, le=10000, description="of these, how many one user may have open at a time")
    ] = 20
    http_heartbeat_s: Annotated[
        float, Field(gt=0, le=300, description="seconds after which an idle event stream says that it is alive")
    ] = 15.0
    http_stall_s: Annotated[
        float,
        Field(
            gt=0,
            description="seconds after which an event stream or another answer is given up whose client takes nothing",
        ),
    ] = 60.0
    http_connections: Annotated[
        int, Field(ge=1, description="connections that may be open at a time; further ones are closed at once")
    ] = 4096
    http_head_s: Annotated[
        float, Field(gt=0, le=300, description="seconds that the head of a request may take, from its first byte")
    ] = 10.0
    http_body_s: Annotated[
        float, Field(gt=0, le=3600, description="seconds that a body may take, besides one for each KiB that has come")
    ] = 20.0
    idempotency_days: Annotated[
        float, Field(gt=0, le=3650, description="days for which an Idempotency-Key is remembered")
    ] = 7.0
    projection_batch: Annotated[
        int, Field(ge=1, le=5000, description="events that the projection writes in one transaction")
    ] = 1000

    @field_validator("http_trusted_proxies")
    @classmethod
    def _networks(cls, told: str) -> str:
        for part in _parts(told):
            if part != "none":
                ip_network(part, strict=False)
        return told

    @property
    def trusted_proxies(self) -> list[str]:
        """Networks that are believed what they say of a client, without the bits of a host, as uvicorn wants them."""
        parts = (part for part in _parts(self.http_trusted_proxies) if part != "none")
        return [str(ip_network(part, strict=False)) for part in parts]

    @property
    def cors_origins(self) -> frozenset[str]:
        """Origins of other sites whose pages may ask."""
        return frozenset(part.rstrip("/") for part in _parts(self.http_cors_origins))

    @property
    def hosts(self) -> frozenset[str]:
        """Names that a request may be addressed to, without a port."""
        named = {name.lower() for name in _parts(self.http_allowed_hosts)}
        public = (urlsplit(self.http_public_url or "").hostname or "localhost").lower()
        hosts = {"localhost", "127.0.0.1", "::1", public, self.http_host.lower(), *named}
        return frozenset(host for host in hosts if not _is_unspecified(host))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_unspecified(host: str) -> bool:
    """Whether it stands for every address of this machine, and so is none that a request is sent to."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:  # a name
        return False
