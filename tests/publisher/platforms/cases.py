"""The platforms that have a server here: one line each."""

from __future__ import annotations

from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.tiktok_server import TIKTOK

__all__ = ["CASES"]

CASES: dict[str, Case] = {
    "tiktok": TIKTOK,
}
