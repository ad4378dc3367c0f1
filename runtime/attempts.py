"""How often a message failed, in the bucket `attempts`. The server counts deliveries only, and a kill is one."""

from __future__ import annotations

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, KeyNotFoundError
from pydantic import BaseModel, ConfigDict

from runtime.kv import bucket_of

__all__ = ["Attempts", "Tally"]


class Tally(BaseModel):
    """`returned`: given back on purpose. `failed`: of those, without a time named for the next try."""

    model_config = ConfigDict(frozen=True)

    returned: int = 0
    failed: int = 0


class Attempts:
    """Counts for the messages of one server. While the server is away, what it cannot be asked counts as nothing."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js

    async def of(self, message: Msg) -> Tally:
        """What was noted of a message."""
        try:
            entry = await bucket_of(self._js, "attempts").get(_key(message))
        except KeyNotFoundError:
            return Tally()
        except (NatsError, APIError, OSError, TimeoutError):
            return Tally()
        return Tally.model_validate_json(entry.value or b"{}")

    async def note(self, message: Msg, *, failed: bool) -> Tally:
        """Note that it is given back. One worker at a time has a message, so nobody else writes."""
        before = await self.of(message)
        tally = Tally(returned=before.returned + 1, failed=before.failed + failed)
        try:
            await bucket_of(self._js, "attempts").put(_key(message), tally.model_dump_json().encode())
        except (NatsError, APIError, OSError, TimeoutError):
            return tally  # noted with the next failure; until then it is tried once more than it should be
        return tally


def _key(message: Msg) -> str:
    place = message.metadata
    return f"{place.consumer}.{place.sequence.stream}"
