"""What the downloader decides: addresses, qualities, captions, what a source has told, what is a usable video."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:  # building the contracts costs more than all else here, and the child processes need none of them
    from contracts.media import Candidate
    from contracts.sidecar import Sidecar

__all__ = [
    "PRIVATE_ADDRESSES",
    "Limits",
    "Measured",
    "Refusal",
    "Verdict",
    "caption_format",
    "completed",
    "container_suffix",
    "described",
    "frame_rate",
    "is_private",
    "judged",
    "refused_address",
    "with_sidecar",
    "without_secrets",
]

PRIVATE_ADDRESSES = "CLIPWIRE_ALLOW_PRIVATE_ADDRESSES"
_SUFFIXES = {
    "mov": ("mp4", "video/mp4"),
    "mpegts": ("ts", "video/mp2t"),
    "mpeg": ("mpg", "video/mpeg"),
    "ogg": ("ogv", "video/ogg"),
    "asf": ("wmv", "video/x-ms-wmv"),
    "avi": ("avi", "video/x-msvideo"),
    "mxf": ("mxf", "application/mxf"),
}
_NAT64 = ip_network("64:ff9b::/96")
_CUE_TIMES = re.compile(r"\d{1,3}:\d\d(:\d\d)?[.,]\d{1,3}\s*-->")
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")
_SECRET = re.compile(
    r"([?&;](?:[\w.-]*(?:token|key|sig|signature|secret|password|passwd|auth|credential|session)[\w.-]*)=)[^&\s'\"]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Refusal:
    """Why something is not done: what, and what to do next."""

    what: str
    advice: str


def refused_address(url: str, schemes: Collection[str]) -> Refusal | None:
    """Whether an address may be fetched at all, as far as its text tells."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # a port that is no number is only found when it is asked for
    except ValueError:
        return Refusal(f"{without_secrets(url)} is no valid address", "Give https://… or file:///absolute/path")
    if parts.scheme not in schemes:
        allowed = ", ".join(sorted(schemes))
        return Refusal(
            f"Addresses that begin with {parts.scheme}: are not fetched",
            f"Give one that begins with {allowed}; CLIPWIRE_DOWNLOADER_SCHEMES says which are allowed",
        )
    if parts.scheme == "file" and (parts.netloc not in {"", "localhost"} or not parts.path.startswith("/")):
        return Refusal(f"{url} does not name a file of this machine", "Give file:///absolute/path, with three slashes")
    if parts.scheme != "file" and not host:
        return Refusal(
            f"{without_secrets(url)} names no host", "Give a full address, for example https://example.org/video.mp4"
        )
    return None


def is_private(address: str) -> bool:
    """Whether an IP address is anything but public, even in disguise: loopback, private, reserved, multicast."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return True  # a name, or a socket in the file system: not an address that could be shown to be public
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_private(str(inner))
    return not ip.is_global or ip.is_multicast


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address in an IPv6 one (RFC 4291 mapped, RFC 3056 6to4, RFC 4380 Teredo, RFC 6052 NAT64)."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None


def without_secrets(text: str) -> str:
    """The text without user names, passwords and keys in the addresses that it quotes."""
    return _SECRET.sub(r"\1…", _USERINFO.sub("", text))


def caption_format(head: bytes, name: str) -> Literal["srt", "vtt", "json3"] | None:
    """The format of a caption file, by its first kilobytes; its name counts where they do not tell."""
    encoding = "utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = head[: len(head) & ~1].decode(encoding, "replace").lstrip()
    if text.startswith("WEBVTT"):
        return "vtt"
    if text.startswith("{"):
        return "json3" if '"events"' in text or '"wireMagic"' in text else None
    if _CUE_TIMES.search(text):
        return "vtt" if name.lower().endswith(".vtt") else "srt"
    return None


def container_suffix(container: str, video_codec: str) -> tuple[str, str]:
    """The usual suffix and media type of a container, by FFmpeg's name of it."""
    if container.startswith("matroska"):
        return ("webm", "video/webm") if video_codec in {"vp8", "vp9"} else ("mkv", "video/x-matroska")
    first = container.split(",", maxsplit=1)[0]
    return _SUFFIXES.get(first, (first, f"video/x-{first}"))


def described(told: Mapping[str, Any], *, candidate_id: str, url: str) -> Candidate:
    """The candidate behind an address, out of what its source tells (yt-dlp's names) or else its file name."""
    from contracts.licences import rights_told
    from contracts.media import Candidate

    licence = told.get("license")
    author = told.get("uploader") or told.get("channel") or told.get("creator")
    title = (str(told.get("title") or "").strip() or _title_of(url))[:1000]
    return Candidate(
        candidate_id=candidate_id,
        url=url,
        title=title,
        source=str(told.get("extractor_key") or urlsplit(url).scheme).lower(),
        description=str(told.get("description") or "")[:20000],
        author=author,
        published_at=_published(told),
        duration=_number(told.get("duration")),
        views=_count(told.get("view_count")),
        likes=_count(told.get("like_count")),
        comments=_count(told.get("comment_count")),
        language=told.get("language") or None,
        tags=tuple(str(tag) for tag in (told.get("tags") or ())[:100]),
        thumbnail_url=told.get("thumbnail") or None,
        rights=rights_told(
            licence if isinstance(licence, str) else None,
            title=title,
            owner=author,
            page=told.get("webpage_url") or url,
        ),
    )


def with_sidecar(candidate: Candidate, sidecar: Sidecar) -> Candidate:
    """A plain file's candidate with what the `NAME.json` beside it says; rights that it does not tell are unknown."""
    from contracts.sidecar import rights_beside

    title = sidecar.title or candidate.title
    rights = rights_beside(sidecar, title=title, default="unknown")
    return candidate.model_copy(update={"title": title, **sidecar.told(), "rights": rights})


def completed(candidate: Candidate, told: Candidate) -> Candidate:
    """What was found before, with the gaps filled by what the download has told."""
    from contracts.media import Candidate, Rights

    known = candidate.model_dump(exclude_none=True, exclude_defaults=True)
    fresh = told.model_dump(exclude_none=True, exclude_defaults=True)
    rights = candidate.rights if candidate.rights != Rights() else told.rights
    return Candidate.model_validate({**fresh, **known, "rights": rights.model_dump()})


def _title_of(url: str) -> str:
    name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return " ".join(stem.replace("_", " ").split()) or url


def _published(told: Mapping[str, Any]) -> datetime | None:
    stamp = told.get("timestamp") or told.get("release_timestamp")
    if isinstance(stamp, int | float):
        return datetime.fromtimestamp(stamp, UTC)
    try:
        return datetime.strptime(str(told.get("upload_date")), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value >= 0 else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value >= 0 else None


@dataclass(frozen=True)
class Limits:
    """What is taken: pixels of one picture, seconds."""

    pixels: int
    duration_s: float


@dataclass
class Measured:
    """What was found in a file. Seconds from the container's start; `aspect`: width of a pixel over its height."""

    container: str
    header_duration: float | None
    has_sound: bool
    video_codec: str | None = None
    pixels: int = 0
    pictures: int = 0
    width: int = 0
    height: int = 0
    rotation: int = 0
    aspect: float = 1.0
    times: Sequence[float] = ()
    video_end: float = 0.0
    audio_end: float = 0.0
    cut_off: bool = False
    audio_codec: str | None = None
    loudness: float | None = None
    bad_sound: bool = False


@dataclass(frozen=True)
class Verdict:
    """Why the file is refused, or its facts (the fields of `Probe` but the colours) and what is odd about it."""

    refusal: Refusal | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def judged(m: Measured, limits: Limits, *, name: str) -> Verdict:
    """Whether a file that was measured is a usable video."""
    refusal = _no_video(m, limits, name)
    if refusal is not None:
        return Verdict(refusal)
    duration, claimed = m.video_end, m.header_duration
    if m.times[-1] >= duration:  # the last picture does not say how long it is shown
        duration = m.times[-1] + (m.times[-1] - m.times[0]) / (len(m.times) - 1)
    real = max(duration, m.audio_end)
    refusal = _bad_length(name, real, duration, claimed, limits, cut_off=m.cut_off)
    if refusal is not None:
        return Verdict(refusal)
    fps, variable = frame_rate(m.times)
    width, height = m.width * m.aspect, float(m.height)
    if m.rotation % 180 == 90:
        width, height = height, width
    facts = {
        "container": m.container,
        "duration": round(duration, 3),
        "header_duration": claimed,
        "width": max(1, round(width)),
        "height": max(1, round(height)),
        "rotation": m.rotation % 360,
        "fps": round(fps, 4),
        "variable_fps": variable,
        "video_codec": m.video_codec,
        "audio_codec": m.audio_codec,
        "loudness": m.loudness,
    }
    return Verdict(facts=facts, warnings=_warnings(m, duration, real))


def _no_video(m: Measured, limits: Limits, name: str) -> Refusal | None:
    if m.video_codec is None and m.has_sound:
        return Refusal(f"{name} has sound but no moving picture", "Give a file with a video in it")
    if m.video_codec is None:
        return Refusal(f"{name} has neither picture nor sound in it", "Give a file with a video in it")
    if m.pixels > limits.pixels:
        return Refusal(
            f"{name} has pictures of {m.pixels / 1e6:.0f} megapixels, more than the {limits.pixels / 1e6:g} allowed",
            "Make it smaller, or raise CLIPWIRE_DOWNLOADER_MAX_PIXELS",
        )
    if m.pictures == 0:
        return Refusal(
            f"No picture of {name} can be decoded ({m.video_codec})", "The file is damaged; give another copy"
        )
    if len(m.times) < 2 or m.times[-1] <= m.times[0]:
        return Refusal(f"{name} is a single picture, not a video", "Give a file with moving pictures")
    return None


def _bad_length(
    name: str, real: float, duration: float, claimed: float | None, limits: Limits, *, cut_off: bool
) -> Refusal | None:
    if real > limits.duration_s:
        return Refusal(
            f"{name} is {real:.0f} seconds long, more than the {limits.duration_s:.0f} allowed",
            "Raise CLIPWIRE_DOWNLOADER_MAX_DURATION_S to take it",
        )
    missing = (claimed or 0.0) - real
    # A file that was cut off misses its end; one whose header claims ten times of what an unharmed index lists is
    # made up.
    if claimed is not None and missing > 1.0 and real < claimed * 0.1 and not cut_off:
        return Refusal(
            f"The header of {name} claims {claimed:.0f} seconds, but there are {real:.1f} in it",
            "The file is damaged or made to mislead; give another copy",
        )
    if duration < 1.0 and missing > 0.5:
        return Refusal(
            f"Only {duration:.1f} of the {claimed:.0f} seconds of {name} are there",
            "The file is not whole; fetch it again",
        )
    return None


def _warnings(m: Measured, duration: float, real: float) -> list[str]:
    warnings = []
    if m.header_duration is not None and m.header_duration - real > max(0.5, m.header_duration * 0.01):
        warnings.append(f"The file ends after {real:.1f} of its {m.header_duration:.1f} seconds; the rest is missing")
    if m.audio_end - duration > 1.0:
        warnings.append(f"The sound goes on for {m.audio_end - duration:.1f} seconds after the last picture")
    if m.audio_codec and m.bad_sound:
        warnings.append(f"Most of the sound cannot be decoded ({m.audio_codec})")
    return warnings


def frame_rate(times: Sequence[float]) -> tuple[float, bool]:
    """Average frames per second, and whether the rate varies: more than one gap in a hundred is unlike the usual one.

    `times`: at least two, in order, in seconds. A gap is unlike the usual one when it differs by more than a fifth
    and by more than the 1.5 ms that containers with millisecond clocks round by.
    """
    gaps = [b - a for a, b in pairwise(times)]
    usual = median(gaps)
    odd = sum(abs(gap - usual) > max(0.0015, usual * 0.2) for gap in gaps)
    return len(gaps) / (times[-1] - times[0]), odd > max(1, len(gaps) * 0.01)
