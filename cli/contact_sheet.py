"""The contact sheet of an analysis: for each moment what the camera sees, and what the short will show of it.

The upper picture of a pair is the source with what was found on it; the lower one is the short's own picture, made by
the renderer with its framing and captions. Below runs the path of the camera.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont

from actors.renderer.adapters.captions.fonts import Face, Fonts
from actors.renderer.adapters.feed import Shown
from actors.renderer.adapters.source import Reading, video_frames
from actors.renderer.adapters.stage import Direction, Stage
from actors.renderer.core import Aim, Cut, Schedule, cover_window, panels, schedule, size_of
from actors.renderer.settings import RendererSettings
from cli.analysis import Analysed
from cli.moments import timeline_of
from contracts.renders import Recipe
from contracts.sight import Analysis, Area, Box, Moment
from contracts.text import clock
from contracts.timeline import Timeline

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["draw_sheet", "runs", "save_sheet", "wrapped"]

SHORT = (216, 384)
"""Pixels of a picture of the short."""
PICTURES = 6
"""Pictures of a moment, at equal distances."""
TEXT, GAP, PATH = 330, 10, 54
MOST = 8
"""Moments on a sheet: more can't be looked at together."""
GROUND, INK, DIM = (24, 24, 27), (240, 240, 240), (150, 150, 155)
FACE, SPEAKS, AVOID, CROP = (96, 220, 130), (255, 170, 60), (255, 90, 120), (255, 255, 255)


@dataclass(frozen=True)
class _Moment:
    """A moment ready to be drawn."""

    number: int
    moment: Moment
    timeline: Timeline
    plan: Schedule


def draw_sheet(found: Analysed, progress: Callable[[float], None]) -> Image.Image:
    """Draw the sheet. `progress` gets the share that is done."""
    recipe = Recipe(width=SHORT[0], height=SHORT[1], fps=10)
    rows = [_prepared(found, n, moment, recipe) for n, moment in enumerate(found.analysis.moments[:MOST], 1)]
    wide = (round(SHORT[0]), round(SHORT[0] * found.clip.height / found.clip.width))
    height = 2 * GAP + wide[1] + SHORT[1] + PATH + 2 * GAP
    sheet = Image.new("RGB", (TEXT + PICTURES * (SHORT[0] + GAP) + GAP, max(1, len(rows)) * height + 56), GROUND)
    draw = ImageDraw.Draw(sheet)
    _write_lines(draw, (GAP, 6), found.clip.title, 16, INK, most=2)
    _legend(draw)
    if not rows:
        _write(draw, (GAP, 60), "No moment can stand alone.", 16, INK)
    for row, each in enumerate(rows):
        top = 56 + row * height
        _describe(draw, top, each)
        for column, (seen, made) in enumerate(_pictures(found, each, wide)):
            left = TEXT + column * (SHORT[0] + GAP)
            sheet.paste(seen, (left, top))
            sheet.paste(made, (left, top + wide[1] + 4))
            progress((row * PICTURES + column + 1) / (len(rows) * PICTURES))
        _path(draw, (TEXT, top + wide[1] + SHORT[1] + GAP), each)
    return sheet


def save_sheet(sheet: Image.Image, target: Path) -> None:
    """Write it as PNG, whole or not at all, also where two do so at once. Raises `OSError`."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        sheet.save(part, "PNG")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _prepared(found: Analysed, number: int, moment: Moment, recipe: Recipe) -> _Moment:
    timeline = timeline_of(found, moment, recipe)
    return _Moment(number, moment, timeline, schedule(timeline))


def _pictures(found: Analysed, each: _Moment, wide: tuple[int, int]) -> Iterator[tuple[Image.Image, Image.Image]]:
    """The source with what was found on it, and the short's picture, at equal distances."""
    settings = RendererSettings()
    size, pixels = size_of(each.timeline.canvas, None), round(settings.renderer_max_megapixels * 1e6)
    direction = Direction(each.timeline, each.plan)
    stage = Stage(each.timeline, each.plan, size, direction, fonts=settings.renderer_fonts, max_pixels=pixels)
    try:
        for number in (round((n + 0.5) * each.plan.frames / PICTURES) for n in range(PICTURES)):
            cut = next(cut for cut in each.plan.cuts if cut.first <= number < cut.last)
            at = cut.source_time(number)
            reading = Reading()
            timed = next(video_frames(found.film, at, at + 0.2, pixels, reading), None)
            if timed is None:
                continue
            seen = _turned(_image(timed.frame), reading.rotation).resize(wide)
            _mark(seen, found.analysis, at, direction.aim(cut, number), each.timeline)
            made = stage.picture((Shown(cut, timed.frame, reading),), number)
            yield seen, _image(made)
    finally:
        stage.close()


def _image(frame: VideoFrame) -> Image.Image:
    return Image.fromarray(frame.to_ndarray(format="rgb24"))


def _turned(picture: Image.Image, degrees: int) -> Image.Image:
    return picture.rotate(degrees, expand=True) if degrees else picture


def _mark(picture: Image.Image, analysis: Analysis, at: float, aim: Aim, timeline: Timeline) -> None:
    """Faces, what captions avoid, and the crop, on a picture of the source."""
    draw = ImageDraw.Draw(picture, "RGBA")
    width, height = picture.size
    for panel in panels(aim, width / height, timeline.canvas.width, timeline.canvas.height):
        if not panel.fit:
            crop = cover_window(width, height, panel.width / panel.height, panel.center, panel.zoom)
            _box(draw, picture.size, crop, CROP, 2)
    for area in analysis.areas:
        if area.kind != "face" and area.start <= at < area.end:
            _box(draw, picture.size, area, AVOID, 1, fill=(*AVOID, 50))
    for area in _faces(analysis, at):
        _box(draw, picture.size, area, FACE, 2)
    for person in analysis.people:
        speaks = any(span.start <= at < span.end for span in person.speaking)
        near = min(person.points, key=lambda point: abs(point.t - at), default=None)
        if speaks and near is not None and abs(near.t - at) < 1:
            _box(draw, picture.size, near, SPEAKS, 3)
    _label(draw, clock(at))


def _faces(analysis: Analysis, at: float) -> Sequence[Area]:
    return [area for area in analysis.areas if area.kind == "face" and area.start <= at < area.end]


def _box(draw: Any, size: tuple[int, int], box: Box | Any, color: tuple[int, ...], line: int, fill: Any = None) -> None:
    left, top = box.x * size[0], box.y * size[1]
    right, bottom = left + box.width * size[0] - 1, top + box.height * size[1] - 1
    draw.rectangle((left, top, max(left, right), max(top, bottom)), outline=color, width=line, fill=fill)


def _label(draw: Any, text: str) -> None:
    draw.rectangle((0, 0, 8 + 8 * len(text), 17), fill=(0, 0, 0, 170))
    _write(draw, (4, 1), text, 12, INK)


def _legend(draw: Any) -> None:
    left = TEXT
    for text, color in (("crop", CROP), ("face", FACE), ("speaks", SPEAKS), ("kept clear of captions", AVOID)):
        draw.rectangle((left, 16, left + 12, 28), outline=color, width=2)
        _write(draw, (left + 18, 12), text, 14, DIM)
        left += 40 + 9 * len(text)
    _write(draw, (left + 10, 12), "below: the short itself, and where its camera looks", 14, DIM)


def _describe(draw: Any, top: int, each: _Moment) -> None:
    """Number, score, times, title and reason of a moment, wrapped into the column."""
    moment = each.moment
    _write(draw, (GAP, top), f"{each.number}.  {100 * moment.score:.0f}", 26, SPEAKS)
    span = f"{clock(moment.start)} to {clock(moment.end)}, {moment.end - moment.start:.0f} s"
    _write(draw, (GAP + 90, top + 8), span, 15, DIM)
    line = top + 44
    mood = f"mood: {moment.direction.mood}" if moment.direction else ""
    for text, points, color, most in (
        (moment.title, 18, INK, 5),
        (moment.reason, 14, INK, 8),
        (mood, 14, DIM, 1),
        (moment.text, 13, DIM, 8),
    ):
        line += _write_lines(draw, (GAP, line), text, points, color, most=most)


def _path(draw: Any, corner: tuple[int, int], each: _Moment) -> None:
    """Where the middle of the camera is from side to side, over the time of the moment; cuts are marked."""
    left, top = corner
    width = PICTURES * (SHORT[0] + GAP) - GAP
    draw.rectangle((left, top, left + width, top + PATH), outline=DIM)
    _write(draw, (left + 4, top + 2), "right", 10, DIM)
    _write(draw, (left + 4, top + PATH - 16), "left", 10, DIM)
    direction = Direction(each.timeline, each.plan)
    frames = max(1, each.plan.frames - 1)
    for cut in each.plan.cuts:
        draw.line(list(_points(direction, cut, left, top, width / frames)), fill=CROP, width=2)
        for at in each.timeline.segments[cut.index].framing.cuts:
            number = cut.first + (at - cut.start) / cut.step
            if cut.first < number < cut.last - 1:
                x = left + number * width / frames
                draw.line([(x, top), (x, top + PATH)], fill=SPEAKS)


def _points(direction: Direction, cut: Cut, left: int, top: int, step: float) -> Iterator[tuple[float, float]]:
    for number in range(cut.first, cut.last):
        yield left + number * step, top + PATH * (1 - direction.aim(cut, number).center[0])


def _write(draw: Any, place: tuple[float, float], text: str, points: int, color: tuple[int, ...]) -> None:
    """A line of text in fonts that have its letters."""
    pieces = runs(text)
    left, base = place[0], place[1] + _font(_fonts().main, points).getmetrics()[0]
    first = next((kind for letter in text if (kind := unicodedata.bidirectional(letter)) in {"L", "R", "AL"}), "L")
    for piece, face in pieces if first == "L" else reversed(pieces):
        font = _font(face, points)
        draw.text((left, base), piece, font=font, fill=color, anchor="ls")
        left += font.getlength(piece)


def _write_lines(
    draw: Any, place: tuple[int, int], text: str, points: int, color: tuple[int, ...], *, most: int
) -> int:
    """Write a text into the column, in `most` lines at most; returns the height that it takes, in pixels."""
    lines = list(islice(wrapped(text, points, TEXT - 2 * GAP), most + 1))
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]
    for number, line in enumerate(lines):
        _write(draw, (place[0], place[1] + number * (points + 6)), line, points, color)
    return len(lines) * (points + 6) + (8 if lines else 0)


def wrapped(text: str, points: int, width: float) -> Iterator[str]:
    """The lines of a text that is `width` pixels wide at most. A word that is wider, as in Chinese, breaks anywhere."""

    def length(piece: str) -> float:
        return sum(float(_font(face, points).getlength(run)) for run, face in runs(piece))

    line = ""
    for word in re.findall(r"\S+", text):
        for piece in (f" {word}",) if length(word) <= width else (" ", *word):
            if line and length(line + piece) > width:
                yield line
                line = ""
            line = f"{line}{piece}" if line else piece.strip()
    if line:
        yield line


def runs(text: str) -> list[tuple[str, Face]]:
    """A text in pieces, each with a font that has its letters. Spaces and marks are those of the sheet's own font."""
    out: list[tuple[str, Face]] = []
    for letter in text:
        face = out[-1][1] if out and unicodedata.category(letter)[0] == "M" else _face(letter)
        if out and out[-1][1] is face:
            out[-1] = (out[-1][0] + letter, face)
        else:
            out.append((letter, face))
    return out


@cache
def _fonts() -> Fonts:
    return Fonts("noto", None, None)


@lru_cache(maxsize=4096)
def _face(letter: str) -> Face:
    face = _fonts().having(letter, emoji=False)
    return face if face and not face.color else _fonts().main


@lru_cache(maxsize=64)
def _font(face: Face, points: int) -> Any:
    font = ImageFont.truetype(str(face.path), points, index=face.index)
    with suppress(OSError, ValueError):  # it has one weight, or none of this name
        font.set_variation_by_name("Regular")
    return font
