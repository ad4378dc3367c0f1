"""`clipwire render`: a plan in, a finished short out, without the bus."""

from __future__ import annotations

import asyncio
import errno
import shutil
import tempfile
import time
from collections.abc import Collection
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from cli.display import Display, display_for
from cli.output import CliError, print_json, run
from cli.palette import print_palette
from cli.plans import EXAMPLE, located, read_plan
from cli.rendered import Finished, answer, print_finished
from cli.sources import shown
from contracts.style import ShapeName
from contracts.timeline import Timeline
from runtime.errors import Reject, Unavailable
from runtime.files import own_folder, sweep_folders
from runtime.settings import RuntimeSettings

__all__ = ["Preset", "render"]

_PARTS = ".clipwire-render."


class Preset(StrEnum):
    """Encoder presets."""

    draft = "draft"
    fast = "fast"
    turbo = "turbo"
    quality = "quality"


@dataclass(frozen=True)
class _Place:
    """The folder that the files go to, and what their names begin with."""

    folder: Path
    stem: str

    def file(self, ending: str, shape: str | None = None, folder: Path | None = None) -> Path:
        """A file of the short; `folder`: where it is while it is made."""
        mark = f".{shape.replace(':', 'x')}" if shape else ""
        return (folder or self.folder) / f"{self.stem}{mark}{ending}"


def render(
    plan: Annotated[Path | None, typer.Argument(help="A plan: a timeline as JSON.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The video (.mp4); unset: named like the plan, beside it.")
    ] = None,
    quality: Annotated[Preset | None, typer.Option(help="Encoder preset instead of the plan's own.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a small plan.")] = False,
    names: Annotated[bool, typer.Option("--list", help="Print looks, transitions and caption styles.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Render a plan: the video, its thumbnail, soft captions (.srt, .vtt) and an .otio for editors, side by side."""
    if example:
        print(EXAMPLE, end="")
    elif names:
        print_palette(as_json=as_json)
    elif plan is None:
        raise CliError("Missing argument 'PLAN'", advice="See `clipwire render --help`", code=2)
    else:
        timeline = read_plan(plan)
        if quality is not None:
            timeline = timeline.model_copy(update={"quality": quality.value})
        finished = run(_work(timeline, plan, _place(plan, output), quiet=as_json))
        if as_json:
            print_json(answer(finished))
        else:
            print_finished(finished)


def _place(plan: Path, output: Path | None) -> _Place:
    """Where the files go. Raises `CliError`, code 2."""
    video = plan.with_suffix(".mp4") if output is None else output.expanduser()
    if output is not None and video.is_dir():
        video = video / f"{plan.stem}.mp4"
    if video.suffix.lower() != ".mp4":
        raise CliError(f"--output: {shown(video)} does not end in .mp4", advice="Shorts are MP4 files", code=2)
    return _Place(video.absolute().parent, video.stem)


async def _work(timeline: Timeline, plan: Path, place: _Place, *, quiet: bool) -> Finished:
    places = await located(timeline, plan.absolute().parent, RuntimeSettings())
    targets = {place.file(ending, shape) for shape in (None, *timeline.shapes) for ending in (".mp4", ".jpg")}
    targets |= {place.file(ending) for ending in (".srt", ".vtt", ".otio")}
    for target in sorted(targets):
        if target.is_dir():
            raise CliError(f"--output: {shown(target)} is a folder", advice="Name another file", code=2)
    taken = {target.resolve() for target in targets}
    if plan.resolve() in taken:
        raise CliError(f"--output: {shown(plan)} is the plan itself", advice="Name another file", code=2)
    for source, path in places.items():
        if path in taken:
            raise CliError(f"--output: {source} is a source of this plan", advice="Name another file", code=2)
    with ExitStack() as stack:
        for folder in (*reversed(place.folder.parents), place.folder):  # the last is removed first
            if not folder.exists():
                stack.callback(_remove_empty, folder)
        try:
            place.folder.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(sweep_folders, place.folder, _PARTS)
            parts = stack.enter_context(own_folder(place.folder, _PARTS))
        except OSError as error:
            raise _unwritable(place, error) from error
        display = stack.enter_context(display_for(json=quiet))
        return await _rendered(timeline, places, place, parts, display)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not empty, or was not made
        folder.rmdir()


def _unwritable(place: _Place, error: OSError) -> CliError:
    return CliError(
        f"--output: {shown(place.folder)} can't be written to ({error.strerror or error})",
        advice="Name another file, or make that folder yours to write to",
        code=2,
    )


def _free(folder: Path) -> int:
    """Bytes."""
    return shutil.disk_usage(folder).free


def _full(place: _Place, needed: float) -> CliError:
    """Which disk is full. `needed`: bytes of the short, by what was made of it; 0: not known."""
    folder = min((place.folder, Path(tempfile.gettempdir())), key=_free)
    what = f"the disk of {shown(folder)} is full: {_free(folder) / 1e6:.1f} MB are free"
    if folder == place.folder and needed > 0:
        what += f", and the short needs about {needed / 1e6:.1f} MB"
    return CliError(what, advice="Make room there, or name another file")


async def _rendered(
    timeline: Timeline, places: dict[str, Path], place: _Place, parts: Path, display: Display
) -> Finished:
    from actors.renderer.adapters.child import ChildRenderer
    from actors.renderer.core import with_sources
    from actors.renderer.ports import Job, Output
    from actors.renderer.settings import RendererSettings

    job = Job(timeline=with_sources(timeline, {source: str(path) for source, path in places.items()}))
    outputs = tuple(
        Output(shape=shape, video=place.file(".mp4", shape, parts), thumbnail=place.file(".jpg", shape, parts))
        for shape in dict.fromkeys((None, *timeline.shapes))
    )

    room, needed = _free(parts), 0.0

    async def report(done: float, _eta: float | None) -> None:
        nonlocal needed
        needed = 2 * (room - _free(parts)) / done if done else 0.0  # packets wait on disk until they are a film
        display.report("renderer", place.stem, done, "")

    display.report("renderer", place.stem, 0.0, "")
    began = time.monotonic()
    try:
        made = await ChildRenderer(RendererSettings()).render(job, outputs=outputs, report=report)
    except Reject as error:
        field = f"{error.field}: " if error.field else ""
        raise CliError(f"{field}{error.what}", advice=error.advice) from error
    except Unavailable as error:
        raise _full(place, needed) from error
    try:
        await asyncio.to_thread(_write_texts, timeline, places, place, parts, made.duration)
        names = _put_in_place(place, parts, places.values())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(place, needed) from error
        raise _unwritable(place, error) from error
    display.report("renderer", place.stem, 1.0, "")
    return Finished(
        rendered=made,
        videos=tuple(place.file(".mp4", output.shape) for output in outputs),
        thumbnails=tuple(place.file(".jpg", output.shape) for output in outputs),
        texts=tuple(file for ending in (".srt", ".vtt", ".otio") if (file := place.file(ending)).name in names),
        seconds_spent=time.monotonic() - began,
    )


def _put_in_place(place: _Place, parts: Path, sources: Collection[Path]) -> set[str]:
    """The names of what was made. What an earlier render made and this one did not is removed; no source is."""
    again = place.file(".mp4").is_file() and place.file(".otio").is_file()  # the .otio tells our video from others
    names = {part.replace(place.folder / part.name).name for part in sorted(parts.iterdir())}
    old = {place.file(ending, shape) for shape in get_args(ShapeName) for ending in (".mp4", ".jpg")}
    for file in old | {place.file(".srt"), place.file(".vtt")} if again else ():
        if file.is_file() and file.name not in names and file.resolve() not in sources:
            file.unlink()
    return names


def _write_texts(timeline: Timeline, places: dict[str, Path], place: _Place, parts: Path, duration: float) -> None:
    """Soft captions where something is said, and the timeline for editors."""
    from actors.renderer.core import expanded, otio_of, spoken, srt, vtt

    texts: dict[str, Any] = {
        ".otio": otio_of(timeline, place.stem, {source: path.as_uri() for source, path in places.items()})
    }
    if words := spoken(expanded(timeline).captions.words, 0.0, duration):
        texts |= {".srt": srt(words, duration), ".vtt": vtt(words, duration)}
    for ending, text in texts.items():
        place.file(ending, folder=parts).write_text(text, encoding="utf-8")
