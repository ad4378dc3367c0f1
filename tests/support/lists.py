"""Files that name other files or addresses, and films that they can name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.films import film_bytes
from tests.support.http import Handler, answering

__all__ = ["LISTS", "films_to_name"]

_HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{place}\n#EXT-X-ENDLIST\n"
_DASH = '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{place}</BaseURL></MPD>'
_SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
LISTS = {
    "HLS": _HLS,
    "HLS with a key": _HLS.replace("#EXTINF", '#EXT-X-KEY:METHOD=AES-128,URI="{place}"\n#EXTINF'),
    "HLS with a header": _HLS.replace("#EXTINF", '#EXT-X-MAP:URI="{place}"\n#EXTINF'),
    "a list to concatenate": "ffconcat version 1.0\nfile '{place}'\n",
    "DASH": _DASH,
    "a session description": _SDP,
}
"""By their kind, to be formatted with the `place` that they name."""


@contextmanager
def films_to_name(folder: Path) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Places of films, on a server and in the folder; and what the server was asked for, which grows."""
    asked: list[str] = []

    class Away(Handler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.tell(film_bytes("mpegts"))

    beside = folder / "beside.ts"
    beside.write_bytes(film_bytes("mpegts"))
    with answering(Away) as url:
        yield (f"{url}/a.ts", beside.as_uri(), "beside.ts", f"crypto:{beside}", f"data:,{beside}"), asked
