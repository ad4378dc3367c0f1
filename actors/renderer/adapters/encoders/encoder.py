"""What each H.264 encoder is told. Quality is constant wherever an encoder can hold it; the bits follow.

Only x264 is tried by the tests. The others are written from FFmpeg's documentation and its sources (nvenc.c, qsvenc.c,
videotoolboxenc.c, v4l2_m2m_enc.c), and none of them is used before it has proven itself (`trial`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from contracts.style import Quality

__all__ = ["ENCODERS", "SOFTWARE", "Encoder", "Kind", "present"]

SOFTWARE = "libx264"
MAX_RATE, BUFFER = 20_000_000, 40_000_000
"""Bits: the most a second may take, and over how many it is spread. Platforms take 25 Mbit/s at most."""
_KEYFRAME_EVERY_S = 8
"""Scene cuts have keyframes of their own; more of them cost bits and no viewer of a short looks for them."""
_QP2LAMBDA = 118
"""FFmpeg's `FF_QP2LAMBDA`: what a fixed quality is multiplied with in `global_quality`."""
_BITS_PER_PIXEL: dict[Quality, float] = {"draft": 0.05, "turbo": 0.1, "fast": 0.1, "quality": 0.14}
"""For encoders that know no quality: 6.2 Mbit/s at 1080x1920 and 30 pictures a second on `fast`."""

_LOOKAHEAD = "rc-lookahead=10:mbtree=1"
_TURBO = f"{_LOOKAHEAD}:aq-mode=1:deblock=0,0:cabac=1:bframes=3:weightb=1:8x8dct=1:partitions=i8x8,i4x4:scenecut=40"


class Encoder(BaseModel):
    """One encoder in one of its ways of working. `remarks`: what is to be said of the choice, for a person."""

    model_config = ConfigDict(frozen=True)

    name: str = SOFTWARE
    way: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def hardware(self) -> bool:
        """Whether it is a device of the machine; a driver reserves far more address space than it uses."""
        return self.name != SOFTWARE

    @property
    def pixels(self) -> str:
        """The pixel format that it takes: `yuv420p` or `nv12`."""
        return ENCODERS[self.name].ways[self.way].pixels

    def options(self, quality: Quality, size: tuple[int, int], fps: int) -> dict[str, str]:
        """Options of `avcodec_open2` for pictures of a size (width, height) at a rate."""
        way = ENCODERS[self.name].ways[self.way]
        return {**way.settings(quality, size, fps), "g": str(_KEYFRAME_EVERY_S * fps)}

    def label(self, quality: Quality) -> str:
        """The encoder and what it is told, for a person: `libx264 fast (preset superfast, crf 21.2)`."""
        options = self.options(quality, (1080, 1920), 30)
        told = [f"{name} {options[name]}" for name in ("preset", "crf", "cq", "global_quality") if name in options]
        if options.get("b", "0") != "0":
            told.append(f"{_BITS_PER_PIXEL[quality]:g} bits per pixel")
        return f"{self.name} {quality} ({', '.join(told)})"


class Way(BaseModel):
    """One way to drive an encoder: its pixel format, and its options."""

    model_config = ConfigDict(frozen=True)

    settings: Callable[[Quality, tuple[int, int], int], dict[str, str]]
    pixels: str = "yuv420p"


class Kind(BaseModel):
    """An encoder and its ways, the best first. `devices`: patterns of files, one of which must be there on Linux."""

    model_config = ConfigDict(frozen=True)

    ways: tuple[Way, ...]
    platforms: tuple[str, ...] = ("linux", "win32", "darwin")
    devices: tuple[str, ...] = ()


def _x264(quality: Quality, _size: tuple[int, int], _fps: int) -> dict[str, str]:
    """`fast` is superfast with the macroblock tree it leaves out: a third less work than veryfast, the same quality."""
    settings: Mapping[Quality, dict[str, str]] = {
        "draft": {"preset": "ultrafast", "crf": "25"},
        "turbo": {"preset": "ultrafast", "crf": "21", "profile": "high", "x264-params": _TURBO},
        "fast": {"preset": "superfast", "crf": "21.2", "profile": "high", "x264-params": _LOOKAHEAD},
        "quality": {"preset": "faster", "crf": "20", "profile": "high"},
    }
    return {**settings[quality], **_ceiling()}


def _ceiling() -> dict[str, str]:
    return {"maxrate": str(MAX_RATE), "bufsize": str(BUFFER)}


def _rate(quality: Quality, size: tuple[int, int], fps: int) -> str:
    return str(round(min(MAX_RATE, _BITS_PER_PIXEL[quality] * size[0] * size[1] * fps)))


def _nvenc(b_frames: bool) -> Callable[[Quality, tuple[int, int], int], dict[str, str]]:
    """Variable rate under a quality target (`cq`, the scale of H.264's quantiser) and no target rate.

    B frames as references need a Turing or later; cards before Kepler's second generation have no B frames at all.
    """
    presets: Mapping[Quality, tuple[str, str]] = {
        "draft": ("p1", "29"),
        "turbo": ("p2", "24"),
        "fast": ("p4", "23"),
        "quality": ("p6", "22"),
    }

    def settings(quality: Quality, _size: tuple[int, int], _fps: int) -> dict[str, str]:
        preset, target = presets[quality]
        told = {"preset": preset, "tune": "hq", "rc": "vbr", "cq": target, "b": "0", "profile": "high"}
        told |= {"spatial-aq": "1", "rc-lookahead": "16", **_ceiling()}
        return told | ({"bf": "3", "b_ref_mode": "middle"} if b_frames else {"bf": "0"})

    return settings


def _qsv(lookahead: bool) -> Callable[[Quality, tuple[int, int], int], dict[str, str]]:
    """Intelligent constant quality: `global_quality` without a rate, 1 to 51; `look_ahead` makes it LA_ICQ."""
    presets: Mapping[Quality, tuple[str, str]] = {
        "draft": ("veryfast", "28"),
        "turbo": ("veryfast", "24"),
        "fast": ("fast", "23"),
        "quality": ("slow", "22"),
    }

    def settings(quality: Quality, _size: tuple[int, int], _fps: int) -> dict[str, str]:
        preset, target = presets[quality]
        told = {"preset": preset, "global_quality": target, "profile": "high"}
        return told | ({"look_ahead": "1", "look_ahead_depth": "20"} if lookahead else {})

    return settings


def _videotoolbox(quality: Quality, _size: tuple[int, int], _fps: int) -> dict[str, str]:
    """Constant quality from 1 to 100, which only the chips of Apple hold; a Mac with another one is told a rate."""
    target = {"draft": 45, "turbo": 58, "fast": 62, "quality": 68}[quality]
    return {"flags": "+qscale", "global_quality": str(target * _QP2LAMBDA), "profile": "high", "bf": "2"}


def _videotoolbox_rate(quality: Quality, size: tuple[int, int], fps: int) -> dict[str, str]:
    return {"b": _rate(quality, size, fps), "profile": "high", "bf": "2"}


def _v4l2(quality: Quality, size: tuple[int, int], fps: int) -> dict[str, str]:
    """A rate, as V4L2's stateful encoders know no quality; without B frames, whose times FFmpeg can't tell there."""
    return {"b": _rate(quality, size, fps), "bf": "0"}


ENCODERS: Mapping[str, Kind] = {
    "h264_nvenc": Kind(
        ways=(Way(settings=_nvenc(True)), Way(settings=_nvenc(False))),
        platforms=("linux", "win32"),
        devices=("dev/nvidia[0-9]*", "dev/dxg", "dev/nvhost*"),
    ),
    "h264_qsv": Kind(
        ways=(Way(settings=_qsv(True), pixels="nv12"), Way(settings=_qsv(False), pixels="nv12")),
        platforms=("linux", "win32"),
        devices=("dev/dri/renderD*",),
    ),
    "h264_videotoolbox": Kind(
        ways=(Way(settings=_videotoolbox), Way(settings=_videotoolbox_rate)), platforms=("darwin",)
    ),
    "h264_v4l2m2m": Kind(
        ways=(Way(settings=_v4l2), Way(settings=_v4l2, pixels="nv12")),
        platforms=("linux",),
        devices=("dev/video[0-9]*",),
    ),
    SOFTWARE: Kind(ways=(Way(settings=_x264),)),
}
"""In the order in which they are tried."""


def present(name: str) -> bool:
    """Whether the machine has what the encoder can't do without. It costs nothing, and spares most trials."""
    kind = ENCODERS[name]
    if sys.platform not in kind.platforms:
        return False
    if not kind.devices or sys.platform != "linux":
        return True
    return any(any(Path("/").glob(device)) for device in kind.devices)
