"""The users that are printed for a server of one's own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from cli.export import nats_permissions
from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.bus import new_command, open_bus
from runtime.embed.nats import nats_binary
from runtime.rights import permissions
from tests.support.running import until


async def test_the_exported_block_is_what_a_server_of_ones_own_takes(tmp_path: Path) -> None:
    (tmp_path / "users.conf").write_text(nats_permissions())
    lines = [
        "port: -1",
        f'ports_file_dir: "{tmp_path}"',
        f'jetstream: {{store_dir: "{tmp_path}"}}',
        "include users.conf",
    ]
    (tmp_path / "nats.conf").write_text("\n".join(lines))
    passwords = {f"NATS_{user.upper()}_PASSWORD": f"pw-{user}" for user in ["operator", *permissions()]}
    process = subprocess.Popen(
        [nats_binary(), "-c", tmp_path / "nats.conf"], env={**os.environ, **passwords}, stderr=subprocess.DEVNULL
    )
    try:
        await until(lambda: _there(tmp_path), within=30)
        [ports] = tmp_path.glob("*.ports")
        address = json.loads(ports.read_text())["nats"][0].partition("://")[2]
        async with (
            open_bus(f"nats://operator:pw-operator@{address}", name="operator") as operator,
            open_bus(f"nats://http:pw-http@{address}", name="http") as door,
        ):
            await door.publish(new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="bees"), source="http"))
            assert (await operator.stream_state()).last == 1
    finally:
        process.kill()
        process.wait()


async def _there(folder: Path) -> bool:
    return any(file.stat().st_size for file in folder.glob("*.ports"))
