"""The analysis of a clip as a ratio of real time, and its cuts alone against PySceneDetect's ContentDetector."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from actors.vlm.adapters.local import LocalAnalyzer
from actors.vlm.settings import VlmSettings
from bench.cut_footage import Footage, talks
from bench.render_inputs import CACHE, ffmpeg, minute, repeated, served
from contracts.media import Candidate, Clip, MediaRef

ROUNDS = int(os.environ.get("CLIPWIRE_BENCH_ROUNDS", "3"))
TALKS = int(os.environ.get("CLIPWIRE_BENCH_TALKS", "12"))
MATCH = 0.1
"""Seconds between a cut and what was found of it."""
LONG = 3
"""Minutes that a source lasts which four moments are promised of."""
AIM = 10.0
"""Times real time that the whole analysis is to be."""

Finder = Callable[[Path], list[float]]


@dataclass(frozen=True)
class Cost:
    """Seconds of one run: wall, and processor of this process and its children."""

    wall: float
    cpu: float


async def main() -> dict[str, float]:
    """Run both on both minutes, the whole on LONG of one of them too, print the figures, return them."""
    known = talks(CACHE, TALKS)
    figures: dict[str, float] = {}
    for name, (source, made_of) in {"served": served(), "noisy": minute()}.items():
        rate = source.stat().st_size * 8 / 1e6 / 60
        print(f"\n{name} minute: {made_of}, {rate:.1f} Mbit/s; {ROUNDS} rounds; wall s, processor s")
        whole = await _whole(source)
        alone = await asyncio.to_thread(_alone, source)
        figures |= {f"{name}_{key}": value for key, value in {**whole, **alone}.items()}
    print(f"\n{LONG} served minutes in one file")
    figures |= {f"long_{key}": value for key, value in (await _whole(repeated(served()[0], LONG))).items()}
    return {**figures, **await asyncio.to_thread(_found, known)}


async def _whole(source: Path) -> dict[str, float]:
    """The child process as the actor starts it, from start to exit: pictures, people, sound."""
    clip = _clip_of(source)
    costs, bare = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), _processor()
        await LocalAnalyzer(VlmSettings()).look(source, clip, _ignore)
        costs.append(Cost(time.perf_counter() - began, _processor() - used))
        bare.append(await asyncio.to_thread(_decoded, source))
    ratio = clip.duration / median(cost.wall for cost in costs)
    spread = sorted(clip.duration / cost.wall for cost in costs)
    told = f"{ratio:.1f} times real time ({spread[0]:.1f} to {spread[-1]:.1f}), aim {AIM:g}"
    print(f"  whole analysis {_line(costs)}   {told}")
    share = median(a.wall / b.wall for a, b in zip(costs, bare, strict=True))
    print(f"  bare decoding  {_line(bare)}   the analysis takes {share:.2f} times as long")
    return {"ratio": ratio, "processor": median(cost.cpu for cost in costs), "to_bare_decoding": share}


def _decoded(source: Path) -> Cost:
    """FFmpeg decodes every picture in two threads, and does nothing with them."""
    began, used = time.perf_counter(), _processor()
    command = [ffmpeg(), "-v", "error", "-threads", "2", "-i", str(source), "-map", "0:v", "-f", "null", "-"]
    subprocess.run(command, check=True)
    return Cost(time.perf_counter() - began, _processor() - used)


def _alone(source: Path) -> dict[str, float]:
    """What both detectors take to find the cuts of a minute, one after the other."""
    costs: dict[str, list[Cost]] = {name: [] for name in FINDERS}
    for _ in range(ROUNDS):
        for name, find in FINDERS.items():
            began, used = time.perf_counter(), _processor()
            find(source)
            costs[name].append(Cost(time.perf_counter() - began, _processor() - used))
    faster = median(b.wall / a.wall for a, b in zip(costs["ours"], costs["PySceneDetect"], strict=True))
    for name in FINDERS:
        print(f"  cuts, {name:13} {_line(costs[name])}")
    print(f"  ours are found {faster:.2f} times as fast")
    return {"cuts_faster": faster}


def _found(known: Sequence[Footage]) -> dict[str, float]:
    """What both detectors find in talks with known cuts."""
    count = sum(len(talk.cuts) for talk in known)
    print(f"\n{count} known cuts of {len(known)} talks: precision, recall, F1")
    figures = {}
    for name, find in FINDERS.items():
        precision, recall, f1 = score([(talk, find(talk.path)) for talk in known])
        print(f"  {name:14} {precision:.3f} {recall:.3f} {f1:.3f}")
        figures[f"{name}_f1"] = f1
    return figures


def ours(path: Path) -> list[float]:
    """The cuts by the actor's own eye, with nothing else to look for."""
    import cv2

    from actors.vlm.adapters.pictures.cuts import CutFinder
    from actors.vlm.adapters.pictures.eye import watch

    cv2.setNumThreads(1)
    cuts = CutFinder()
    watch(path, (cuts,), threads=VlmSettings().vlm_threads, every_frame=False, progress=lambda t: None)
    return cuts.finish()


def pyscenedetect(path: Path) -> list[float]:
    """The cuts by PySceneDetect's `detect` with its ContentDetector, as its manual has it."""
    import cv2
    from scenedetect import ContentDetector, detect

    cv2.setNumThreads(0)
    scenes = detect(str(path), ContentDetector())
    return [float(start.get_seconds()) for start, _ in scenes[1:]]


FINDERS: dict[str, Finder] = {"ours": ours, "PySceneDetect": pyscenedetect}


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
