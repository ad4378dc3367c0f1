"""A talk as files: the video, its captions, its truth. Made once and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from cli.sample.film import json3, srt
from cli.sample.speech import Line as Spoken
from tools.quality.making.direction import direct
from tools.quality.making.script import Script, script_of
from tools.quality.making.sound import RATE, Told, Track, record
from tools.quality.making.stage import Stage
from tools.quality.making.truth import Captions, Faces, Planted, Truth

__all__ = ["Talk", "made", "shelf"]

LATE = 2.0
"""Seconds by which shifted captions are behind the sound, or before it."""
HANDMADE = 0.15
"""Seconds by which captions without word times may be off, as those made by hand are."""
LOOKS = 5
"""Times a second at which it is written down where the faces are."""


@dataclass(frozen=True)
class Talk:
    """A made talk: its folder, and what is true of it."""

    folder: Path
    truth: Truth

    @property
    def video(self) -> Path:
        """The film."""
        return self.folder / "talk.mp4"


def shelf() -> Path:
    """Where the talks are kept: named after the code that makes them, so that a change makes them anew."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    here = Path(__file__).resolve().parent
    sample = here.parents[2] / "cli/sample"
    parts = [*here.glob("*.py"), *(here.parent / "texts").glob("*.toml"), sample / "speech.py", sample / "film.py"]
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(parts))).hexdigest()
    return cache / "clipwire-quality" / code[:12]


def made(seed: int, home: Path, *, short: bool = False) -> Talk:
    """Talk `seed`, from `home` or made and put there. Its folder appears whole or not at all. Blocking."""
    folder = home / f"{seed:02}{'-short' if short else ''}"
    if not (folder / "truth.json").is_file():
        part = home / f".{uuid4().hex}.part"
        part.mkdir(parents=True)
        try:
            _make(script_of(seed, short=short), part)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return Talk(folder, Truth.model_validate_json((folder / "truth.json").read_bytes()))


def _make(script: Script, folder: Path) -> None:
    track = record(script)
    stage = Stage(script, direct(script, track.told, track.duration), track)
    _encode(stage, track if script.kind.sound else None, folder / "talk.mp4")
    captions = _captions(script, track, folder)
    truth = _truth(script, track, stage, captions)
    (folder / "truth.json").write_text(truth.model_dump_json(indent=1), encoding="utf-8")


def _truth(script: Script, track: Track, stage: Stage, captions: Captions | None) -> Truth:
    soft = stage.soft
    looks = [Faces(t=round(n / stage.fps, 4), seen=stage.faces(n)) for n in range(0, stage.frames, stage.fps // LOOKS)]
    return Truth(
        name=f"{script.seed:02} {script.kind.name} ({script.topic.language}, {script.topic.name})",
        seed=script.seed,
        half=script.half,
        kind=script.kind.name,
        title=script.topic.title,
        language=script.topic.language,
        duration=round(stage.frames / stage.fps, 3),
        fps=stage.fps,
        width=stage.width,
        height=stage.height,
        sound=script.kind.sound,
        words=tuple(word for told in track.told for word in told.words),
        moments=_moments(track.told),
        sentences=tuple((told.start, told.end) for told in track.told if told.words),
        cuts=stage.cuts,
        soft=soft,
        decoys=stage.decoys,
        sounds=track.sounds,
        faces=tuple(look for look in looks if not any(span.start <= look.t <= span.end for span in soft)),
        screen=script.kind.style == "screen",
        captions=captions,
    )


def _moments(told: tuple[Told, ...]) -> tuple[Planted, ...]:
    numbers = sorted({each.line.moment for each in told if each.line.moment is not None})
    out = []
    for number in numbers:
        lines = [each for each in told if each.line.moment == number]
        by = [
            ("louder", lines[0].line.gain > 0),
            ("close", lines[0].line.close),
            ("question", lines[0].line.text.endswith("?")),
            (str(lines[-1].line.reaction), lines[-1].line.reaction is not None),
        ]
        out.append(
            Planted(
                start=lines[0].start,
                landed=lines[-1].end,
                end=lines[-1].answered,
                by=tuple(name for name, true in by if true),
            )
        )
    return tuple(out)


def _captions(script: Script, track: Track, folder: Path) -> Captions | None:
    kind, rng = script.kind.captions, Random(f"captions {script.seed}")
    if kind == "none":
        return None
    lines = [
        Spoken(told.start, told.end, tuple((word.text, word.start, word.end) for word in told.words))
        for told in track.told
    ]
    late, cues = 0.0, kind == "cues"
    if kind == "late":
        late, cues = (LATE, True) if script.half == "tuned" else (-LATE, False)
    if kind == "foreign":
        lines = _of_another(script, track.duration)
    elif cues:
        lines = [_moved(line, late + rng.uniform(-HANDMADE, HANDMADE)) for line in lines]
    else:
        lines = [_moved(line, late) for line in lines]
    lines = [line for line in lines if line.start >= 0]
    file = "captions.srt" if cues else "captions.json3"
    (folder / file).write_text((srt if cues else json3)(tuple(lines)), encoding="utf-8")
    return Captions(file=file, format="srt" if cues else "json3", late=late, foreign=kind == "foreign")


def _moved(line: Spoken, by: float) -> Spoken:
    words = tuple((text, start + by, end + by) for text, start, end in line.words)
    return Spoken(line.start + by, line.end + by, words)


def _of_another(script: Script, duration: float) -> list[Spoken]:
    """Captions of a talk about something else, in a rhythm of its own."""
    rng, other, at = Random(f"foreign {script.seed}"), script.foreign, 0.8
    texts = [*other.filler, *(text for moment in other.moments for text in moment)] * 4
    lines = []
    for text in texts:
        words, start = [], at
        for word in text.split():
            end = at + 0.12 + 0.055 * len(word)
            words.append((word, at, end))
            at = end
        if at > duration - 1:
            break
        lines.append(Spoken(start, at, tuple(words)))
        at += rng.choice([0.3, 0.5, 1.4])
    return lines


def _encode(stage: Stage, track: Track | None, path: Path) -> None:
    """H.264 and AAC in MP4, small and quick."""
    import av
    import cv2

    with av.open(str(path), "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=stage.fps, options={"preset": "ultrafast", "crf": "25"})
        video.width, video.height, video.pix_fmt = stage.width, stage.height, "yuv420p"
        video.time_base = Fraction(1, stage.fps)
        video.codec_context.thread_count = 1
        sound = _Sound(out, track) if track else None
        for number in range(stage.frames):
            planes: Any = cv2.cvtColor(stage.draw(number), cv2.COLOR_BGR2YUV_I420)
            picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, stage.fps)
            out.mux(video.encode(picture))
            if sound:
                sound.write((number + 1) / stage.fps)
        if sound:
            sound.finish()
        out.mux(video.encode(None))


class _Sound:
    """Writes the track piece by piece beside the pictures."""

    def __init__(self, out: Any, track: Track) -> None:
        import av

        self._out, self._samples, self._done = out, track.samples, 0
        self._stream = out.add_stream("aac", rate=44100, layout="mono")
        self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=44100)

    def write(self, until: float) -> None:
        """Everything up to a time in seconds."""
        import av
        import numpy as np

        end = min(len(self._samples), round(until * RATE))
        piece = np.ascontiguousarray(self._samples[self._done : end].astype(np.float32).reshape(1, -1))
        if not piece.size:
            return
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._done, Fraction(1, RATE)
        for ready in self._resampler.resample(frame):
            self._out.mux(self._stream.encode(ready))
        self._done = end

    def finish(self) -> None:
        """What the resampler and the encoder still hold."""
        for ready in self._resampler.resample(None):
            self._out.mux(self._stream.encode(ready))
        self._out.mux(self._stream.encode(None))
