"""The prints of every clip that was ever looked at, in the media store, and an index of them in memory.

A document per clip, `media://prints/<clip>.json`, is the truth: it outlives the clip's media. The index is made of them
when it is first needed, and what other processes have added since is added before every search.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from actors.vlm.core.seen import Match, music_alone, seen_before
from actors.vlm.ports import Prints, Sight
from contracts.base import CandidateId, Contract
from contracts.keys import PRINTS, prints_uri
from contracts.media import Clip
from contracts.sight import SeenBefore
from runtime.errors import MediaMissing
from runtime.media import MediaStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.index import Index, Proposal, Tracks

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
        self._clips: list[str] = []
        self._read: set[str] = set()
        self._lock = asyncio.Lock()

    async def seen_before(self, clip: Clip, sight: Sight) -> tuple[SeenBefore, ...]:
        """What of the clip is in others. Its own prints are written first: of two equal clips that are looked at at the
        same time, at least one finds the other."""
        if sight.prints is None:
            return ()
        from actors.vlm.adapters.index import Tracks

        await self._keep(_Kept(clip_id=clip.clip_id, made_from=sight.made_from, prints=sight.prints))
        mine = Tracks.of(sight.prints)
        async with self._lock:
            index = await self._caught_up()
            own = {number for number, other in enumerate(self._clips) if other == clip.clip_id}
            proposals = await asyncio.to_thread(index.propose, mine, without=own)
        found: dict[str, list[Proposal]] = {}
        for proposal in proposals:
            found.setdefault(self._clips[proposal.clip], []).append(proposal)
        music = music_alone(sight.sounds)
        told = [seen_before(other, await self._matches(mine, other, those), music) for other, those in found.items()]
        return tuple(sorted((each for part in told for each in part), key=lambda s: (s.start, s.clip_id)))

    async def _keep(self, kept: _Kept) -> None:
        uri = prints_uri(kept.clip_id)
        if await self._known(uri) != kept:
            await self._media.write(uri, kept)
            self._read.discard(uri)

    async def _known(self, uri: str) -> _Kept | None:
        try:
            return await self._media.read(uri, _Kept)
        except (MediaMissing, ValidationError):
            return None

    async def _matches(self, mine: Tracks, other: str, proposals: list[Proposal]) -> list[Match]:
        kept = await self._known(prints_uri(other))
        return await asyncio.to_thread(_compared, mine, kept.prints, proposals) if kept else []

    async def _caught_up(self) -> Index:
        """The index with everything that is in the media store by now."""
        from actors.vlm.adapters.index import Index

        index = self._index = self._index or Index()
        fresh = [uri for uri in await self._media.list(PRINTS) if uri not in self._read]
        for first in range(0, len(fresh), _AT_A_TIME):
            some = fresh[first : first + _AT_A_TIME]
            read = [kept for uri in some if (kept := await self._known(uri))]
            for keys in await asyncio.to_thread(_keys, read):
                index.add(keys)
            self._clips += [kept.clip_id for kept in read]
            self._read.update(some)
        return index


def _keys(kept: Sequence[_Kept]) -> list[NDArray[Any]]:
    from actors.vlm.adapters.index import Tracks, keys_of

    return [keys_of(Tracks.of(each.prints)) for each in kept]


def _compared(mine: Tracks, prints: Prints, proposals: Sequence[Proposal]) -> list[Match]:
    from actors.vlm.adapters.index import Tracks
    from actors.vlm.adapters.matching import compare

    other = Tracks.of(prints)
    return [match for proposal in proposals for match in compare(mine, other, proposal)]
