"""Settings of the publisher."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from runtime.settings import Settings

__all__ = ["SETTINGS_TOO", "PublisherSettings"]

SETTINGS_TOO = "actors.publisher.adapters"
"""Each platform keeps its settings in its own file there."""


class PublisherSettings(Settings):
    """Where the outbox is, and how careful the publisher is with what may already be out."""

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
