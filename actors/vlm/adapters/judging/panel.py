"""Asks models in order until one answers: the only place where a request is tried again, and where it is paid for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from actors.vlm.adapters.judging.models.http import plain
from actors.vlm.core.prices import Price, price_of
from actors.vlm.ports import Ask, ChatModel, ModelError, Reply
from actors.vlm.store import Answer, Budget, Reservation
from runtime.errors import Retry

__all__ = ["NoAnswer", "Panel", "Purse"]

Keep = Callable[[Answer], Awaitable[None]]
_TRIES = {"busy": 3, "down": 2}
"""How often one model is asked, by what went wrong; once for everything else."""
_MOST_TOKENS = 10**7


class NoAnswer(Exception):
    """Nobody answered; the message says why, one provider after the other."""

    def __init__(self, tried: Sequence[str], provider: str, model: str) -> None:
        super().__init__("; ".join(tried))
        self.provider = provider
        self.model = model


@dataclass(frozen=True)
class Purse:
    """Who pays: a channel, and the USD that it may spend in a day (none: as much as it takes).

    `closed`: why nobody is asked, not even for nothing.
    """

    channel_id: str
    limit: float | None
    closed: str = ""


@dataclass
class _Round:
    """One request on its way from model to model."""

    ask: Ask
    purse: Purse
    keep: Keep
    patience: float
    tried: list[str] = field(default_factory=list)
    unknown: bool = False
    """Whether an answer was lost that may have been charged."""


class Panel:
    """The models that are set up, in their order."""

    def __init__(
        self,
        chats: Sequence[ChatModel],
        budget: Budget,
        *,
        prices: Mapping[str, Price],
        wait_s: float,
        pause_s: float = 2.0,
    ) -> None:
        """`wait_s`: seconds that busy models are waited for in all; `pause_s`: the first pause if they ask for none."""
        self._chats, self._budget, self._prices = chats, budget, prices
        self._wait_s, self._pause_s = wait_s, pause_s

    @property
    def names(self) -> list[str]:
        """`provider:model` of all, in the order in which they are asked about text."""
        return [f"{chat.provider}:{model}" for chat in self._chats for model, _ in chat.offers(0)]

    def pictures(self, most: int) -> int:
        """How many pictures at most anybody would be sent."""
        return max((shown for chat in self._chats for _, shown in chat.offers(most)), default=0)

    @property
    def watches(self) -> bool:
        """Whether anybody would be shown the whole video."""
        return any(chat.watches for chat in self._chats)

    async def ask(self, ask: Ask, purse: Purse, keep: Keep, *, only: str = "") -> tuple[Answer, list[str]]:
        """The first answer, and why others before it gave none. `only`: ask this `provider:model`.

        `keep` writes the answer down, before anything else can go wrong. Raises `NoAnswer`.
        """
        turn = _Round(ask, purse, keep, self._wait_s)
        provider = model = ""
        for chat in self._chats:
            for name, shown in chat.offers(len(ask.pictures)):
                if only not in {"", f"{chat.provider}:{name}"}:
                    continue
                provider, model = chat.provider, name
                if not (shown or ask.blind or ask.fault or (chat.watches and ask.video)):
                    turn.tried.append(f"{name}: nothing is said, and it is shown no pictures")
                    continue
                try:
                    return await self._patiently(chat, name, turn, shown), turn.tried
                except ModelError as error:
                    turn.tried.append(f"{name}: {error.what}")
                    if error.kind not in {"unfit", "busy"}:
                        break
        raise NoAnswer(turn.tried, provider, model)

    async def _patiently(self, chat: ChatModel, model: str, turn: _Round, shown: int) -> Answer:
        """One model, again where that may help and does not take longer than we wait in all."""
        ask = _shown(turn.ask, shown, watched=chat.watches)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._paid(chat, model, ask, turn)
            except ModelError as error:
                wait = self._pause_s * attempt if error.after is None else error.after
                if attempt >= _TRIES.get(error.kind, 1) or wait > turn.patience:
                    raise
                turn.patience -= wait
                await asyncio.sleep(wait)

    async def _paid(self, chat: ChatModel, model: str, ask: Ask, turn: _Round) -> Answer:
        """One request. What it may have cost without telling stays set aside."""
        price = price_of(chat.provider, model, self._prices, datetime.now(UTC).date())
        held = await self._reserved(price, chat, model, ask, turn.purse)
        began = time.monotonic()
        try:
            async with asyncio.timeout(chat.patience_s):
                reply = _counted(await chat.answer(model, ask))
        except TimeoutError:
            turn.unknown |= price is None or held is not None
            raise ModelError(f"no answer within {chat.patience_s:g} s", "slow", lost=True) from None
        except ModelError as error:
            turn.unknown |= error.lost and (price is None or held is not None)
            await self._settled(held, None if error.lost else 0.0)
            raise
        cost = price.of(reply) if price else None
        answer = _answer(chat.provider, model, reply, None if turn.unknown else cost, time.monotonic() - began)
        await turn.keep(answer)
        await self._settled(held, cost)
        return answer

    async def _settled(self, held: Reservation | None, cost: float | None) -> None:
        """Put the cost in the place of what is set aside, which stands where it is not known or can't be written."""
        if held and cost is not None:
            with suppress(Retry):  # too much is taken for spent today, and no answer is lost over it
                await self._budget.settle(held, cost)

    async def _reserved(
        self, price: Price | None, chat: ChatModel, model: str, ask: Ask, purse: Purse
    ) -> Reservation | None:
        """What is set aside for the request; none where nothing has to be. Raises `ModelError` if it is too much."""
        if price is None:
            if purse.limit is not None:
                raise ModelError(
                    f"its price is not known, so it can't be held to a budget: "
                    f"tell it in CLIPWIRE_VLM_PRICES as {chat.provider}:{model}=input/output",
                    "unfit",
                )
            return None
        most = price.most(ask)
        if not most:
            return None
        held = await self._budget.reserve(purse.channel_id, most, purse.limit)
        if held is None:
            spent = await self._budget.spent(purse.channel_id)
            raise ModelError(
                f"the channel {purse.channel_id} may spend {purse.limit:g} USD a day on models, {spent:.4f} are spent, "
                f"and this could cost {most:.4f}",
                "unfit",
            )
        return held


def _shown(ask: Ask, most: int, *, watched: bool) -> Ask:
    """The request with so many of its pictures, and with the words for them; the video only for those who watch it."""
    if watched and ask.video:
        return replace(ask, text=f"{ask.text}\n\n{ask.video.legend}", pictures=(), legends=())
    ask = replace(ask, video=None)
    pictures, legends = ask.pictures[:most], ask.legends[:most]
    text = f"{ask.text}\n\nThe pictures show, in their order: {', '.join(legends)}." if pictures else ask.text
    return replace(ask, pictures=pictures, legends=legends, text=text)


def _counted(reply: Reply) -> Reply:
    """The answer with counts of tokens that may be one, where they are told."""
    counts = (reply.input_tokens, reply.output_tokens)
    asked, said = (None if count is None else min(max(0, count), _MOST_TOKENS) for count in counts)
    return replace(reply, input_tokens=asked, output_tokens=said)


def _answer(provider: str, model: str, reply: Reply, cost: float | None, seconds: float) -> Answer:
    return Answer(
        provider=provider,
        model=model,
        text=reply.text.encode("utf-8", "replace").decode(),  # JSON may hold half of a letter
        why=plain(reply.why),
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        cost_usd=cost,
        seconds=round(seconds, 3),
    )
