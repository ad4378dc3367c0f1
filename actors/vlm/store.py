"""What the vlm actor keeps besides documents: answers that were paid for, whose turn it is to ask, a day's expenses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import ValidationError

from contracts.base import Contract
from contracts.keys import clip_prefix
from runtime.claims import Claim, ClaimLost, Claims
from runtime.errors import Retry, Unavailable
from runtime.jitter import jitter
from runtime.media import MediaStore
from runtime.tasks import end

__all__ = ["Answer", "Answers", "Budget", "Reservation", "Turns"]

_TRIES = 50
_AGAIN_S = 10.0


class Answer(Contract):
    """One answer of a model, as it came."""

    provider: str
    model: str
    text: str
    why: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    seconds: float = 0.0


class Answers:
    """Answers by the digest of what was asked, so that a second delivery asks nobody and pays nothing."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media

    async def known(self, clip_id: str, asked: str) -> Answer | None:
        """The answer to this request, if it was given before."""
        uri = _uri(clip_id, asked)
        if not await self._media.exists(uri):
            return None
        try:
            return await self._media.read(uri, Answer)
        except ValidationError:  # of an older version
            return None

    async def keep(self, clip_id: str, asked: str, answer: Answer) -> None:
        """Write an answer down."""
        await self._media.write(_uri(clip_id, asked), answer)


class Turns:
    """Who asks models about a clip: one at a time, so that two orders for it do not pay for the same answers.

    A claim that is renewed for as long as they are asked. Who was killed holds up the others until it lapses; clocks
    that differ by more than that let two of them ask.
    """

    def __init__(self, claims: Claims, *, lapses_s: float = 30.0) -> None:
        self._claims, self._lapses_s = claims, lapses_s

    @asynccontextmanager
    async def hold(self, clip_id: str) -> AsyncIterator[None]:
        """Raises `Retry` while somebody else asks; what that one was told is found then."""
        me = uuid4().hex
        claim = await self._claims.take(f"model-turn/{clip_id}", me)
        if claim.data.get("until", 0.0) > time.time():
            raise Retry(f"Models are being asked about {clip_id} for another order", after=_AGAIN_S)
        claim = await self._claims.advance(claim, "asking", owner=me, until=time.time() + self._lapses_s)

        async def renew() -> None:
            nonlocal claim
            while True:
                await asyncio.sleep(self._lapses_s / 3)
                with suppress(Unavailable):  # the bucket is away; the next one tries again
                    claim = await self._claims.advance(claim, "asking", until=time.time() + self._lapses_s)

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            await end(renewing)
            with suppress(Retry):  # it lapses
                await self._claims.advance(claim, "asked", until=0.0)


@dataclass(frozen=True)
class Reservation:
    """USD that are set aside for one request. `key`: the claim of its channel and day."""

    key: str
    ident: str
    most: float


class Budget:
    """What each channel spends on models in a day (UTC), in a claim that several processes change by compare-and-set.

    The most that a request can cost is reserved before it is sent, and replaced by what it did cost. What a killed
    process had reserved stays spent for that day.
    """

    def __init__(self, claims: Claims, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._claims, self._clock = claims, clock

    async def reserve(self, channel_id: str, most: float, limit: float | None) -> Reservation | None:
        """Set `most` USD aside; none if the day's `limit` does not allow it."""
        reservation = Reservation(self._today(channel_id), uuid4().hex, most)
        return reservation if await self._change(reservation, most, limit) else None

    async def spent(self, channel_id: str) -> float:
        """USD that are spent or set aside today."""
        claim = await self._claims.get(self._today(channel_id))
        return _sum(claim) if claim else 0.0

    async def settle(self, reservation: Reservation, cost: float) -> None:
        """Put what was really spent in the place of what was set aside."""
        await self._change(reservation, None, None, cost)

    async def _change(
        self, reservation: Reservation, held: float | None, limit: float | None, cost: float = 0.0
    ) -> bool:
        for _ in range(_TRIES):
            claim = await self._claims.take(reservation.key, "vlm")
            if held is not None and limit is not None and _sum(claim) + held > limit:
                return False
            reserved = {k: v for k, v in claim.data.get("reserved", {}).items() if k != reservation.ident}
            if held is not None:
                reserved[reservation.ident] = held
            spent = round(claim.data.get("spent", 0.0) + cost, 8)
            try:
                await self._claims.advance(claim, "spending", spent=spent, reserved=reserved)
            except ClaimLost:
                await asyncio.sleep(jitter(0.0, 0.05))
                continue
            return True
        raise ClaimLost(f"the budget {reservation.key} is changed by others without a pause", after=5.0)

    def _today(self, channel_id: str) -> str:
        return f"model-budget/{channel_id}/{self._clock().astimezone(UTC):%Y-%m-%d}"


def _sum(claim: Claim) -> float:
    return float(claim.data.get("spent", 0.0) + sum(claim.data.get("reserved", {}).values()))


def _uri(clip_id: str, asked: str) -> str:
    return f"{clip_prefix(clip_id)}/answers/{asked}.json"
