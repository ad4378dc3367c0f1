"""Job J: a captioned, moving 1080x1920 crop of a 1080p source, against ffmpeg's command line and against MoviePy."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from actors.renderer.adapters.encoders import Encoder
from bench.render_inputs import minute, repeated
from bench.render_job import FPS, HEIGHT, WIDTH, Job
from bench.render_measure import Run, agreement, facts, ratio, run, run_ours, vmaf
from bench.render_peers import LOSSLESS, VERYFAST, command_line, moviepy

SECONDS = float(os.environ.get("CLIPWIRE_BENCH_SECONDS", "60"))
"""Length of the headline job; with less than 60 the long source is left out, and the rest is shortened."""
PAIRS = int(os.environ.get("CLIPWIRE_BENCH_PAIRS", "3"))
SHORT = min(20.0, SECONDS)
OURS = Encoder().options("fast", (WIDTH, HEIGHT), FPS)

Side = Callable[[], Run]


async def main() -> dict[str, float]:
    """Run everything, print the figures, return them."""
    return await asyncio.to_thread(_main)


def _main() -> dict[str, float]:
    source, made_of = minute()
    print(f"source: {source.name}, {made_of}; {PAIRS} rounds, the sides in turn; all at the renderer's niceness")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        figures = _against_command_line(source, out)
        figures |= _equal(source, out)
        figures |= _quality(source, out)
        figures |= _against_moviepy(source, out)
        figures |= _lengths_and_shapes(source, out)
    return figures


def _against_command_line(source: Path, out: Path) -> dict[str, float]:
    job = Job(source, SECONDS)
    runs = _rounds(
        {
            "ours": lambda: run_ours(job, out / "ours.mp4"),
            "veryfast": lambda: run(command_line(job, out / "veryfast.mp4", VERYFAST)),
            "same": lambda: run(command_line(job, out / "same.mp4", OURS)),
        }
    )
    print(f"\n{SECONDS:g} s of {WIDTH}x{HEIGHT}: wall s, processor s, peak MiB")
    for name, title in (("ours", "ours"), ("veryfast", "ffmpeg, veryfast"), ("same", "ffmpeg, our x264 settings")):
        print(f"  {title:28} {_line(runs[name])}")
    _ratio("against ffmpeg at veryfast", runs["ours"], runs["veryfast"], 0.70)
    _ratio("against ffmpeg with our settings", runs["ours"], runs["same"], 1.00)
    cost = _cpu(runs["ours"]) / job.frames
    print(f"  a picture costs {1000 * cost:.1f} ms of processor time, at veryfast {_ms(runs['veryfast'], job):.1f} ms")
    return {
        "veryfast_wall": ratio(runs["ours"], runs["veryfast"], "wall")[0],
        "veryfast_cpu": ratio(runs["ours"], runs["veryfast"], "cpu")[0],
        "same_wall": ratio(runs["ours"], runs["same"], "wall")[0],
        "same_cpu": ratio(runs["ours"], runs["same"], "cpu")[0],
        "peak_mb": max(each.peak_mb for each in runs["ours"]),
        "ms_per_picture": 1000 * cost,
    }


def _equal(source: Path, out: Path) -> dict[str, float]:
    """Whether both sides did the same work; the files are those of the last round."""
    print("\nthe same work: size, pictures, seconds, LUFS, dBTP, kbit/s of the picture")
    for name in ("ours", "veryfast", "same"):
        each = facts(out / f"{name}.mp4")
        told = f"{each.size[0]}x{each.size[1]}, {each.frames}, {each.seconds:.3f} s, {each.loudness:.1f}"
        print(f"  {name:10} {told}, {each.true_peak:.1f}, {each.kbit_s:.0f}")
    alike = agreement(out / "ours.mp4", out / "veryfast.mp4")
    bits = facts(out / "ours.mp4").kbit_s / facts(out / "veryfast.mp4").kbit_s
    print(f"  SSIM of ours and ffmpeg's above the captions: {alike:.4f} (gate 0.97); bits {bits:.3f} of ffmpeg's")
    return {"agreement": alike, "bits": bits}


def _quality(source: Path, out: Path) -> dict[str, float]:
    """Each side against the same work of its own without loss, over `SHORT` seconds."""
    job = Job(source, SHORT)
    run_ours(job, out / "q-ours.mp4")
    run(command_line(job, out / "q-veryfast.mp4", VERYFAST))
    run_ours(job, out / "r-ours.mp4", "bench.render_lossless")
    run(command_line(job, out / "r-veryfast.mp4", LOSSLESS))
    scores = {name: vmaf(out / f"q-{name}.mp4", out / f"r-{name}.mp4") for name in ("ours", "veryfast")}
    bits = facts(out / "q-ours.mp4").kbit_s / facts(out / "q-veryfast.mp4").kbit_s
    print(f"\nquality over {SHORT:g} s against the same without loss: VMAF, SSIM")
    for name, (score, ssim) in scores.items():
        print(f"  {name:10} {score:.2f}, {ssim:.4f}")
    print(f"  with {bits:.3f} of the bits")
    for reference in out.glob("r-*.mp4"):
        reference.unlink()
    return {
        "vmaf_gain": scores["ours"][0] - scores["veryfast"][0],
        "ssim_gain": scores["ours"][1] - scores["veryfast"][1],
    }


def _against_moviepy(source: Path, out: Path) -> dict[str, float]:
    """One round: at 60 s MoviePy takes minutes."""
    job = Job(source, SECONDS)
    runs = {
        "moviepy": [run(moviepy(job, out / "moviepy.mp4"))],
        "ours": [run_ours(job, out / "ours-peer.mp4")],
    }
    print(f"\n{SECONDS:g} s of the same job: wall s, processor s, peak MiB of the largest process")
    print(f"  {'ours':28} {_line(runs['ours'])}\n  {'MoviePy':28} {_line(runs['moviepy'])}")
    slower = ratio(runs["moviepy"], runs["ours"], "wall"), ratio(runs["moviepy"], runs["ours"], "cpu")
    print(f"  MoviePy takes {_range(slower[0])} x the time (gate 8), {_range(slower[1])} x the processor time")
    each = facts(out / "moviepy.mp4")
    print(f"  its file: {each.size[0]}x{each.size[1]}, {each.frames} pictures, {each.kbit_s:.0f} kbit/s")
    return {"moviepy_wall": slower[0][0], "moviepy_cpu": slower[1][0]}


def _lengths_and_shapes(source: Path, out: Path) -> dict[str, float]:
    long = repeated(source, 10)
    one, two = Job(source, SHORT), Job(source, SHORT, shapes=("1:1",))
    far = Job(long, SHORT, start=300.0)
    runs = _rounds(
        {
            "one": lambda: run_ours(one, out / "one.mp4"),
            "two": lambda: run_ours(two, out / "two.mp4"),
            "far": lambda: run_ours(far, out / "far.mp4"),
        }
    )
    print(f"\n{SHORT:g} s of ours: wall s, processor s, peak MiB")
    for name, title in (
        ("one", "of the 60 s source"),
        ("two", "in two shapes, 9:16 and 1:1"),
        ("far", "of the 600 s source, at 300 s"),
    ):
        print(f"  {title:30} {_line(runs[name])}")
    _ratio("two shapes against one", runs["two"], runs["one"], 1.80)
    _ratio("of the long source against the short one", runs["far"], runs["one"], 1.05)
    figures = {f"{name}_cpu": ratio(runs[name], runs["one"], "cpu")[0] for name in ("two", "far")}
    figures |= {f"{name}_wall": ratio(runs[name], runs["one"], "wall")[0] for name in ("two", "far")}
    if SECONDS < 60:
        return figures
    short, whole = run_ours(Job(source, 60), out / "short.mp4"), run_ours(Job(long, 600), out / "long.mp4")
    slope = (whole.wall / 600) / (short.wall / 60), (whole.cpu / 600) / (short.cpu / 60)
    print("\nall of 600 s after all of 60 s: wall s, processor s, peak MiB")
    print(f"  60 s: {_line([short])}\n  600 s: {_line([whole])}")
    print(f"  a second of video takes {slope[0]:.3f} of the time and {slope[1]:.3f} of the processor time (gate 1.05)")
    return {**figures, "long_peak_mb": whole.peak_mb, "long_wall": slope[0], "long_cpu": slope[1]}


def _rounds(sides: Mapping[str, Side]) -> dict[str, list[Run]]:
    """Every side once, then every side again: what slows the machine down slows all of them."""
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(PAIRS):
        for name, side in sides.items():
            runs[name].append(side())
    return runs


def _line(runs: list[Run]) -> str:
    wall, peak = median(each.wall for each in runs), max(each.peak_mb for each in runs)
    return f"{wall:7.1f} {_cpu(runs):7.1f} {peak:7.0f}"


def _cpu(runs: list[Run]) -> float:
    return median(each.cpu for each in runs)


def _ms(runs: list[Run], job: Job) -> float:
    return 1000 * _cpu(runs) / job.frames


def _range(values: tuple[float, float, float]) -> str:
    return f"{values[0]:.2f} ({values[1]:.2f} to {values[2]:.2f})"


def _ratio(title: str, ours: list[Run], theirs: list[Run], gate: float) -> None:
    wall, cpu = ratio(ours, theirs, "wall"), ratio(ours, theirs, "cpu")
    print(f"  {title}: {_range(wall)} of the time, {_range(cpu)} of the processor time; gate {gate:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
