"""Finished shorts: copied out of the media store, looked at as files, shown as a table."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.table import Table
from rich.text import Text

from cli.output import CliError, console, plain
from cli.sources import shown, slug
from contracts.renders import Render
from runtime.media import MediaStore

__all__ = ["Result", "as_json", "check_folder", "copy_out", "print_table"]

_OTHER_COLUMNS = 48  # characters that the table needs beside the name of a file
_NAME = 24  # characters of a title in the name of a file: it stays in one line of 80


@dataclass(frozen=True)
class Result:
    """One file, as it was found on the disk after copying. `lufs` is absent for a short without sound."""

    file: str
    seconds: float
    width: int
    height: int
    sound: bool
    lufs: float | None
    title: str
    render_id: str
    captions: str | None
    thumbnail: str


def check_folder(folder: Path) -> None:
    """Before the work starts: files can be written into `folder`. Leaves nothing; raises `CliError`, code 2."""
    made: list[Path] = []
    try:
        for path in (*reversed(folder.parents), folder):
            if not path.exists():
                path.mkdir()
                made.append(path)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        file = isinstance(error, NotADirectoryError | FileExistsError)
        why = "is no folder" if file else f"can't be written to ({error.strerror})"
        raise CliError(f"--out: {shown(folder)} {why}", advice="Name a folder that you may write to", code=2) from None
    finally:
        for path in reversed(made):
            with suppress(OSError):  # somebody else has put something there already
                path.rmdir()


async def copy_out(media: MediaStore, renders: list[Render], folder: Path) -> list[Result]:
    """Copy video, captions and thumbnail of every render into `folder`; each file appears whole."""
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        return await _copy_all(media, renders, folder)
    except OSError as error:
        raise CliError(
            f"the shorts are made, and can't be copied to {shown(folder)} ({error.strerror or error})",
            advice="Make room there, or name another --out, and ask again: what is made is not made again",
        ) from error


async def _copy_all(media: MediaStore, renders: list[Render], folder: Path) -> list[Result]:
    results = []
    for number, render in enumerate(renders, 1):
        stem = folder / f"{number:02}-{slug(render.title, _NAME)}"
        video = await _copy(media, render.video.uri, stem.with_name(f"{stem.name}.mp4"))
        thumbnail = await _copy(media, render.thumbnail.uri, stem.with_name(f"{stem.name}.jpg"))
        captions = None
        if render.captions is not None:
            captions = await _copy(media, render.captions.uri, stem.with_name(f"{stem.name}.srt"))
        seconds, width, height, sound = await asyncio.to_thread(_look, video)
        results.append(
            Result(
                str(video),
                seconds,
                width,
                height,
                sound,
                render.loudness,
                render.title,
                render.render_id,
                str(captions) if captions else None,
                str(thumbnail),
            )
        )
    return results


async def _copy(media: MediaStore, uri: str, target: Path) -> Path:
    source = await media.local(uri)
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        await asyncio.to_thread(shutil.copyfile, source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _look(path: Path) -> tuple[float, int, int, bool]:
    import av

    with av.open(str(path)) as file:
        picture = file.streams.video[0]
        return (file.duration or 0) / 1e6, picture.width, picture.height, bool(file.streams.audio)


def as_json(results: list[Result]) -> list[dict[str, Any]]:
    """For programs."""
    return [asdict(result) for result in results]


def print_table(results: list[Result]) -> None:
    """For people: the folder, and a row for each file. A name stays in one line, to be copied, if there is room."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    files = [Path(result.file) for result in results]
    longest = max((len(file.name) for file in files), default=0)
    table.add_column("file", overflow="fold", no_wrap=longest + _OTHER_COLUMNS <= console.width)
    for name in ("length", "size", "sound"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("title", overflow="fold")
    for file, result in zip(files, results, strict=True):
        loud = f"{result.lufs:.1f} LUFS" if result.lufs is not None else ("silent" if result.sound else "none")
        table.add_row(
            Text(plain(file.name)),
            f"{result.seconds:.1f} s",
            f"{result.width}x{result.height}",
            loud,
            Text(plain(result.title)),  # a title of a stranger is no markup
        )
    console.print(table)
    for folder in dict.fromkeys(file.parent for file in files):
        # In one piece, however long: a line that the terminal breaks is copied whole, one that is folded is not.
        console.print(f"folder: {plain(_short(folder))}", markup=False, soft_wrap=True)


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
