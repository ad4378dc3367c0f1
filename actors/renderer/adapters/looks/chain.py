"""Every look of one segment, in the order that `Look` documents."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.video.format import VideoFormat

from actors.renderer.adapters.looks import LOOKS, Filter, Instant, Look, View
from actors.renderer.adapters.planes import planes_of, tag
from actors.renderer.core.ramp import RAMP
from contracts.style import LookUse
from runtime.errors import Reject

if TYPE_CHECKING:
    from av.filter import Graph
    from av.video.frame import VideoFrame

__all__ = ["Chain"]


class Chain:
    """The looks of a segment on one canvas; pictures come in order, each once. No looks: nothing is done at all.

    `field` is the path of the list of looks. Raises `Reject` for a look that there is not.
    """

    def __init__(self, uses: Sequence[LookUse], size: tuple[int, int], fps: float, *, field: str = "looks") -> None:
        self._size, self._tick = size, 1 / Fraction(fps).limit_denominator(100_000)
        self._looks = [
            _kind(use.name, f"{field}.{number}.name")(use, size, fps)
            for number, use in enumerate(uses)
            if use.strength > 0
        ]
        self._filters = [each for look in self._looks for each in look.filters()]
        self._painters = [look for look in self._looks if type(look).paint is not Look.paint]
        self._graph: Graph | None = None  # kept here: libavfilter's contexts do not keep their graph alive

    def view(self, at: Instant) -> View:
        """The camera that all looks want together: zooms multiply, shifts add up; no border comes into view."""
        views = [look.view(at) for look in self._looks]
        zoom, x, y = 1.0, 0.0, 0.0
        for each in views:
            zoom, x, y = zoom * each.zoom, x + each.x, y + each.y
        slack = (zoom - 1) / 2
        return View(zoom, min(max(x, -slack), slack), min(max(y, -slack), slack))

    def apply(self, frame: VideoFrame, at: Instant) -> VideoFrame:
        """The picture with filters and paint, as the caller's own. `frame` (yuv420p, owned) must not be used after."""
        if self._filters:
            frame = self._filtered(frame, at)
        if self._painters:
            planes = planes_of(frame)
            for look in self._painters:
                look.paint(planes, at)
        return frame

    def _filtered(self, frame: VideoFrame, at: Instant) -> VideoFrame:
        if self._graph is None:
            self._graph = _graph(self._filters, self._size, self._tick)
        frame.pts = at.frame  # the clock of filters that change with time
        frame.time_base = self._tick
        self._graph.push(frame)
        filtered = self._graph.vpull()
        tag(filtered)
        return filtered


def _kind(name: str, field: str) -> type[Look]:
    if name not in LOOKS:
        raise Reject(
            f"There is no look {name!r}", advice=f"Looks are: {', '.join(sorted([*LOOKS, RAMP]))}", field=field
        )
    return LOOKS[name]


def _graph(filters: Sequence[Filter], size: tuple[int, int], tick: Fraction) -> Graph:
    """One line of filters of fixed size, on the caller's thread: `make_writable` copies what others still hold."""
    graph = av.filter.Graph()
    graph.threads = 1
    width, height = size
    last = graph.add_buffer(width=width, height=height, format=VideoFormat("yuv420p"), time_base=tick)
    for name, arguments in [*filters, ("format", "yuv420p")]:
        following = graph.add(name, arguments or None)
        last.link_to(following)
        last = following
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
