"""What is looked at in answers, and on the stream behind them."""

from __future__ import annotations

from typing import Any

import httpx

from runtime.bus import Bus


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


async def stored(bus: Bus) -> list[Any]:
    return [message.event() async for batch in bus.read(follow=False) for message in batch]
