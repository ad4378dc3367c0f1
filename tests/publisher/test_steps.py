"""Steps that are not done twice, whatever the platform answers when it is asked about them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actors.publisher.ports import LostError, UnconfirmedError
from actors.publisher.store import SENDING, ClaimedSteps
from runtime.errors import Reject, Retry
from tests.publisher.support import Clock
from tests.support.claims import MemoryClaims


async def test_an_account_whose_access_was_taken_away_before_it_could_be_asked_leaves_it_to_a_person() -> None:
    claims, clock = MemoryClaims(), Clock()
    claim = await claims.advance(await claims.take("publish/p", "one"), SENDING)
    steps = ClaimedSteps(claims, claim, clock=clock, quarantine=120, patience=7200)

    async def lost() -> str:
        raise LostError("no whole answer")

    async def refused() -> str | None:
        raise Reject("the account has to be connected again", advice="Connect it")

    async def absent() -> str | None:
        return None

    async def made() -> str:
        return "42"

    with pytest.raises(Retry):
        await steps.once("post", lost, ask=absent)
    with pytest.raises(UnconfirmedError, match="connected again") as unsure:
        await steps.once("post", made, ask=refused)
    assert unsure.value.advice.startswith("Connect it; then")
    with pytest.raises(Retry, match="not visible"):
        await steps.once("post", made, ask=absent)
    clock.now += timedelta(seconds=121)
    assert await steps.once("post", made, ask=absent) == "42"
