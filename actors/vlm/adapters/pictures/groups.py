"""A file's packets, cut into groups of pictures; and the frames of groups that are decoded side by side, in order."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Any

__all__ = ["ClosedError", "Group", "Line", "Reader"]

LEAST, LEAST_BYTES = 48, 4 << 20
"""Packets, or bytes, from which on a group ends at the next keyframe: to begin one costs the time of some pictures."""
MOST, MOST_BYTES = 1000, 32 << 20
"""Packets, or bytes, that are held of one group: the rest is read while it is decoded."""
AHEAD, ROOM = 4, 64 * 1920 * 1088 * 3 // 2
"""Frames that may wait to be looked at however large they are; and bytes of all that wait, beyond which threads pause
unless theirs is the group that is looked at: 64 frames of 1080p."""


class ClosedError(Exception):
    """Nobody wants more frames."""


@dataclass
class Group:
    """Some pictures that refer to no others. `packets`: what was read of it; `whole`: that is all, or the rest of it.
    `begins`: time stamp of its keyframe; None of the first group, which may begin with anything. `leading`: the next
    keyframe and its leading pictures, if any. `before`: the group before, if it is at hand. `shown`: one of its
    pictures was. `errors`: how much could not be decoded."""

    number: int
    packets: list[Any]
    begins: int | None
    before: Group | None = None
    leading: Sequence[Any] = ()
    whole: bool = False
    shown: bool = False
    errors: int = 0


class Reader:
    """Cuts packets into groups where these are to be `apart`; else they are one. `groups`: how many there were.

    Whoever calls holds the `turn`. `errors`: 1 where the file ends in rubbish; what was read before counts.
    """

    def __init__(self, packets: Iterator[Any], apart: bool) -> None:
        self.apart = apart
        self.groups = self.errors = 0
        self.turn = Lock()
        self._packets = packets
        self._before: Group | None = None
        self._read: list[Any] = []
        """The next group's first packets, which had to be read to know where the one before ends."""

    def next(self) -> Group | None:
        """The next group; None at the end."""
        group = Group(self.groups, self._read, self._read[0].pts if self._read else None, self._before)
        self._read = []
        self._fill(group)
        self._before = Group(group.number, group.packets, group.begins) if group.whole else None
        if not group.packets:
            return None
        self.groups += 1
        return group

    def go_on(self, group: Group) -> None:
        """Replaces the packets of a group that is not whole by those that follow."""
        group.packets, group.before = [], None
        self._fill(group)

    def _fill(self, group: Group) -> None:
        size = sum(packet.size for packet in group.packets)
        for packet in self._following():
            read = [packet]
            if (len(group.packets) >= LEAST or size >= LEAST_BYTES) and self._divides(packet, group.packets):
                read += self._leading(packet)
                if len(read) <= LEAST:
                    self._end(group, read)
                    return
            group.packets += read
            size += sum(packet.size for packet in read)
            if len(group.packets) >= MOST or size >= MOST_BYTES:
                return
        group.whole = True

    def _divides(self, packet: Any, before: list[Any]) -> bool:
        """What lies before a keyframe is shown before it, too."""
        keyframe = self.apart and packet.is_keyframe and packet.pts is not None
        return keyframe and all(other.pts is None or other.pts < packet.pts for other in before[-LEAST:])

    def _leading(self, keyframe: Any) -> Iterator[Any]:
        """Its leading pictures, and what follows them. So many as nothing has where its time is wrong."""
        for _, packet in zip(range(LEAST), self._following(), strict=False):
            yield packet
            if packet.pts is None or packet.pts > keyframe.pts:
                return

    def _end(self, group: Group, read: list[Any]) -> None:
        """The next group begins with what was read. Leading pictures are decoded with this one, too."""
        group.whole, self._read = True, read
        keyframe = read[0]
        if leading := [packet for packet in read[1:] if packet.pts is not None and packet.pts < keyframe.pts]:
            group.leading = [keyframe, *leading]

    def _following(self) -> Iterator[Any]:
        import av

        try:
            for packet in self._packets:
                if _brings_more(packet):
                    self.apart = False  # only the decoder that gets it can go on
                if packet.size:
                    yield packet
        except MemoryError:  # FFmpeg's own is one of these and an FFmpegError
            raise
        except av.FFmpegError:
            self.errors = 1


class Line:
    """Frames of several groups, made by as many threads, in order. `errors`: how much could not be decoded."""

    def __init__(self) -> None:
        self.errors = 0
        self._changed = Condition()
        self._made: defaultdict[int, deque[Any]] = defaultdict(deque)
        """Frames of each group; None behind its last."""
        self._front = self._bytes = 0
        self._groups: int | None = None
        self._failure: BaseException | None = None
        self._closed = False

    def put(self, group: int, frame: Any) -> None:
        """Waits until there is room. Raises `ClosedError` when nobody wants it any more."""
        size = _bytes(frame)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._fits(group, size))
            if self._closed:
                raise ClosedError
            self._made[group].append(frame)
            self._bytes += size
            self._changed.notify_all()

    def _fits(self, group: int, size: int) -> bool:
        return self._bytes + size <= ROOM or (group == self._front and len(self._made[group]) < AHEAD)

    def end(self, group: int, errors: int = 0) -> None:
        """There are no more frames of a group."""
        with self._changed:
            self.errors += errors
            self._made[group].append(None)
            self._changed.notify_all()

    def finish(self, groups: int) -> None:
        """There are no more groups than so many."""
        with self._changed:
            self._groups = groups
            self._changed.notify_all()

    def over(self, work: Future[None]) -> None:
        """A thread has ended; what it failed with is for whoever waits for frames."""
        with self._changed:
            self._failure = self._failure or work.exception()
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody wants more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def frames(self) -> Iterator[Any]:
        """All of them, the first group's first. Raises what a thread failed with."""
        while self._front != self._groups:
            with self._changed:
                self._changed.wait_for(self._known)
                if self._failure:
                    raise self._failure
                if self._front == self._groups:
                    return
                frame = self._made[self._front].popleft()
                if frame is None:
                    del self._made[self._front]
                    self._front += 1
                else:
                    self._bytes -= _bytes(frame)
                self._changed.notify_all()
            if frame is not None:
                yield frame

    def _known(self) -> bool:
        return bool(self._made[self._front] or self._failure) or self._front == self._groups


def _brings_more(packet: Any) -> bool:
    """Headers or a palette for all that follow, and not once more the file's headers."""
    if packet.has_sidedata("new_extradata"):
        return bool(bytes(packet.get_sidedata("new_extradata")) != packet.stream.codec_context.extradata)
    return bool(packet.has_sidedata("palette") or packet.has_sidedata("param_change"))


def _bytes(frame: Any) -> int:
    return sum(plane.buffer_size for plane in frame.planes)
