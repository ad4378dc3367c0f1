"""Writes the gallery page, from the tables and the golden pictures: `python -m tools.gallery`.

`python -m tools.gallery --measure` first measures what each look and transition costs, for the page to tell.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.looks import LOOKS, Instant
from actors.renderer.adapters.looks.chain import Chain
from actors.renderer.adapters.planes import planes_of
from actors.renderer.adapters.transitions import TRANSITIONS
from contracts.style import LookUse

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["measured", "page"]

ROOT = Path(__file__).resolve().parents[1]
GALLERY = "docs/gallery"
COSTS = "costs.json"
SIZE = (1080, 1920)
PICTURES, ROUNDS = 15, 3
WIDTH = 150
"""Of a picture on the page, in pixels."""
_HEAD = """# Gallery

<!-- generated from the tables of the renderer and the pictures beside this page: make references -->

Every picture here is a golden one: a test renders it anew and compares it, so the page shows what the code does. Looks
are shown at their usual strength of 0.5. Costs are milliseconds of processor time for a picture of 1080x1920.
"""
_LOOKS = """## Looks

A segment has any of them together: `"looks": [{"name": "film"}, {"name": "slow_zoom", "strength": 0.3}]`. Those with
beats act on emphasised words, or every so many seconds with `"every": 3`. Where no cost is told, the camera does it,
which scales every picture anyway. `speed_ramp` is one more: the segment slows down towards its middle and speeds up
again, with its sound.
"""
_TRANSITIONS = """## Transitions

`"transition": {"name": "whip", "seconds": 0.3}` is how a segment follows the one before. Without one they are
cut together.
"""
_STYLES = "## Caption styles\n"
_SCRIPTS = "## Scripts\n\nCaptions in the writing systems of the world.\n"


def page(root: Path = ROOT) -> str:
    """The page: every look, transition and caption style with its pictures, its words and what it costs."""
    folder = root / GALLERY
    costs = json.loads((folder / COSTS).read_text(encoding="utf-8")) if (folder / COSTS).exists() else {}
    looks = ((name, look.says) for name, look in LOOKS.items())
    changes = ((name, _says(mix)) for name, mix in TRANSITIONS.items())
    parts = [_HEAD, _LOOKS, _original(folder), *_table(folder, "looks", looks, costs)]
    parts += ["", _TRANSITIONS, *_table(folder, "transitions", changes, costs)]
    styles = ((name, style.says) for name, style in STYLES.items())
    parts += ["", _STYLES, *_table(folder, "captions", styles, {})]
    for kind in ("captions", "scripts"):
        others = [path.stem for path in _pictures(folder / kind, "*") if path.stem.partition("-")[0] not in STYLES]
        if others:
            parts += ["", _SCRIPTS, *_table(folder, kind, [(name, name.replace("_", " ")) for name in others], {})]
    return "\n".join(parts) + "\n"


def measured() -> dict[str, dict[str, float]]:
    """Milliseconds of processor time for a picture: the best of three rounds for each, and their median."""
    looks = {name: _best(partial(_look_times, name)) for name in LOOKS}
    changes = {name: _best(partial(_mix_times, mix)) for name, mix in TRANSITIONS.items()}
    return {"looks": looks, "transitions": changes}


def main() -> None:
    """See the module's docstring."""
    folder = ROOT / GALLERY
    if "--measure" in sys.argv[1:]:
        costs = measured()
        (folder / COSTS).write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")
        for name, cost in [item for group in costs.values() for item in group.items()]:
            print(f"{name:<14}{cost:6.2f} ms")
    (folder / "README.md").write_text(page(), encoding="utf-8")


def _says(mix: Callable[..., None]) -> str:
    first = (mix.__doc__ or "").partition("\n")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _original(folder: Path) -> str:
    return f'<img src="looks/original.jpg" width="{WIDTH}" alt="the picture itself"> the picture itself\n'


def _table(
    folder: Path, kind: str, rows: Iterable[tuple[str, str]], costs: dict[str, dict[str, float]]
) -> Iterator[str]:
    own = costs.get(kind)
    yield "| picture | name | what it looks like |" + (" ms |" if own else "")
    yield "| --- | --- | --- |" + (" --- |" if own else "")
    for name, says in rows:
        pictures = " ".join(
            f'<img src="{kind}/{path.name}" width="{WIDTH}" alt="{name}">'
            for path in [*_pictures(folder / kind, name), *_pictures(folder / kind, f"{name}-*")]
        )
        cost = own.get(name, 0.0) if own else 0.0
        yield f"| {pictures} | `{name}` | {says} |" + (f" {cost:.1f} |" if cost >= 0.1 else " |" if own else "")


def _pictures(folder: Path, name: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"{name}.*") if path.suffix in {".jpg", ".png"})


def _best(times: Callable[[], list[float]]) -> float:
    best = [min(each) for each in zip(*(times() for _ in range(ROUNDS)), strict=True)]
    return float(round(1000 * statistics.median(best), 2))


def _look_times(name: str) -> list[float]:
    chain = Chain((LookUse(name=name),), SIZE, 60)
    times = []
    for number in range(PICTURES + 1):
        at, frame = Instant(frame=number, time=number / 60, duration=2, fps=60, beats=(0.0,)), _frame()
        began = time.thread_time()
        chain.view(at)
        chain.apply(frame, at)
        times.append(time.thread_time() - began)
    return times[1:]


def _mix_times(mix: Callable[..., None]) -> list[float]:
    times = []
    for number in range(PICTURES):
        before, after = planes_of(_frame()), planes_of(_frame())
        began = time.thread_time()
        mix(before, after, (number + 1) / (PICTURES + 1))
        times.append(time.thread_time() - began)
    return times


def _frame() -> VideoFrame:
    """A gradient with some noise: what is measured hardly depends on it."""
    import numpy as np
    from av.video.frame import VideoFrame

    dice = np.random.default_rng(1)
    frame = VideoFrame(*SIZE, "yuv420p")
    for plane in planes_of(frame):
        rows, columns = plane.shape
        ramp: Any = np.linspace(40, 210, rows)[:, None]
        plane[:] = (ramp + dice.normal(0, 4, (rows, columns))).clip(16, 235)
    return frame


if __name__ == "__main__":
    main()
