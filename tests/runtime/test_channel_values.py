"""A channel that somebody wrote wrong into the bucket is refused in a sentence: which one, which field, what to do."""

from __future__ import annotations

import pytest

from runtime.bus import Bus
from runtime.errors import Reject
from runtime.kv import NatsChannels

CASES = [
    (b'{"channel_id": "news", "schedule": {"timezone": "Europe/Nowhere"}}', "schedule.timezone", "no IANA time zone"),
    (b'{"channel_id": "news", "clips": "many"}', "clips", "valid integer"),
    (b"{", None, "Invalid JSON"),
]


@pytest.mark.parametrize(("value", "field", "why"), CASES)
async def test_a_channel_that_does_not_fit_is_said_in_a_sentence(
    bus: Bus, value: bytes, field: str | None, why: str
) -> None:
    await (await bus.js.key_value("channels")).put("news", value)
    with pytest.raises(Reject, match=why) as refused:
        await NatsChannels(bus.js).get("news")
    told = refused.value
    assert told.what.startswith("the channel 'news' does not fit") and "\n" not in told.what
    assert "pydantic" not in told.what and "input_value" not in told.what
    assert told.field == field and (field is None or f"`{field}`" in told.what)
    assert "`news` of the bucket `channels`" in told.advice
