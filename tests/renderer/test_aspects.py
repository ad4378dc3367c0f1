"""The shape of a source, as captions need it to keep clear of what is on its picture."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from actors.renderer.adapters.captions.aspects import aspects_of
from contracts.timeline import Area, Segment, Timeline
from tests.renderer.media import Film, make, rotate


@pytest.mark.parametrize(("degrees", "aspect"), [(0, 16 / 9), (90, 9 / 16)])
def test_a_source_has_the_shape_in_which_it_is_seen(tmp_path: Path, degrees: int, aspect: float) -> None:
    film = make(tmp_path / "a.mp4", Film(seconds=0.2))
    source = str(rotate(film, degrees) if degrees else film)
    area = Area(start=0, end=0.2, x=0, y=0, width=0.5, height=0.5, kind="face")
    timeline = Timeline(segments=(Segment(source=source, end=0.2, areas=(area,)),))
    assert aspects_of(timeline) == {source: pytest.approx(aspect)}


def test_a_recording_that_begins_broken_has_a_shape_all_the_same(tmp_path: Path) -> None:
    film = make(tmp_path / "whole.mkv", Film(seconds=2, options={"preset": "ultrafast", "g": "10"}))
    with av.open(str(film)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    body = bytearray(film.read_bytes())
    for packet in packets[:6]:
        place = body.find(packet)
        body[place : place + len(packet)] = bytes(255 - value for value in packet)
    source = tmp_path / "a.mkv"
    source.write_bytes(body)
    area = Area(start=0, end=0.2, x=0, y=0, width=0.5, height=0.5, kind="face")
    timeline = Timeline(segments=(Segment(source=str(source), end=1, areas=(area,)),))
    assert aspects_of(timeline) == {str(source): pytest.approx(16 / 9)}
