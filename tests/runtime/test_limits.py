"""What is too large is not read, and what reads foreign bytes knows nothing."""

from __future__ import annotations

import gzip

import pytest

from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.bus import Bus, new_command
from runtime.children import run_child
from runtime.errors import Reject
from runtime.http import UnreadAnswer, bounded_client
from tests.support.http import Handler, answering


class Large(Handler):
    """Answers with `/N` bytes, packed below `/packed`."""

    def do_GET(self) -> None:
        if self.path == "/packed":
            self.tell(gzip.compress(bytes(10 << 20)), headers={"Content-Encoding": "gzip"})
        else:
            self.tell(bytes(int(self.path[1:])))


async def test_an_answer_is_read_up_to_its_limit() -> None:
    with answering(Large) as url:
        async with bounded_client(1 << 20) as client:
            assert len((await client.get(f"{url}/{1 << 20}")).content) == 1 << 20
            with pytest.raises(UnreadAnswer, match="more than 1 MiB"):
                await client.get(f"{url}/{(1 << 20) + 1}")


async def test_an_answer_that_is_packed_without_being_asked_for_is_not_unpacked() -> None:
    with answering(Large) as url:
        async with bounded_client(1 << 20) as client:
            with pytest.raises(UnreadAnswer, match="encoding"):
                await client.get(f"{url}/packed")


async def test_a_message_of_more_than_a_mebibyte_is_refused(bus: Bus) -> None:
    assert bus.client.max_payload == 1 << 20
    request = DiscoveryRequested.model_construct(niche="x" * (1 << 20), sources=(), limit=1)
    with pytest.raises(Reject):
        await bus.publish(new_command(DISCOVERY_REQUESTED, request, source="test"))


async def test_what_reads_foreign_bytes_knows_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPWIRE_GROQ_API_KEY", "secret")
    monkeypatch.setenv("CLIPWIRE_NATS_URL", "nats://clipwire:secret@127.0.0.1:1")
    told = await run_child("tests.support.telling", {}, timeout_s=30)
    assert {name for name in told if name.startswith("CLIPWIRE_")} == {"CLIPWIRE_CHILD_OF"}
    assert "secret" not in str(told.values())


async def test_a_child_loads_nothing_that_it_does_not_need() -> None:
    told = await run_child("tests.support.telling", {"modules": True}, timeout_s=30)
    assert not {"asyncio", "pydantic", "nats"} & set(told)
