"""Sources of the benchmarks of rendering and analysis: minutes of footage at 1080p, made once and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.cut_footage import talks

__all__ = ["CACHE", "ffmpeg", "font_folder", "minute", "repeated", "served"]

MEDIA = Path(__file__).resolve().parents[1].parent / "shared" / "media"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "clipwire-bench"
SECONDS = 60
CLIPS = ("big_buck_bunny_0_30.webm", "car-detection.mp4", "one-by-one-person-detection.mp4")
PIECES = ((0, 8), (0, 6), (20, 6), (9, 8), (8, 6), (60, 6), (20, 8), (20, 6), (100, 6))
"""Second at which a piece of each clip in turn begins, and its length: every 20 s there is something of each."""
COVER = "scale=1920:1080:flags=lanczos:force_original_aspect_ratio=increase,crop=1920:1080,fps=30,setsar=1"
TAGS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
VIDEO = "-c:v libx264 -preset medium -b:v 8M -maxrate 12M -bufsize 16M -g 150 -bf 3 -profile:v high -pix_fmt yuv420p"
SERVED = "-c:v libx264 -preset medium -crf 23 -pix_fmt yuv420p"
"""As platforms encode what they show: for a quality, not for a rate, with x264's own keyframes and B-frames."""
GRAIN = "noise=alls=3:allf=t"
AUDIO = "-c:a aac -b:a 160k -ar 48000 -ac 2"
SYNTHETIC = (
    "testsrc2=size=1920x1080:rate=30[t];mandelbrot=size=960x540:rate=30:end_pts=2000[m];"
    "[t][m]overlay=x='480+420*sin(2*PI*t/24)':y=270,noise=alls=7:allf=t,format=yuv420p[v]"
)
SPEECHLIKE = "aevalsrc='0.4*sin(2*PI*180*t)*(0.5+0.5*sin(2*PI*3*t))*gte(sin(2*PI*t/4),-0.5)':s=48000:c=stereo"


def ffmpeg() -> str:
    """The static FFmpeg of imageio-ffmpeg: newer than most systems have, with libass and libvmaf."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def minute() -> tuple[Path, str]:
    """60 s at 1920x1080, 30 pictures and 8 Mbit a second, with stereo sound; and what it was made of."""
    if all((MEDIA / clip).exists() for clip in CLIPS):
        return _kept("footage-60.mp4", _real(f"{COVER},{GRAIN}", VIDEO)), "three real clips in pieces of 6 to 8 s"
    return _kept("synthetic-60.mp4", _synthetic()), "synthetic pictures (testsrc2, mandelbrot, noise)"


def served() -> tuple[Path, str]:
    """60 s at 1920x1080, 30 pictures a second, without noise, encoded as platforms serve it; and what it is made of."""
    if all((MEDIA / clip).exists() for clip in CLIPS):
        return _kept("served-60.mp4", _real(COVER, SERVED)), "the same clips, no noise added, x264 medium at CRF 23"
    return _kept("served-talk-60.mp4", _talk()), "a synthetic talk, enlarged, x264 medium at CRF 23"


def repeated(source: Path, times: int) -> Path:
    """The minute so many times over, its packets copied."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write(f"file '{source}'\n" * times)
        names.flush()
        return _kept(
            source.name.replace("-60", f"-{times * SECONDS}"),
            ["-f", "concat", "-safe", "0", "-i", names.name, "-c", "copy"],
        )


def font_folder() -> Path:
    """A folder with Noto Sans Bold as a font of its own: libass finds no bold in the variable font that we ship."""
    import fontpkg_noto_sans
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    target = CACHE / "fonts" / "NotoSans-Bold.ttf"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        font = TTFont(Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf")
        bold = {
            axis.axisTag: {"wght": 700, "wdth": 100}.get(axis.axisTag, axis.defaultValue) for axis in font["fvar"].axes
        }
        instantiateVariableFont(font, bold, inplace=True, updateFontNames=True)
        font.save(target)
    return target.parent


def _real(shown_as: str, video: str) -> list[str]:
    arguments: list[str] = []
    for number, (start, length) in enumerate(PIECES):
        clip = str(MEDIA / CLIPS[number % len(CLIPS)])
        arguments += ["-ss", str(start), "-t", str(length), "-i", clip]
    arguments += ["-stream_loop", "-1", "-i", str(MEDIA / CLIPS[0])]
    shown = ";".join(f"[{n}:v]{shown_as},format=yuv420p[p{n}]" for n in range(len(PIECES)))
    joined = "".join(f"[p{n}]" for n in range(len(PIECES))) + f"concat=n={len(PIECES)}:v=1:a=0[v]"
    mapped = ["-filter_complex", f"{shown};{joined}", "-map", "[v]", "-map", f"{len(PIECES)}:a"]
    return [*arguments, *mapped, *_encoded(video)]


def _synthetic() -> list[str]:
    sound = ["-f", "lavfi", "-i", SPEECHLIKE]
    return [*sound, "-filter_complex", SYNTHETIC, "-map", "[v]", "-map", "0:a", *_encoded(VIDEO)]


def _talk() -> list[str]:
    talk = str(talks(CACHE, 1)[0].path)
    inputs = ["-stream_loop", "-1", "-i", talk, "-f", "lavfi", "-i", SPEECHLIKE]
    return [*inputs, "-vf", COVER, "-map", "0:v", "-map", "1:a", *_encoded(SERVED)]


def _encoded(video: str) -> list[str]:
    return ["-t", str(SECONDS), *video.split(), *TAGS, *AUDIO.split()]


def _kept(name: str, arguments: list[str]) -> Path:
    """A file of the cache, made anew where the way to make it has changed."""
    said = ("-" if Path(each).suffix == ".txt" else Path(each).name for each in arguments)
    recipe = hashlib.sha256(" ".join(said).encode()).hexdigest()[:8]
    target = CACHE / f"{recipe}-{name}"
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        print(f"making {target} once ...", flush=True)
        part = target.with_name(f"part-{target.name}")
        command = [
            ffmpeg(),
            "-hide_banner",
            "-loglevel",
            "error",
            "-y",
            *arguments,
            "-movflags",
            "+faststart",
            str(part),
        ]
        subprocess.run(command, check=True)
        shutil.move(part, target)
    return target
