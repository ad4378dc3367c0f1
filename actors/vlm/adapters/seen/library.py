"""The prints of every clip that was ever looked at, in the media store, and an index of them in memory.

A document per clip, `media://prints/<clip>/<digest>.json`, is the truth: it outlives the clip's media. The index is
made of them when it is first needed; before every search it learns what others have added, replaced or deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from actors.vlm.core.seen import Match, music_alone, seen_before
from actors.vlm.ports import Prints, Sight
from contracts.base import CandidateId, Contract
from contracts.ids import digest
from contracts.keys import PRINTS, prints_uri
from contracts.media import Clip
from contracts.sight import SeenBefore
from runtime.errors import MediaMissing
from runtime.media import MediaStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.seen.index import Index, Proposal, Tracks

__all__ = ["PrintLibrary"]

_AT_A_TIME = 64
"""Documents that are read before the event loop gets its turn."""


class _Kept(Contract):
    """The prints of one clip. What another version has made can't be compared and is left out."""

    version: Literal[1] = 1
    clip_id: CandidateId
    made_from: str
    prints: Prints


class PrintLibrary:
    """Keeps prints and finds what is the same."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._index: Index | None = None
        self._kept: list[tuple[str, str]] = []  # clip and key, by the numbers of the index
        self._numbers: dict[str, int] = {}  # of the keys that are there
        self._lock = asyncio.Lock()

    async def seen_before(self, clip: Clip, sight: Sight) -> tuple[SeenBefore, ...]:
        """What of the clip is in others. Its own prints are written first: of two equal clips that are looked at at the
        same time, at least one finds the other."""
        if sight.prints is None:
            return ()
        from actors.vlm.adapters.seen.index import Tracks

        own = await self._keep(_Kept(clip_id=clip.clip_id, made_from=sight.made_from, prints=sight.prints))
        mine = Tracks.of(sight.prints)
        async with self._lock:
            index = await self._caught_up()
            for uri in [uri for uri in self._numbers if self._clip_of(uri) == clip.clip_id and uri != own]:
                await self._media.delete(uri)
            others = {number for uri, number in self._numbers.items() if self._clip_of(uri) != clip.clip_id}
            without = set(range(len(self._kept))) - others
            proposals = await asyncio.to_thread(index.propose, mine, without=without)
        found: dict[int, list[Proposal]] = {}
        for proposal in proposals:
            found.setdefault(proposal.clip, []).append(proposal)
        music = music_alone(sight.sounds)
        told = [seen_before(self._kept[n][0], await self._matches(mine, n, those), music) for n, those in found.items()]
        return tuple(sorted((each for part in told for each in part), key=lambda s: (s.start, s.clip_id)))

    async def _keep(self, kept: _Kept) -> str:
        uri = prints_uri(kept.clip_id, digest(kept.model_dump(mode="json")))
        if await self._known(uri) is None:
            await self._media.write(uri, kept)
        return uri

    def _clip_of(self, uri: str) -> str:
        return self._kept[self._numbers[uri]][0]

    async def _known(self, uri: str) -> _Kept | None:
        try:
            return await self._media.read(uri, _Kept)
        except (MediaMissing, ValidationError):
            return None

    async def _matches(self, mine: Tracks, other: int, proposals: list[Proposal]) -> list[Match]:
        kept = await self._known(self._kept[other][1])
        return await asyncio.to_thread(_compared, mine, kept.prints, proposals) if kept else []

    async def _caught_up(self) -> Index:
        """The index with everything that is in the media store by now; what can't be read is tried again next time."""
        from actors.vlm.adapters.seen.index import Index

        index = self._index = self._index or Index()
        there = await self._media.list(PRINTS)
        self._numbers = {uri: self._numbers[uri] for uri in there if uri in self._numbers}
        fresh = [uri for uri in there if uri not in self._numbers]
        for first in range(0, len(fresh), _AT_A_TIME):
            read = [(uri, kept) for uri in fresh[first : first + _AT_A_TIME] if (kept := await self._known(uri))]
            made = await asyncio.to_thread(_keys, [kept for _, kept in read])
            for (uri, kept), keys in zip(read, made, strict=True):
                self._numbers[uri] = index.add(keys)
                self._kept.append((kept.clip_id, uri))
        return index


def _keys(kept: Sequence[_Kept]) -> list[NDArray[Any]]:
    from actors.vlm.adapters.seen.index import Tracks, keys_of

    return [keys_of(Tracks.of(each.prints)) for each in kept]


def _compared(mine: Tracks, prints: Prints, proposals: Sequence[Proposal]) -> list[Match]:
    from actors.vlm.adapters.seen.index import Tracks
    from actors.vlm.adapters.seen.matching import compare

    other = Tracks.of(prints)
    return [match for proposal in proposals for match in compare(mine, other, proposal)]
