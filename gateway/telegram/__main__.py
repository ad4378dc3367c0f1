"""Runs the Telegram bot: `python -m gateway.telegram`."""

from __future__ import annotations

import asyncio

from gateway.telegram.server import run
from gateway.telegram.settings import TelegramSettings
from runtime.refusal import refusals
from runtime.settings import RuntimeSettings
from runtime.telemetry import set_up_logs


def main() -> None:
    """Serve until SIGTERM or SIGINT; end with one clear line where it cannot."""
    with refusals():
        runtime, settings = RuntimeSettings(), TelegramSettings()
        set_up_logs(runtime, process="telegram")
        asyncio.run(run(runtime, settings))


if __name__ == "__main__":
    main()
