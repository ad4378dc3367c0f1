"""Sources that are cut off, damaged, or no video at all."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from runtime.errors import Reject
from tests.renderer.jobs import short
from tests.renderer.media import Film, blocks, clock, make, tone


def test_a_cut_off_file_gives_what_is_there_and_says_so(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mkv", Film(paint=clock, seconds=6, sound=tone(6)))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    rendered, seen = short(cut, 1.0, 6.0)
    assert 1.0 < rendered.duration < 4.0
    assert len(seen.pictures) == round(rendered.duration * 30)
    assert "shorter than ordered" in rendered.warnings[0]
    with pytest.raises(Reject, match="ends at"):
        short(cut, 5.0, 6.0)


def test_a_damaged_file_is_refused_with_the_count(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=3, sound=tone(3), width=640, height=360))
    body = bytearray(source.read_bytes())
    middle = body.index(b"mdat") + 4000
    rng = np.random.default_rng(3)
    for place in rng.integers(middle, len(body) - 4000, 300):
        body[place] ^= 0xFF
    source.write_bytes(body)
    with pytest.raises(Reject, match=r"\d+ of \d+ pictures"):
        short(source, 0.0, 3.0)


@pytest.mark.parametrize("body", [b"", b"no video at all, just words\n" * 100, bytes(range(256)) * 64])
def test_what_is_no_video_is_refused(tmp_path: Path, body: bytes) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(body)
    with pytest.raises(Reject, match="not a readable video"):
        short(source)


def test_a_playlist_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "secret.mp4", Film())
    source = tmp_path / "a.mp4"
    source.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.mp4\n#EXT-X-ENDLIST\n")
    with pytest.raises(Reject, match="not a readable video"):
        short(source)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        for block in blocks(tone(1)):
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    with pytest.raises(Reject, match="no picture"):
        short(tmp_path / "a.mp4")


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="320x180 is larger"):
        short(make(tmp_path / "a.mp4", Film()), max_pixels=320 * 180 - 1)
