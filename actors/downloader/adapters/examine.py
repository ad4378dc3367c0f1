"""The child process that examines a file: `python -m actors.downloader.adapters.examine`, started by `probing.py`.

Every packet is read once: the real end, the real frame rate and the loudness come from what is in the file, not from
what its header says. Only the first picture is decoded.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.downloader.adapters.boxes import claimed_duration
from actors.downloader.adapters.meter import LoudnessMeter
from actors.downloader.adapters.opening import open_media
from actors.downloader.core import Limits, Measured, judged
from runtime.child import limit_memory, serve_child
from runtime.errors import Reject
from runtime.opening import packets_of

__all__ = ["work"]

_EVERY_S = 0.25
_FIRST_PACKETS = 500  # in which the first picture must be found


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """`request`: `path`, `name`, `memory_mb` and `limits`; the result is a `Probe` as a dictionary."""
    import av

    limit_memory(request["memory_mb"])
    path, name = Path(request["path"]), request["name"]
    limits = Limits(**request["limits"])
    try:
        container = open_media(path)
    except av.FFmpegError as error:
        raise _unreadable(name, error) from None
    with container:
        examination = _Examination(path, container, limits)
        try:
            measured = examination.measured(progress)
        except av.FFmpegError as error:
            raise _unreadable(name, error) from None
        except MemoryError:
            raise Reject(
                f"Examining {name} takes more memory than is allowed",
                advice="The file may be made to do harm; CLIPWIRE_DOWNLOADER_PROBE_MEMORY_MB sets the limit",
            ) from None
    verdict = judged(measured, limits, name=name)
    if verdict.refusal is not None:
        raise Reject(verdict.refusal.what, advice=verdict.refusal.advice)
    return {**verdict.facts, "color": _color(examination.video), "warnings": verdict.warnings}


def _unreadable(name: str, error: Exception) -> Reject:
    reason = str(getattr(error, "strerror", None) or error)
    return Reject(
        f"{name} is not a readable video ({reason})",
        advice="It may be damaged, cut off before its index, or something else under a video's name; give another file",
    )


class _Examination:
    def __init__(self, path: Path, container: Any, limits: Limits) -> None:
        self.path = path
        self.container = container
        self.limits = limits
        self.size = path.stat().st_size
        self.video: Any = _picture_stream(container)
        self.audio: Any = _sound_stream(container)
        self.times = array("d")  # when each picture is shown
        self.video_end = 0.0
        self.audio_end = 0.0
        self.corrupt = 0

    def measured(self, progress: Callable[[dict[str, Any]], None]) -> Measured:
        """Read the whole file."""
        measured = Measured(
            container=self.container.format.name, header_duration=self._header(), has_sound=self.audio is not None
        )
        if self.video is None:
            return measured
        codec = self.video.codec_context
        measured.video_codec, measured.pixels = codec.name, codec.width * codec.height
        if measured.pixels > self.limits.pixels:
            return measured  # decoding even one such picture could take gigabytes
        frame = self._first_picture()
        if frame is None:
            return measured
        measured.pictures = 1
        measured.pixels = frame.width * frame.height
        measured.width, measured.height = frame.width, frame.height
        measured.rotation = frame.rotation
        measured.aspect = self._aspect()
        meter = self._meter(measured)
        self._read_all(meter, progress)
        start = self.container.start_time
        origin = start / 1_000_000 if start is not None else min(self.times, default=0.0)
        measured.pictures = len(self.times)
        measured.times = [t - origin for t in sorted(self.times)]
        measured.video_end = self.video_end - origin
        measured.audio_end = self.audio_end - origin if self.audio is not None else 0.0
        measured.cut_off = self._cut_off()
        if self.audio is not None:
            measured.audio_codec = self.audio.codec_context.name
            measured.loudness, measured.bad_sound = (meter.integrated(), meter.broken) if meter else (None, False)
        return measured

    def _header(self) -> float | None:
        """What the header claims: the longest of the container and its streams, in seconds."""
        claims = [self.container.duration / 1_000_000] if self.container.duration else []
        for stream in (self.video, self.audio):
            if stream is not None and stream.duration and stream.time_base:
                claims.append(float(stream.duration * stream.time_base))
        if self.container.format.name.startswith("mov") and (claim := claimed_duration(self.path)) is not None:
            claims.append(claim)
        return max(claims, default=None)

    def _aspect(self) -> float:
        ratio = self.video.sample_aspect_ratio or self.video.codec_context.sample_aspect_ratio
        return float(ratio) if ratio else 1.0

    def _meter(self, measured: Measured) -> LoudnessMeter | None:
        """None where the file claims to be too long: reading its times is enough to tell whether it is."""
        if self.audio is None or (measured.header_duration or 0) > self.limits.duration_s:
            return None
        return LoudnessMeter(self.audio)

    def _first_picture(self) -> Any:
        import av

        self.video.codec_context.thread_count = 1  # with threads, one picture takes the memory of several
        for number, packet in enumerate(packets_of(self.container, [self.video])):
            if number > _FIRST_PACKETS:
                break
            try:
                frames = packet.decode()
            except av.FFmpegError:
                self.corrupt += 1
                continue
            if frames:
                return frames[0]
        return None

    def _read_all(self, meter: LoudnessMeter | None, progress: Callable[[dict[str, Any]], None]) -> None:
        self.container.seek(0, backward=True)
        said = 0.0
        for packet in packets_of(self.container, [s for s in (self.video, self.audio) if s is not None]):
            if packet.size == 0:
                continue
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is None:
                continue
            at, lasts = float(stamp * packet.time_base), float((packet.duration or 0) * packet.time_base)
            if packet.stream is self.video or packet.stream.index == self.video.index:
                self.times.append(at)
                self.video_end = max(self.video_end, at + lasts)
            else:
                self.audio_end = max(self.audio_end, at + lasts)
                if meter is not None:
                    meter.hear(packet)
            if time.monotonic() - said > _EVERY_S:
                said = time.monotonic()
                share = min(1.0, packet.pos / self.size) if packet.pos and packet.pos > 0 else None
                progress({"done": share, "note": "examining", "eta_s": None})

    def _cut_off(self) -> bool:
        """Whether the file's own index names bytes after its end."""
        entries = self.video.index_entries
        if not entries:
            return False
        last = entries[len(entries) - 1]
        return bool(last.pos + last.size > self.size)


def _picture_stream(container: Any) -> Any:
    """The largest real video stream; a cover picture is none."""
    from av.stream import Disposition

    streams = [
        s
        for s in container.streams.video
        if not s.disposition & Disposition.attached_pic and s.codec_context is not None
    ]
    return max(
        streams,
        key=lambda s: (bool(s.disposition & Disposition.default), s.codec_context.width * s.codec_context.height),
        default=None,
    )


def _sound_stream(container: Any) -> Any:
    from av.stream import Disposition

    streams = [s for s in container.streams.audio if s.codec_context is not None]
    return next((s for s in streams if s.disposition & Disposition.default), streams[0] if streams else None)


# ITU-T H.273, tables 2 to 4, under FFmpeg's names; 2 is "unspecified".
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_TRANSFER = {
    1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log", 10: "log_sqrt",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}  # fmt: skip
_SPACE = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c",
    11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
}  # fmt: skip
_RANGE = {1: "tv", 2: "pc"}


def _color(stream: Any) -> dict[str, str | None]:
    codec = stream.codec_context
    return {
        "space": _SPACE.get(int(codec.colorspace)),
        "primaries": _PRIMARIES.get(int(codec.color_primaries)),
        "transfer": _TRANSFER.get(int(codec.color_trc)),
        "range": _RANGE.get(int(codec.color_range)),
    }


if __name__ == "__main__":
    serve_child(work)
