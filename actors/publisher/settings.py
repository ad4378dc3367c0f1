"""Settings of the publisher."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from runtime.settings import Settings

__all__ = ["SETTINGS_TOO", "PublisherSettings"]

SETTINGS_TOO = ("actors.publisher.adapters.platforms",)
"""Each platform keeps its settings in its own file there."""


class PublisherSettings(Settings):
    """Where the outbox is, what keeps accounts secret, and how careful the publisher is with what may be out."""

    publisher_slots: Annotated[
        int, Field(ge=1, le=64, description="publications that one publisher process works on at a time")
    ] = 4
    publisher_quarantine_s: Annotated[
        float,
        Field(
            ge=0,
            description="seconds after a request without an answer in which its post may be there and not visible yet; "
            "it is not sent again before; longer than a platform's slowest answer and its delay until a post is seen",
        ),
    ] = 120.0
    publisher_patience_s: Annotated[
        float,
        Field(
            ge=60,
            description="seconds after which a platform that gives no answer about what it was sent is left to a "
            "person, as `publish.unconfirmed`; less than CLIPWIRE_RETRY_FOR_S",
        ),
    ] = 2 * 3600.0
    publisher_private_hosts: Annotated[
        str,
        Field(
            description="names or addresses of servers, separated by commas, that the publisher may ask without https "
            "and in this machine's network, such as an instance of your own; it asks no others there"
        ),
    ] = ""
    secret_key: Annotated[
        SecretStr | None,
        Field(
            min_length=32,
            description="what the tokens of accounts are encrypted with, for example of `openssl rand -base64 32`; "
            "unset: the file `secret_key` in CLIPWIRE_HOME, which is made when it is first needed",
        ),
    ] = None
    secret_key_file: Annotated[
        Path | None,
        Field(description="file with CLIPWIRE_SECRET_KEY in it, a key a line, the newest first; in place of it"),
    ] = None
    secret_keys_previous: Annotated[
        SecretStr | None,
        Field(
            description="earlier keys, separated by commas: what they encrypted is read still; "
            "`clipwire account rotate-key` makes them superfluous"
        ),
    ] = None
    publisher_grace_s: Annotated[
        float,
        Field(
            ge=5,
            description="seconds by which a publication may be late, because its publisher was busy, and still go out "
            "at once; what is later gets the next free slot, or is skipped, as the channel's `schedule.late` says",
        ),
    ] = 120.0
    outbox_dir: Annotated[
        Path | None,
        Field(description="folder of the platform `outbox`, one folder per account; unset: `outbox` in CLIPWIRE_HOME"),
    ] = None
    outbox_base_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://",
            description="address under which a web server shows CLIPWIRE_OUTBOX_DIR, for links in the feeds; unset: file://",
        ),
    ] = None

    @property
    def private_hosts(self) -> frozenset[str]:
        """`publisher_private_hosts` as a set."""
        return frozenset(host.strip().strip("[]").lower() for host in self.publisher_private_hosts.split(","))
