"""Files that name other files or addresses, under a video's name: none of our readers reads what they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from actors.downloader.adapters.opening import open_media
from actors.renderer.adapters.sound.samples import open_sound
from actors.renderer.adapters.source import open_source
from actors.transcriber.adapters.samples import blocks
from actors.vlm.adapters.opening import opened
from runtime.errors import Reject
from runtime.opening import CONTAINERS, SOUNDS, this_file_alone
from tests.support.films import film_bytes
from tests.support.lists import LISTS, films_to_name


def look(path: Path) -> None:
    """As the vlm actor opens it."""
    with opened(path):
        pass


def hear(path: Path) -> None:
    """As the transcriber opens it."""
    for _ in blocks(str(path), end=0.3):
        pass


READERS: list[Callable[[Path], object]] = [open_media, open_source, open_sound, look, hear]


@pytest.mark.parametrize("reader", READERS, ids=["downloader", "renderer", "its sound", "vlm", "transcriber"])
@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("name", ["talk.mp4", "talk.m3u8", "talk"])
def test_nothing_that_a_file_names_is_read(
    tmp_path: Path, kind: str, name: str, reader: Callable[[Path], object]
) -> None:
    path = tmp_path / name
    with films_to_name(tmp_path) as (places, asked):
        for place in places:
            path.write_text(LISTS[kind].format(place=place))
            with pytest.raises((Reject, av.FFmpegError)):
                reader(path)
    assert asked == []


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "webm", "avi", "flv", "mpegts", "mpeg", "asf", "dv"])
def test_videos_are_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "talk"
    path.write_bytes(film_bytes(kind))
    for reader in READERS:
        reader(path)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_sound_is_heard(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "talk"
    path.write_bytes(film_bytes(kind))
    hear(path)
    with av.open(str(path), options=this_file_alone((*CONTAINERS, *SOUNDS))) as container:
        assert container.streams.audio
