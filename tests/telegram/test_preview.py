"""Previews: made of the file itself, whatever it is called and whatever else it names."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from gateway.telegram.preview import compress
from tests.runtime.test_opening import LISTS
from tests.support.films import film_bytes
from tests.support.http import Handler, answering


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("name", ["video.mp4", "video.m3u8"])
def test_nothing_that_a_file_names_becomes_a_preview(tmp_path: Path, kind: str, name: str) -> None:
    asked: list[str] = []

    class Away(Handler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.tell(film_bytes("mpegts"))

    beside = tmp_path / "beside.ts"
    beside.write_bytes(film_bytes("mpegts"))
    source, target = tmp_path / name, tmp_path / "preview.mp4"
    with answering(Away) as url:
        for place in (f"{url}/a.ts", beside.as_uri(), "beside.ts"):
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
