"""The analysis of a clip as a ratio of real time, and its cuts alone against PySceneDetect's ContentDetector."""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from actors.vlm.adapters.local import LocalAnalyzer
from actors.vlm.settings import VlmSettings
from bench.cut_footage import Footage, shoot
from bench.render_inputs import minute
from contracts.media import Candidate, Clip, MediaRef

ROUNDS = int(os.environ.get("CLIPWIRE_BENCH_ROUNDS", "3"))
TALKS = int(os.environ.get("CLIPWIRE_BENCH_TALKS", "12"))
MATCH = 0.1
"""Seconds between a cut and what was found of it."""
AIM = 10.0
"""Times real time that the whole analysis is to be."""

Finder = Callable[[Path], list[float]]


@dataclass(frozen=True)
class Cost:
    """Seconds of one run: wall, and processor of this process and its children."""

    wall: float
    cpu: float


async def main() -> dict[str, float]:
    """Run both, print the figures, return them."""
    source, made_of = minute()
    print(f"source: {source.name}, {made_of}; {ROUNDS} rounds")
    figures = await _whole(source)
    return {**figures, **await asyncio.to_thread(_cuts, source)}


async def _whole(source: Path) -> dict[str, float]:
    """The child process as the actor starts it, from start to exit: pictures, people, sound."""
    clip = _clip_of(source)
    costs = []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), _processor()
        await LocalAnalyzer(VlmSettings()).look(source, clip, _ignore)
        costs.append(Cost(time.perf_counter() - began, _processor() - used))
    ratio = clip.duration / median(cost.wall for cost in costs)
    spread = sorted(clip.duration / cost.wall for cost in costs)
    print(f"\nwhole analysis of {clip.duration:g} s of {clip.width}x{clip.height}, wall s, processor s:")
    print(f"  {_line(costs)}   {ratio:.1f} times real time ({spread[0]:.1f} to {spread[-1]:.1f}), aim {AIM:g}")
    return {"analysis_ratio": ratio, "analysis_cpu": median(cost.cpu for cost in costs)}


def _cuts(source: Path) -> dict[str, float]:
    """Both detectors on the minute for their time, and on synthetic talks with known cuts for what they find."""
    finders: dict[str, Finder] = {"ours": ours, "pyscenedetect": pyscenedetect}
    costs: dict[str, list[Cost]] = {name: [] for name in finders}
    for _ in range(ROUNDS):
        for name, find in finders.items():
            began, used = time.perf_counter(), _processor()
            find(source)
            costs[name].append(Cost(time.perf_counter() - began, _processor() - used))
    print("\ncuts alone: wall s, processor s on the same minute; precision, recall and F1 on talks with known cuts:")
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        talks = [shoot(Path(folder) / f"{seed}.mp4", seed) for seed in range(TALKS)]
        count = sum(len(talk.cuts) for talk in talks)
        for name, find in finders.items():
            precision, recall, f1 = score([(talk, find(talk.path)) for talk in talks])
            print(f"  {name:14} {_line(costs[name])}   {precision:.3f} {recall:.3f} {f1:.3f}   ({count} cuts)")
            figures |= {f"{name}_f1": f1, f"{name}_wall": median(cost.wall for cost in costs[name])}
    faster = median(b.wall / a.wall for a, b in zip(costs["ours"], costs["pyscenedetect"], strict=True))
    print(f"  ours is {faster:.2f} times as fast")
    return {**figures, "cuts_faster": faster}


def ours(path: Path) -> list[float]:
    """The cuts by the actor's own eye, with nothing else to look for."""
    import cv2

    from actors.vlm.adapters.cuts import CutFinder
    from actors.vlm.adapters.eye import watch

    cv2.setNumThreads(1)
    cuts = CutFinder()
    watch(path, (cuts,), threads=VlmSettings().vlm_threads, every_frame=False, progress=lambda t: None)
    return cuts.finish()


def pyscenedetect(path: Path) -> list[float]:
    """The cuts by PySceneDetect's `detect` with its ContentDetector, as its manual has it."""
    import cv2
    from scenedetect import ContentDetector, detect  # type: ignore[import-untyped]  # it has no types

    cv2.setNumThreads(0)
    scenes = detect(str(path), ContentDetector())
    return [float(start.get_seconds()) for start, _ in scenes[1:]]


def score(found: Sequence[tuple[Footage, list[float]]]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean; a found cut counts for one true cut within MATCH."""
    right = wrong = missed = 0
    for talk, times in found:
        left = list(times)
        for cut in talk.cuts:
            near = min(left, key=lambda t: abs(t - cut), default=None)
            if near is not None and abs(near - cut) <= MATCH + 1e-6:
                left.remove(near)
                right += 1
            else:
                missed += 1
        wrong += len(left)
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return precision, recall, 2 * right / max(1, 2 * right + wrong + missed)


def _line(costs: Sequence[Cost]) -> str:
    return f"{median(cost.wall for cost in costs):6.2f} {median(cost.cpu for cost in costs):6.2f}"


def _processor() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _clip_of(path: Path) -> Clip:
    import av

    with av.open(str(path)) as container:
        video = container.streams.video[0]
        return Clip(
            clip_id="file:bench",
            source_url=path.as_uri(),
            title="The minute",
            media=MediaRef(
                uri="media://clips/file/bench/source.mp4",
                bytes=path.stat().st_size,
                sha256="0" * 64,
                content_type="video/mp4",
            ),
            duration=round((container.duration or 0) / av.time_base, 3),
            width=video.width,
            height=video.height,
            fps=float(video.average_rate or 30),
            video_codec=video.codec_context.name,
            candidate=Candidate(candidate_id="file:bench", url=path.as_uri(), title="The minute", source="bench"),
        )


async def _ignore(done: float, note: str) -> None:
    """Progress is not asked for here."""


if __name__ == "__main__":
    asyncio.run(main())
