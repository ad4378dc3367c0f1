"""A file's packets, cut into groups of pictures; and the frames of groups that are decoded side by side, in order."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Any

__all__ = ["ClosedError", "Group", "Line", "Reader"]

LEAST, LEAST_BYTES = 48, 4 << 20
"""Packets, or bytes, from which on a group ends at the next keyframe: to begin one costs the time of some pictures."""
MOST, MOST_BYTES = 1000, 32 << 20
"""Packets, or bytes, that are held of one group: the rest is read while it is decoded."""
AHEAD, ROOM = 4, 64 * 1920 * 1088
"""Frames that may wait to be looked at however large they are; and pixels in all that wait, beyond which threads pause
unless theirs is the group that is looked at."""


class ClosedError(Exception):
    """Nobody wants more frames."""


@dataclass
class Group:
    """Some pictures that refer to no others. `packets`: what was read of it; `whole`: that is all, or the rest of it.
    `begins`: time stamp of its keyframe. `shown`: one of its pictures was."""

    number: int
    packets: list[Any]
    begins: int | None
    whole: bool = False
    shown: bool = False


class Reader:
    """Cuts packets into groups where these are to be `apart`; else they are one. `groups`: how many there were.

    Whoever calls holds the `turn`. `errors`: 1 where the file ends in rubbish; what was read before counts.
    """

    def __init__(self, packets: Iterator[Any], apart: bool) -> None:
        self.apart = apart
        self.groups = self.errors = 0
        self.turn = Lock()
        self._packets = packets
        self._read: list[Any] = []
        """The next group's first packets, which had to be read to know where the one before ends."""

    def next(self) -> Group | None:
        """The next group; None at the end."""
        group = Group(self.groups, self._read, self._read[0].pts if self._read else None)
        self._read = []
        self._fill(group)
        if not group.packets:
            return None
        self.groups += 1
        return group

    def go_on(self, group: Group) -> None:
        """Replaces the packets of a group that is not whole by those that follow."""
        group.packets = []
        self._fill(group)

    def _fill(self, group: Group) -> None:
        size = sum(packet.size for packet in group.packets)
        for packet in self._following():
            if packet.has_sidedata("new_extradata"):
                self.apart = False  # only the decoder that reads it can go on
            if self._divides(packet) and (len(group.packets) >= LEAST or size >= LEAST_BYTES):
                self._end(group, packet)
                return
            group.packets.append(packet)
            size += packet.size
            if len(group.packets) >= MOST or size >= MOST_BYTES:
                return
        group.whole = True

    def _divides(self, packet: Any) -> bool:
        return self.apart and packet.is_keyframe and packet.pts is not None

    def _end(self, group: Group, keyframe: Any) -> None:
        """Leading pictures of the next keyframe are decoded with this group, too."""
        group.whole = True
        self._read = [keyframe]
        for packet in self._following():
            self._read.append(packet)
            if packet.pts is None or packet.pts > keyframe.pts:
                break
        if leading := [packet for packet in self._read[1:] if packet.pts is not None and packet.pts < keyframe.pts]:
            group.packets += [keyframe, *leading]

    def _following(self) -> Iterator[Any]:
        import av

        try:
            for packet in self._packets:
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
        self._front = self._pixels = 0
        self._groups: int | None = None
        self._failure: BaseException | None = None
        self._closed = False

    def put(self, group: int, frame: Any) -> None:
        """Waits until there is room. Raises `ClosedError` when nobody wants it any more."""
        pixels = frame.width * frame.height
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._fits(group, pixels))
            if self._closed:
                raise ClosedError
            self._made[group].append(frame)
            self._pixels += pixels
            self._changed.notify_all()

    def _fits(self, group: int, pixels: int) -> bool:
        return self._pixels + pixels <= ROOM or (group == self._front and len(self._made[group]) < AHEAD)

    def broken(self) -> None:
        """Something could not be decoded."""
        with self._changed:
            self.errors += 1

    def end(self, group: int) -> None:
        """There are no more frames of a group."""
        with self._changed:
            self._made[group].append(None)
            self._changed.notify_all()

    def finish(self, groups: int) -> None:
        """There are no more groups than so many."""
        with self._changed:
            self._groups = groups
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """For whoever waits for frames."""
        with self._changed:
            self._failure = self._failure or error
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
                    self._pixels -= frame.width * frame.height
                self._changed.notify_all()
            if frame is not None:
                yield frame

    def _known(self) -> bool:
        return bool(self._made[self._front] or self._failure) or self._front == self._groups
