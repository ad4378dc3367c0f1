"""What the downloader decides: addresses, qualities, captions, what a source has told, what is a usable video."""

from __future__ import annotations

from actors.downloader.core.addresses import (
    PRIVATE_ADDRESSES,
    Refusal,
    refused_address,
    without_secrets,
)
from actors.downloader.core.files import caption_format, container_suffix
from actors.downloader.core.orders import refused_recipe
from actors.downloader.core.told import completed, described, with_sidecar
from actors.downloader.core.verdict import Limits, Measured, Verdict, frame_rate, judged

__all__ = [
    "PRIVATE_ADDRESSES",
    "Limits",
    "Measured",
    "Refusal",
    "Verdict",
    "caption_format",
    "completed",
    "container_suffix",
    "described",
    "frame_rate",
    "judged",
    "refused_address",
    "refused_recipe",
    "with_sidecar",
    "without_secrets",
]
