"""Where the Clipwire of this machine is reached: by the settings, or as `clipwire up` wrote it down."""

from __future__ import annotations

from cli.output import CliError
from runtime.home import Addresses, running_clipwire
from runtime.settings import RuntimeSettings

__all__ = ["running_addresses"]


def running_addresses(settings: RuntimeSettings) -> Addresses:
    """Addresses of what runs. Raises `CliError` where nothing does."""
    there = running_clipwire(settings.home)
    if there is not None:
        return there
    if settings.nats_url is not None:
        return Addresses(settings.nats_url, settings.database_url, settings.media_location, None, 0)
    raise CliError(
        f"no Clipwire runs in {settings.home}",
        advice="Start it with `clipwire up`, or set CLIPWIRE_HOME to the one that runs",
    )
