"""Previews: made of the file itself, whatever it is called and whatever else it names."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from gateway.telegram.preview import compress
from tests.support.films import film_bytes
from tests.support.lists import LISTS, films_to_name


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("name", ["video.mp4", "video.m3u8"])
def test_nothing_that_a_file_names_becomes_a_preview(tmp_path: Path, kind: str, name: str) -> None:
    source, target = tmp_path / name, tmp_path / "preview.mp4"
    with films_to_name(tmp_path) as (places, asked):
        for place in places:
            source.write_text(LISTS[kind].format(place=place))
            with pytest.raises(av.FFmpegError):
                compress(source, target, most=1_000_000, duration=1.0)
    assert asked == []
    assert not target.exists()


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska", "webm"])
def test_a_preview_keeps_picture_and_sound(tmp_path: Path, container: str) -> None:
    source, target = tmp_path / "video", tmp_path / "preview.mp4"
    source.write_bytes(film_bytes(container))
    size = compress(source, target, most=1_000_000, duration=0.4)
    assert size == target.stat().st_size
    with av.open(str(target)) as made:
        assert [stream.type for stream in made.streams] == ["video", "audio"]
        assert len(list(made.decode(video=0))) == 10
