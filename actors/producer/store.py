"""What a channel has cut: spans of clips that shorts were ordered of, in claims.

`cut/<channel>/<clip>` holds the spans of one clip. `cutting/<channel>` holds the last decision: who decides next first
writes down what that one ordered, should its worker have died before it could, and of two who decide at the same time
one gets `ClaimLost` and comes back. So no two decisions of a channel are made without knowing of each other.

A span counts from its order on, and no longer once its short was rejected (`rejected/<render>`), or failed
(`failed/<render>`) and never was finished (`made/<render>`). That is looked up when a copy is decided, so the order in
which it was heard does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from actors.producer.core import Command, Cut, cuts_by_clip, cuts_here
from contracts.keys import rejection_key
from contracts.renders import Render
from contracts.sight import SeenBefore
from runtime.claims import ClaimLost, Claims
from runtime.jitter import jitter

__all__ = ["Cuts", "failure"]

_TRIES = 20
"""Times that a claim may be changed by others while we write to it."""
_TURN = (0.2, 1.5)
"""Seconds after which one who lost a turn comes back; drawn, so that those who lost the same one don't meet again."""


def failure(render_id: str) -> str:
    """The claim that says that a short could not be rendered."""
    return f"failed/{render_id}"


class Cuts:
    """The spans that one channel has ordered, of every clip."""

    def __init__(self, claims: Claims, channel_id: str) -> None:
        self._claims = claims
        self._channel_id = channel_id

    async def decide(
        self, owner: str, clip_id: str, seen: Sequence[SeenBefore], choose: Callable[[Sequence[Cut]], list[Command]]
    ) -> list[Command]:
        """What `choose` orders, given what was cut before of the clip and of those in which it was `seen`; noted down.

        Raises what `choose` raises, and `ClaimLost` if something else was decided for this channel meanwhile.
        """
        turn = await self._claims.take(f"cutting/{self._channel_id}", owner)
        await self._note(_read(turn.data.get("last", {})))
        cuts = await self._of(clip_id)
        for each in seen:
            there = [cut for cut in await self._of(each.clip_id) if cut.clip_id != clip_id]
            cuts += cuts_here(there, each)
        commands = choose([cut for cut in cuts if await self._stands(cut)])
        ordered = cuts_by_clip(clip_id, seen, commands)
        try:
            await self._claims.advance(turn, "decided", owner=owner, last=_written(ordered))
        except ClaimLost as lost:
            # With a time named it is no failed attempt, however many decide for the channel at once.
            raise ClaimLost(lost.what, after=jitter(*_TURN)) from None
        await self._note(ordered)
        return commands

    async def add(self, render: Render) -> None:
        """A short that is there, whoever ordered it."""
        await self._claims.take(_made(render.render_id), render.render_id)
        await self._note({render.clip_id: [Cut(render.start, render.end, render.clip_id, render.render_id)]})

    async def _stands(self, cut: Cut) -> bool:
        """Whether there is a short of it, or will be one."""
        if await self._claims.get(rejection_key(cut.render_id)):
            return False
        return not await self._claims.get(failure(cut.render_id)) or bool(await self._claims.get(_made(cut.render_id)))

    async def _of(self, clip_id: str) -> list[Cut]:
        claim = await self._claims.get(self._key(clip_id))
        return _read({clip_id: claim.data.get("cuts", [])})[clip_id] if claim else []

    async def _note(self, cuts: dict[str, list[Cut]]) -> None:
        for clip_id, fresh in cuts.items():
            await self._extend(clip_id, fresh)

    async def _extend(self, clip_id: str, fresh: Iterable[Cut]) -> None:
        for attempt in range(1, _TRIES + 1):
            claim = await self._claims.take(self._key(clip_id), clip_id)
            known = _read({clip_id: claim.data.get("cuts", [])})[clip_id]
            more = [cut for cut in fresh if cut not in known]
            if not more:
                return
            try:
                await self._claims.advance(claim, "cut", cuts=_written({clip_id: known + more})[clip_id])
            except ClaimLost:
                if attempt == _TRIES:
                    raise
            else:
                return

    def _key(self, clip_id: str) -> str:
        return f"cut/{self._channel_id}/{clip_id}"


def _made(render_id: str) -> str:
    return f"made/{render_id}"


def _written(cuts: dict[str, list[Cut]]) -> dict[str, list[list[float | str]]]:
    return {
        clip_id: [[round(cut.start, 3), round(cut.end, 3), cut.clip_id, cut.render_id] for cut in some]
        for clip_id, some in cuts.items()
    }


def _read(written: dict[str, list[list[float | str]]]) -> dict[str, list[Cut]]:
    return {
        clip_id: [Cut(float(start), float(end), str(source), str(render)) for start, end, source, render in some]
        for clip_id, some in written.items()
    }
