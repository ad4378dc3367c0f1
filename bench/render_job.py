"""Job J of the render benchmark: one definition of the work, and what each side needs to be told of it.

A minute of a 1920x1080 source becomes 1080x1920: the crop follows a subject that walks from side to side, the picture
is mirrored, its colours are shifted, it is punched into every 3 s, every word is written as it is said, and the sound
comes to -14 LUFS. Windows and colour filters of the peers are computed from our own looks, so that the work is equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from actors.renderer.core import Window, aims, cover_window, size_of
from contracts.media import Word
from contracts.sight import Framing, FramingPoint
from contracts.style import LookUse, ShapeName
from contracts.timeline import Canvas, CaptionPlan, Segment, SoundPlan, Timeline

__all__ = ["FPS", "HEIGHT", "LOUDNESS", "WIDTH", "Job", "captions", "hue", "pages", "timeline", "windows"]

WIDTH, HEIGHT, FPS = 1080, 1920, 30
SOURCE_WIDTH, SOURCE_HEIGHT = 1920, 1080
LOUDNESS, TRUE_PEAK = -14.0, -1.5
EVERY = 3.0
WORDS_A_SECOND = 2.5
PAGE = 3
LOOKS = (
    LookUse(name="mirror"),
    LookUse(name="hue_shift", strength=0.5),
    LookUse(name="punch_in", strength=0.5, every=EVERY),
)
TEXT = (
    "THE SMALL BOAT LEFT THE BAY AT DAWN AND NOBODY ON THE SHORE SAW IT GO UNTIL THE BELLS BEGAN TO RING "
    "OVER THE EMPTY HARBOUR WHERE THE NETS WERE STILL HANGING IN THE COLD MORNING WIND"
)
ASS_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
YCbCr Matrix: TV.709
WrapStyle: 2

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Lit,Noto Sans,127.6,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,-1,0,0,0,100,100,0,0,1,6,0,5,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""What ASS calls the size is 1.519 em in Noto Sans (usWinAscent and usWinDescent): an em of 84 pixels."""


@dataclass(frozen=True)
class Job:
    """`seconds` of a source from second `start`; `words` off: the same without captions."""

    source: Path
    seconds: float
    start: float = 0.0
    shapes: tuple[ShapeName, ...] = ()

    @property
    def frames(self) -> int:
        """Pictures of the short."""
        return round(self.seconds * FPS)


def words(job: Job) -> tuple[Word, ...]:
    """What is said, on the short's clock: 2.5 words a second without a pause."""
    text = TEXT.split()
    count = math.ceil(job.seconds * WORDS_A_SECOND)
    return tuple(
        Word(text=text[n % len(text)], start=n / WORDS_A_SECOND, end=min((n + 1) / WORDS_A_SECOND, job.seconds))
        for n in range(count)
    )


def timeline(job: Job) -> Timeline:
    """The work as our renderer is told."""
    return Timeline(
        canvas=Canvas(width=WIDTH, height=HEIGHT, fps=FPS),
        shapes=job.shapes,
        segments=(
            Segment(
                source=str(job.source), start=job.start, end=job.start + job.seconds, framing=_framing(job), looks=LOOKS
            ),
        ),
        captions=CaptionPlan(words=words(job), language="en", style="lit"),
        sound=SoundPlan(loudness=LOUDNESS),
    )


def _framing(job: Job) -> Framing:
    """The subject is at 960 + 420 sin(2 pi t / 24) of the source's 1920 pixels."""
    first, last = math.floor(job.start * 10), math.ceil((job.start + job.seconds) * 10)
    points = [
        FramingPoint(t=n / 10, x=0.5 + 420 / SOURCE_WIDTH * math.sin(2 * math.pi * n / 240), y=0.5)
        for n in range(first, last + 1)
    ]
    return Framing(mode="track", points=tuple(points))


def windows(job: Job, shape: ShapeName | None = None) -> list[tuple[int, int, int, int]]:
    """What of the source is seen on each picture: width, height, x, y in even pixels, as a crop filter takes them."""
    from actors.renderer.adapters.looks import Instant
    from actors.renderer.adapters.looks.chain import Chain

    width, height = size_of(timeline(job).canvas, shape)
    chain = Chain(LOOKS, (width, height), FPS)
    path = aims(_framing(job), job.start, job.frames, 1 / FPS, FPS)
    seen = []
    for number, aim in enumerate(path):
        view = chain.view(Instant(frame=number, time=number / FPS, duration=job.seconds, fps=FPS))
        cover = cover_window(SOURCE_WIDTH, SOURCE_HEIGHT, width / height, aim.center)
        x = aim.center[0] + view.x * cover.width / view.zoom
        y = aim.center[1] + view.y * cover.height / view.zoom
        seen.append(_pixels(cover_window(SOURCE_WIDTH, SOURCE_HEIGHT, width / height, (x, y), view.zoom)))
    return seen


def _pixels(window: Window) -> tuple[int, int, int, int]:
    """The nearest even pixels: what a crop filter can do with subsampled chroma."""
    width, height = _even(window.width * SOURCE_WIDTH), _even(window.height * SOURCE_HEIGHT)
    x, y = _even(window.x * SOURCE_WIDTH), _even(window.y * SOURCE_HEIGHT)
    return width, height, min(x, SOURCE_WIDTH - width), min(y, SOURCE_HEIGHT - height)


def _even(value: float) -> int:
    return round(value / 2) * 2


def hue() -> float:
    """By how many degrees our looks turn the colours: measured on a picture of pure blue difference."""
    from av.video.frame import VideoFrame

    from actors.renderer.adapters.looks import Instant
    from actors.renderer.adapters.looks.chain import Chain
    from actors.renderer.adapters.planes import planes_of, tag

    frame = VideoFrame(64, 64, "yuv420p")
    for plane, level in zip(planes_of(frame), (126, 128 + 100, 128), strict=True):
        plane[:] = level
    tag(frame)
    turned = Chain(LOOKS, (64, 64), FPS).apply(frame, Instant(frame=0, time=0.0, duration=1.0, fps=FPS))
    blue, red = (float(plane.mean()) - 128 for plane in planes_of(turned)[1:])
    return round(math.degrees(math.atan2(red, blue)), 2)


def pages(job: Job) -> list[tuple[tuple[Word, ...], int]]:
    """For every word its page, and its place in it."""
    said = words(job)
    return [(said[n - n % PAGE : n - n % PAGE + PAGE], n % PAGE) for n in range(len(said))]


def captions(job: Job) -> str:
    """The captions in ASS: an event for each word, in which it is lit."""
    lines = []
    for page, lit in pages(job):
        text = " ".join(
            f"{{\\c&H00E6FF&}}{word.text}{{\\c&HFFFFFF&}}" if n == lit else word.text for n, word in enumerate(page)
        )
        start, end = _clock(page[lit].start), _clock(page[lit].end)
        lines.append(f"Dialogue: 0,{start},{end},Lit,,0,0,0,,{{\\pos(540,1344)}}{text}\n")
    return ASS_HEAD.format(width=WIDTH, height=HEIGHT) + "".join(lines)


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"{hundredths // 360000}:{hundredths // 6000 % 60:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"
