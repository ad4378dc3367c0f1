"""What `clipwire render` has made: a table of files with their measured quality, and what a person should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cli.output import console, plain, say
from contracts.media import Stretch
from contracts.renders import QualityReport

if TYPE_CHECKING:
    from actors.renderer.ports import Rendered

__all__ = ["Finished", "answer", "print_finished"]


@dataclass(frozen=True)
class Finished:
    """A rendered plan and its files; `videos` and `thumbnails` in the order of `rendered.made`."""

    rendered: Rendered
    videos: tuple[Path, ...]
    thumbnails: tuple[Path, ...]
    texts: tuple[Path, ...]
    seconds_spent: float


def answer(finished: Finished) -> dict[str, Any]:
    """For programs."""
    rendered = finished.rendered
    shapes = zip(rendered.made, finished.videos, finished.thumbnails, strict=True)
    texts = {path.suffix.lstrip("."): str(path) for path in finished.texts}
    return {
        **rendered.model_dump(mode="json", exclude={"made"}),
        "videos": [
            {"file": str(video), "thumbnail": str(thumbnail), **made.model_dump(mode="json")}
            for made, video, thumbnail in shapes
        ],
        "captions": texts.get("srt"),
        "captions_vtt": texts.get("vtt"),
        "otio": texts.get("otio"),
        "seconds_spent": round(finished.seconds_spent, 3),
    }


def print_finished(finished: Finished) -> None:
    """For people: the table to standard output, remarks beside it."""
    rendered = finished.rendered
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold")
    for name in ("length", "size", "MB", "sound", "late", "sharpness", "captions"):
        table.add_column(name, justify="right", no_wrap=True)
    loud = "silent" if rendered.loudness is None else f"{rendered.loudness:.1f} LUFS"
    if rendered.true_peak is not None:
        loud += f" {rendered.true_peak:.1f} dBTP"
    for made, video in zip(rendered.made, finished.videos, strict=True):
        quality = made.quality
        seen = "" if quality.caption_coverage is None else f"{100 * quality.caption_coverage:.0f} %"
        table.add_row(
            Text(plain(_short(video))),
            f"{quality.video_seconds:.2f} s",
            f"{made.width}x{made.height}",
            f"{quality.bytes / 1e6:.1f}",
            loud,
            f"{quality.sound_offset_ms:.0f} ms",
            f"{quality.sharpness:.1f}",
            seen,
        )
    console.print(table)
    beside = [*finished.thumbnails, *finished.texts]
    console.print("beside it: " + ", ".join(plain(path.name) for path in beside), markup=False)
    for note in dict.fromkeys([*rendered.warnings, *_notes(finished)]):
        say(f"note: {note}")
    speed = rendered.duration / max(finished.seconds_spent, 0.001)
    say(f"made with {rendered.encoder} in {finished.seconds_spent:.1f} s: {speed:.1f} times as fast as it plays")


def _notes(finished: Finished) -> list[str]:
    found = []
    for made, video in zip(finished.rendered.made, finished.videos, strict=True):
        quality: QualityReport = made.quality
        for spans, what in ((quality.black, "black"), (quality.frozen, "frozen"), (quality.silent, "silent")):
            if spans:
                found.append(f"{video.name} is {what} at {_spans(spans)}")
        found += [f"{video.name} breaks a limit of {platform}" for platform in quality.too_large_for]
    return found


def _spans(spans: Sequence[Stretch]) -> str:
    said = ", ".join(f"{span.start:.1f}-{span.end:.1f} s" for span in spans[:5])
    return said + (f" and {len(spans) - 5} more spans" if len(spans) > 5 else "")


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
