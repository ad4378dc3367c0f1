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
from tests.support.http import Handler, answering


def look(path: Path) -> None:
    """As the vlm actor opens it."""
    with opened(path):
        pass


def hear(path: Path) -> None:
    """As the transcriber opens it."""
    for _ in blocks(str(path), end=0.3):
        pass


READERS: list[Callable[[Path], object]] = [open_media, open_source, open_sound, look, hear]
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{place}\n#EXT-X-ENDLIST\n"
DASH = '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{place}</BaseURL></MPD>'
SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
LISTS = {
    "HLS": HLS,
    "HLS with a key": HLS.replace("#EXTINF", '#EXT-X-KEY:METHOD=AES-128,URI="{place}"\n#EXTINF'),
    "HLS with a header": HLS.replace("#EXTINF", '#EXT-X-MAP:URI="{place}"\n#EXTINF'),
    "a list to concatenate": "ffconcat version 1.0\nfile '{place}'\n",
    "DASH": DASH,
    "a session description": SDP,
}


@pytest.mark.parametrize("reader", READERS, ids=["downloader", "renderer", "its sound", "vlm", "transcriber"])
@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("name", ["talk.mp4", "talk.m3u8", "talk"])
def test_nothing_that_a_file_names_is_read(
    tmp_path: Path, kind: str, name: str, reader: Callable[[Path], object]
) -> None:
    asked: list[str] = []

    class Away(Handler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.tell(film_bytes("mpegts"))

    beside = tmp_path / "beside.ts"
    beside.write_bytes(film_bytes("mpegts"))
    path = tmp_path / name
    with answering(Away) as url:
        for place in (f"{url}/a.ts", beside.as_uri(), "beside.ts", f"crypto:{beside}", f"data:,{beside}"):
            path.write_text(LISTS[kind].format(place=place) if "{place}" in LISTS[kind] else LISTS[kind])
            with pytest.raises((Reject, av.FFmpegError)):
                reader(path)
    assert asked == []


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "webm", "avi", "flv", "mpegts", "mpeg", "asf"])
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
