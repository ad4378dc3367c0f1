"""`clipwire provision`: streams and buckets as they should be, or how they differ."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.addresses import running_addresses
from cli.output import CliError, print_json, run, say
from runtime.bus import connect
from runtime.provision import drift
from runtime.provision import provision as apply
from runtime.settings import RuntimeSettings

__all__ = ["provision"]


def provision(
    check: Annotated[
        bool, typer.Option("--check", help="Only say what differs; exit code 1 if something does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Create or update the streams and buckets of the NATS server."""
    lines = run(_provision(RuntimeSettings(), check=check))
    if as_json:
        print_json({"drift": lines})
    else:
        for line in lines:
            say(line)
    if check and lines:
        raise CliError(f"{len(lines)} differences", advice="`clipwire provision` mends them")


async def _provision(settings: RuntimeSettings, *, check: bool) -> list[str]:
    client = await connect(running_addresses(settings).nats_url, name="clipwire-provision", within=5)
    try:
        if check:
            return await drift(client)
        await apply(client)
    finally:
        await client.close()
    return []
