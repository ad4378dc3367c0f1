"""How long platforms say that they take no more requests, and how long an answer is waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from actors.publisher.adapters.http import HttpApi, resets_in
from actors.publisher.ports import Call, LostError
from tests.publisher.platforms.server import PlatformServer, Reply


@pytest.mark.parametrize("name", ["x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"])
def test_the_end_of_a_limit_is_read_however_it_is_written(name: str) -> None:
    at = datetime.now(UTC) + timedelta(seconds=300)
    for text in (at.isoformat().replace("+00:00", "Z"), str(int(at.timestamp()))):
        left = resets_in({name: text})
        assert left is not None
        assert 290 < left <= 300
    assert resets_in({name: "59"}) == 59


def test_retry_after_goes_before_and_nonsense_is_nothing() -> None:
    assert resets_in({"retry-after": "7", "x-ratelimit-reset": "59"}) == 7
    assert resets_in({"x-ratelimit-reset": "0"}) == 1
    assert resets_in({"x-ratelimit-reset": "2000-01-01T00:00:00Z"}) == 1
    for text in ("soon", "", "-5", "1e400"):
        assert resets_in({"x-ratelimit-reset": text}) in {None, 86_400}
    assert resets_in({}) is None


async def test_a_request_may_wait_longer_than_others_for_its_answer() -> None:
    server = PlatformServer()
    server.on("POST", "/slow", lambda request: Reply())
    server.fail("POST /slow", "slow", "slow")
    async with httpx.AsyncClient(timeout=0.2, verify=False) as client:
        with server.running() as url:
            api = HttpApi(client, "a platform")
            with pytest.raises(LostError):
                await api.make(Call("POST", f"{url}/slow"))
            assert (await api.make(Call("POST", f"{url}/slow", answer_s=5))).ok
