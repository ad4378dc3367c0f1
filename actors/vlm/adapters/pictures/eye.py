"""One decode of a clip at low resolution, for all observers at once.

Frames that no other frame refers to are skipped and the deblocking filter is off: that is 1.7 times faster and finds
the same cuts. The decoder runs ahead in a thread of its own. Times are seconds as a player shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Any

from actors.vlm.adapters.opening import ADVICE, opened, start_of, video_of
from actors.vlm.adapters.pictures.picture import Observer, Picture, Scaler
from contracts.media import MOST_PIXELS
from runtime.errors import Reject

__all__ = ["Watched", "watch"]

MOST_DAMAGE = 0.25
"""Share of broken frames above which a clip is refused: nothing measured on it would be true."""
AHEAD, MORE, LARGE = 4, 12, 1920 * 1088
"""Frames that the decoder may be ahead of the observers, and so many more where they have no more pixels than LARGE: it
goes on while they look closer, which takes as long as four or five frames of 1080p."""
OFTEN = 0.03
"""Seconds between two pictures that are looked at; of 60 or 240 a second the ones between tell nothing more."""


@dataclass
class Watched:
    """How much of a clip was seen: its end in seconds, pictures, and broken ones. `aspect`: width / height as shown."""

    end: float = 0.0
    aspect: float = 16 / 9
    frames: int = 0
    damaged: int = 0


def watch(
    path: Path,
    observers: Sequence[Observer[Any]],
    *,
    threads: int,
    every_frame: bool,
    progress: Callable[[float], None],
) -> Watched:
    """Show the whole file to `observers`. `every_frame`: also those that none refers to. `progress` gets the time
    reached, in seconds.

    Raises `Reject` for what has no picture, is too large to decode safely, or is broken beyond use.
    """
    watched = Watched()
    decoder = _Decoder(path, threads=threads, every_frame=every_frame)
    before: Picture | None = None
    scaler: Scaler | None = None
    with closing(_ahead(decoder.frames())) as frames:
        for t, frame in frames:
            if before is None or t - before.t >= OFTEN:
                scaler = scaler or Scaler(frame, decoder.aspect)
                before = Picture(t, frame, scaler, before)
                for observer in observers:
                    observer.see(before)
            watched.frames += 1
            watched.aspect = before.luma.shape[1] / before.luma.shape[0]
            watched.damaged += bool(frame.is_corrupt)
            watched.end = t + (float(frame.duration * frame.time_base) if frame.duration else 0.04)
            progress(watched.end)
    watched.damaged += decoder.errors
    _judge(watched)
    return watched


def _judge(watched: Watched) -> None:
    if not watched.frames:
        raise Reject("not one picture of the clip could be decoded", advice=ADVICE)
    if watched.damaged > MOST_DAMAGE * (watched.frames + watched.damaged):
        raise Reject(
            f"{watched.damaged} of {watched.frames + watched.damaged} pictures of the clip are broken",
            advice=f"{ADVICE}. If it plays well, raise CLIPWIRE_VLM_MEMORY_MB",
        )


class _Decoder:
    """Decodes the picture of one file. `errors` counts what could not be decoded."""

    def __init__(self, path: Path, *, threads: int, every_frame: bool) -> None:
        self.aspect = 1.0
        self.errors = 0
        self._path, self._threads, self._every_frame = path, threads, every_frame

    def frames(self) -> Iterator[tuple[float, Any]]:
        """Frames with their times, in order of time; those that go back are left out."""
        import av

        with opened(self._path) as container:
            stream = self._prepared(container)
            start, last = start_of(container), -1.0
            try:
                for packet in container.demux(stream):
                    for frame in self._decoded(packet):
                        if frame.pts is None:
                            continue
                        t = frame.time - start
                        if t > last and t >= -0.001:
                            last = t
                            yield max(0.0, t), frame
            except MemoryError:  # FFmpeg's own is one of these and an FFmpegError
                raise
            except av.FFmpegError:  # the file ends in rubbish; what was seen so far counts
                self.errors += 1

    def _decoded(self, packet: Any) -> Sequence[Any]:
        import av

        try:
            frames: Sequence[Any] = packet.decode()
        except MemoryError:
            raise
        except av.FFmpegError:
            self.errors += 1
            return ()
        return frames

    def _prepared(self, container: Any) -> Any:
        stream = video_of(container)
        self.aspect = float(stream.sample_aspect_ratio or 1) or 1.0
        context = stream.codec_context
        context.thread_type = "AUTO"
        context.thread_count = self._threads if context.width * context.height <= MOST_PIXELS // 4 else 1
        if not self._every_frame:
            context.skip_frame = "NONREF"
        context.options = {**context.options, "skip_loop_filter": "all"}
        return stream


def _ahead(frames: Iterator[tuple[float, Any]]) -> Generator[tuple[float, Any]]:
    """The same frames, made in another thread that is only so far ahead and ends when this is closed."""
    made: SimpleQueue[tuple[float, Any] | None] = SimpleQueue()
    room, left = Semaphore(AHEAD), Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for number, item in enumerate(frames):
                made.put(item)
                if number >= MORE or item[1].width * item[1].height > LARGE:
                    room.acquire()
                if left.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that reads
            failures.append(error)
        finally:
            made.put(None)

    thread = Thread(target=run, name="decoder", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not None:
            yield item
            room.release()
    finally:
        left.set()
        room.release()
        thread.join()
    if failures:
        raise failures[0]
