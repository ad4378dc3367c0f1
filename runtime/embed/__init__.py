"""NATS and PostgreSQL as children of this process, from the binaries that come as wheels.

They listen on 127.0.0.1 only, ask for a password, keep their port over a restart, and end with their parent.
"""

from runtime.embed.nats import NatsServer
from runtime.embed.postgres import PostgresServer
from runtime.embed.server import Server, free_port

__all__ = ["NatsServer", "PostgresServer", "Server", "free_port"]
