"""Resumable uploads as Google has them and PeerTube took them over: a session, `Content-Range`, 308 and `Range`.

Source: “Resumable uploads” of the YouTube Data API; the protocol description of node-uploadx, which PeerTube uses.
A session makes one video at most, so that everything may be sent to it again, also the last byte. Only when it is gone
and the last byte may have reached it, the platform has to be searched.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NoReturn, Protocol

from actors.publisher.ports import Answer, Call, Film, LostError, Piece, Session, Steps
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["PIECE", "Outcome", "Upload", "Wire", "piece_calls"]

PIECE = 64 << 20
"""Bytes of one request, a multiple of 256 KiB; less than the 100 MB that proxies before an instance often allow."""
TRIES = 4
"""Times that one delivery goes on after an answer was lost."""
_SKEW = timedelta(days=1)
"""How much older a video may be called than the moment when it was first asked for: clocks, and what is left out."""
_RANGE = re.compile(r"bytes=0-(\d+)")
Outcome = dict[str, str]


class GoneError(Exception):
    """The session is not there any more, or not to be relied on."""


class Wire(Protocol):
    """What a platform does its own way."""

    @property
    def content_type(self) -> str:
        """Of the pieces."""
        ...

    @property
    def seen_after(self) -> float:
        """Seconds after which a video that is there is certainly found."""
        ...

    async def open(self) -> str:
        """The address of a new session. Repeatable: a session without its last byte shows nothing to anybody."""
        ...

    def address(self, location: str) -> str:
        """The address out of a `Location`. Raises `Unavailable` where the token must not be sent there."""
        ...

    def outcome(self, answer: Answer) -> Outcome:
        """The video, out of the answer to the last byte. Raises `LostError` where it is not told."""
        ...

    def refused(self, answer: Answer) -> NoReturn:
        """Raises what a 4xx means."""
        ...

    async def find(self, since: datetime) -> Outcome | None:
        """The video by its marker, as in `Platform.find`; `since`: none is older."""
        ...


def piece_calls(address: str, film: Film, content_type: str, piece: int = PIECE) -> list[Call]:
    """Every piece of a film, in order."""
    return [
        _piece_call(address, film, start, min(piece, film.bytes - start), content_type)
        for start in range(0, film.bytes, piece)
    ]


def _piece_call(address: str, film: Film, start: int, size: int, content_type: str) -> Call:
    """Send `size` bytes from `start` on; none: ask how many the session has."""
    span = f"{start}-{start + size - 1}" if size else "*"
    headers = {"Content-Type": content_type, "Content-Range": f"bytes {span}/{film.bytes}"}
    return Call("PUT", address, headers=headers, body=Piece(film.path, start, size) if size else b"")


class Upload:
    """One film on its way, in pieces of a multiple of 256 KiB. `steps` keeps the session's address."""

    def __init__(self, session: Session, film: Film, steps: Steps, wire: Wire, *, piece: int = PIECE) -> None:
        self._session = session
        self._film = film
        self._steps = steps
        self._wire = wire
        self._piece = piece
        self._last = (film.bytes - 1) // piece * piece
        """Where the last piece starts."""
        self._lost = False

    async def finished(self) -> Outcome:
        """The video, once the platform has every byte. Raises as `Platform.publish` does."""
        await self._steps.keep(asked_at=self._steps.get("asked_at") or self._session.now.isoformat())
        if self._last and not self._steps.get("closing"):
            await self._all_but_the_last_piece()
            await self._steps.keep(closing=True)
        return await self._steps.once("video", self._close, ask=self._recover)

    async def _all_but_the_last_piece(self) -> None:
        """Nothing can come of these pieces alone: whatever happens, they are sent again."""
        try:
            await self._advance(await self._begin(), self._last)
        except GoneError as error:
            await self._steps.drop("upload")
            raise Unavailable(str(error), advice="It is sent again by itself, in a new upload") from error
        except LostError as error:
            raise Unavailable(str(error), advice="It goes on by itself where it got to") from error

    async def _close(self) -> Outcome:
        """Send what is left. Nothing came of earlier sessions; once this one was sent something, only a refusal says so
        of it too."""
        reached = await self._begin()
        self._lost = False
        try:
            return _video(await self._advance(reached, self._film.bytes))
        except (Retry, GoneError) as error:
            raise LostError(str(error)) from error
        except Reject as error:
            if self._lost:
                raise LostError(str(error)) from error
            raise

    async def _recover(self) -> Outcome | None:
        """What became of the last piece; where the session still waits for bytes it gets them, and makes its video."""
        if self._steps.get("upload"):
            try:
                return _video(await self._advance(await self._reached(), self._film.bytes))
            except LostError as error:
                raise Unavailable(str(error), advice="It is asked again by itself") from error
            except (GoneError, Reject):
                await self._steps.keep(gone=self._session.now.isoformat())
                await self._steps.drop("upload")
        found = await self._wire.find(datetime.fromisoformat(self._steps.get("asked_at")) - _SKEW)
        gone = self._steps.get("gone")
        if found is None and gone is not None:
            left = self._wire.seen_after - (self._session.now - datetime.fromisoformat(gone)).total_seconds()
            if left > 0:
                raise Retry(
                    "the upload is over without an answer, and its video is not to be seen yet",
                    after=left,
                    advice="It is looked for again by itself; nothing is to be done",
                )
        return found

    async def _begin(self) -> int | Outcome:
        """How far the session is; a new one where there is none."""
        if self._steps.get("upload"):
            try:
                return await self._reached()
            except GoneError:
                await self._steps.drop("upload")
        await self._steps.keep(upload=await self._wire.open())
        return 0

    async def _reached(self) -> int | Outcome:
        """Ask the session how far it is."""
        return await self._read(await self._session.ask(self._call(0, 0)))

    async def _advance(self, reached: int | Outcome, until: int) -> int | Outcome:
        """Send from where the session is, until it has confirmed `until` bytes or tells the video."""
        tries = 0
        while isinstance(reached, int) and reached < until:
            size = min(self._piece, until - reached)
            before = reached
            try:
                reached = await self._read(await self._session.make(self._call(before, size)))
            except LostError:
                self._lost = True
                tries += 1
                if tries > TRIES:
                    raise
                await self._session.pause(2.0**tries)
                reached = await self._reached()
            if isinstance(reached, int):
                tries += reached <= before
                if reached > before + size:
                    raise GoneError("the upload confirms bytes that it was not sent")
                if tries > TRIES:
                    raise Unavailable("the upload takes no more bytes", advice="It goes on by itself where it got to")
                await self._session.progress(reached / self._film.bytes)
        return reached

    async def _read(self, answer: Answer) -> int | Outcome:
        if answer.ok:
            return self._wire.outcome(answer)
        if answer.status in {404, 410}:
            raise GoneError("the upload has expired")
        if answer.status == 409:
            raise LostError("the upload is at another byte than it was sent")
        if answer.status != 308:
            self._wire.refused(answer)
        if moved := answer.headers.get("location"):
            await self._steps.keep(upload=self._wire.address(moved))
        told = _RANGE.fullmatch(answer.headers.get("range", ""))
        return int(told[1]) + 1 if told else 0

    def _call(self, start: int, size: int) -> Call:
        return _piece_call(self._steps.get("upload"), self._film, start, size, self._wire.content_type)


def _video(reached: int | Outcome) -> Outcome:
    if isinstance(reached, int):
        raise LostError(f"the upload has all {reached} bytes, and tells no video yet")
    return reached
