"""`clipwire provision`: streams, buckets and consumers as they should be, or how they differ."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.addresses import running_addresses
from cli.output import CliError, print_json, run, say
from runtime.bus import connect
from runtime.flow import actor_names, consumers_of
from runtime.provision import drift
from runtime.provision import provision as apply
from runtime.settings import RuntimeSettings
from runtime.topology import Consumer

__all__ = ["consumers", "provision"]


def provision(
    check: Annotated[
        bool, typer.Option("--check", help="Only say what differs; exit code 1 if something does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Create or update the streams, buckets and consumers of the NATS server."""
    lines = run(_provision(RuntimeSettings(), check=check))
    if as_json:
        print_json({"drift": lines})
    else:
        for line in lines:
            say(line)
    if check and lines:
        raise CliError(f"{len(lines)} differences", advice="`clipwire provision` mends them")


def consumers(settings: RuntimeSettings) -> list[Consumer]:
    """The consumers of every installed actor, as its package says. Raises `CliError` where one does not say."""
    try:
        return consumers_of(actor_names(), settings.ack_wait_s)
    except ValueError as error:
        raise CliError(str(error), advice="Correct it; `make check` tells what it should say") from None


async def _provision(settings: RuntimeSettings, *, check: bool) -> list[str]:
    client = await connect(running_addresses(settings).nats_url, name="clipwire-provision", within=5)
    try:
        if check:
            return await drift(client, consumers(settings))
        await apply(client, consumers(settings))
    finally:
        await client.close()
    return []
