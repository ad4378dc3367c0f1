"""What is taken as a video and what is not, by its bytes alone; nothing of what is refused stays on the disk."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.subjects import CANDIDATE_APPROVED
from gateway.http.containers import container_of
from runtime.bus import Bus
from tests.support.films import film_bytes
from tests.support.http import Handler, answering
from tests.support.running import stored

NOISE = random.Random(7)  # the same in every run: by chance noise may be a stream, if one that shows nothing
FILM = film_bytes()
FAST = film_bytes(options=(("movflags", "frag_keyframe+empty_moov"),))
CONTAINERS = [
    "mp4",
    "mov",
    "matroska",
    "webm",
    "avi",
    "flv",
    "mpegts",
    "mpeg",
    "asf",
    "ogg",
    "wav",
    "flac",
    "mp3",
    "adts",
]


def archive(name: str = "a.txt") -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, "text" * 50)
    return file.getvalue()


def picture(kind: str) -> bytes:
    """One picture."""
    file = io.BytesIO()
    with av.open(file, "w", format="image2pipe") as out:
        stream: Any = out.add_stream(kind, width=64, height=48)
        stream.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24"}[kind]
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), dtype=np.uint8), format="rgb24")
        out.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        out.mux(stream.encode(None))
    return file.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    """One box of an MP4."""
    return struct.pack(">I4s", len(body) + 8, kind) + body


HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
REFUSED = {
    "nothing": b"",
    "one byte": b"x",
    "zeros": bytes(50_000),
    "noise": NOISE.randbytes(50_000),
    "text": b"Dear all, " * 100,
    "text in UTF-16": "Dear all, ".encode("utf-16") * 100,
    "HTML": b"<!doctype html><script>alert(1)</script>" * 50,
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "XML": b'<?xml version="1.0"?><MPD></MPD>',
    "a playlist": HLS,
    "a list to concatenate": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "PHP": b"<?php system($_GET['c']); ?>",
    "PDF": b"%PDF-1.7\n" + b"1 0 obj\n" * 100,
    "a ZIP archive": archive(),
    "gzip": gzip.compress(FILM),
    "a program": b"\x7fELF\x02\x01\x01" + bytes(1000),
    "a Windows program": b"MZ\x90\x00" + bytes(1000),
    "JPEG": picture("mjpeg"),
    "PNG": picture("png"),
    "GIF": b"GIF89a" + bytes(1000),
    "WebP": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(1000),
    "HEIC": box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(1000),
    "AVIF": box(b"ftyp", b"avif\0\0\0\0avifmif1") + bytes(1000),
    "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\nHello\n",
    "half an MP4": FILM[: len(FILM) // 2],
    "an MP4 without its last byte": FILM[:-1],
    "half an MP4 that begins with its index": FAST[: len(FAST) // 2],
    "the beginning of an MP4": FILM[:32],
    "an MP4 without its index": box(b"ftyp", b"isom\0\0\0\0isom") + box(b"mdat", NOISE.randbytes(5000)),
    "half a Matroska file": film_bytes("matroska")[:3000],
    "half an AVI": film_bytes("avi")[:9000],
    "half a WAV": film_bytes("wav")[:9000],
    "boxes that never end": box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", b"") * 9 + struct.pack(">I4s", 7, b"a"),
    "a box larger than the world": struct.pack(">I4sQ", 1, b"mdat", 2**63),
    "a transport stream of noise": b"".join(b"\x47" + NOISE.randbytes(187) for _ in range(100)),
    "Ogg of noise": b"OggS" + NOISE.randbytes(5000),
    "MP3 of noise": b"\xff\xfb\x90\x00" + NOISE.randbytes(5000),
    "FLV of noise": b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00" + NOISE.randbytes(5000),
    # polyglots
    "HTML before an MP4": b"<html><!--" + FILM,
    "a ZIP archive before an MP4": archive() + FILM,
    "an MP4 before a ZIP archive": FILM + archive(),
    "a WebM before a JAR": film_bytes("webm") + archive("META-INF/MANIFEST.MF"),
    "an MP4 with HTML in its first box": box(b"free", b"<html><script>alert(1)</script></html>") + FILM,
    "an MP4 with PHP in its first box": box(b"skip", b"<?php system($_GET['c']); ?>") + FILM,
    "an MP4 with a PDF in its first box": box(b"free", b"%PDF-1.7\n") + FILM,
    "a playlist after the beginning of an MP4": box(b"ftyp", b"isom\0\0\0\0isom") + HLS,
    "a JPEG before an MP4": picture("mjpeg") + FILM,
}  # fmt: skip


def _on_the_disk(home: Path) -> list[Path]:
    uploads = home / "uploads"
    return sorted(uploads.iterdir()) if uploads.exists() else []


@pytest.mark.parametrize("kind", CONTAINERS)
async def test_every_container_is_taken_whatever_it_is_called(client: httpx.AsyncClient, kind: str) -> None:
    files = {"video": ("page.html", film_bytes(kind), "text/html")}
    answer = await client.post("/clips", files=files)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_whole_video_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, bus: Bus, tmp_path: Path, name: str
) -> None:
    answer = await client.post("/clips", files={"video": ("holiday.mp4", REFUSED[name], "video/mp4")})
    assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json"), answer.text
    problem = answer.json()
    assert problem["field"] == "video"
    assert problem["detail"].startswith("video: ")
    assert problem["advice"]
    assert _on_the_disk(tmp_path / "home") == []
    assert await stored(bus, CANDIDATE_APPROVED.name) == []


async def test_a_playlist_under_a_videos_name_reads_nothing(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """Neither the web nor this machine's files, whatever it is dressed up as."""
    asked: list[str] = []

    class Away(Handler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.tell(film_bytes("mpegts"))

    secret = tmp_path / "secret.ts"
    secret.write_bytes(film_bytes("mpegts"))
    with answering(Away) as url:
        for place in (f"{url}/a.ts", secret.as_uri(), str(secret)):
            hls = HLS.replace(b"file:///etc/passwd", place.encode())
            for body in (hls, f"ffconcat version 1.0\nfile '{place}'\n".encode(), b"\xef\xbb\xbf" + hls, b"\n\n" + hls):
                answer = await client.post("/clips", files={"video": ("a.mp4", body, "video/mp4")})
                assert answer.status_code == 415
    assert asked == []


@pytest.mark.parametrize(
    "captions",
    [
        b"",
        b"x",
        bytes(100),
        b"<html>--></html>",
        archive(),
        FILM,
        NOISE.randbytes(1000),
        b'{"a": 1}',
        "ünïcode".encode("utf-16"),
    ],
)
async def test_captions_are_text_with_times(client: httpx.AsyncClient, tmp_path: Path, captions: bytes) -> None:
    files = {"video": ("a.mp4", FILM), "captions": ("a.srt", captions)}
    answer = await client.post("/clips", files=files)
    assert (answer.status_code, answer.json()["field"]) == (415, "captions"), answer.text
    assert _on_the_disk(tmp_path / "home") == []


SRT = "1\r\n00:00:00,000 --> 00:00:01,000\r\nÜber\r\n"


@pytest.mark.parametrize(
    "captions",
    [
        SRT.encode(), SRT.encode("utf-8-sig"), SRT.encode("utf-16"), SRT.encode("cp1252"),
        b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n", b'{"wireMagic": "pb3", "events": [{"tStartMs": 0}]}',
    ],
)  # fmt: skip
async def test_captions_of_every_kind_and_encoding_are_taken(client: httpx.AsyncClient, captions: bytes) -> None:
    files = {"video": ("a.mp4", FILM), "captions": ("a.srt", captions)}
    assert (await client.post("/clips", files=files)).status_code == 202


@given(st.binary(max_size=6000))
def test_any_beginning_is_a_container_or_none(head: bytes) -> None:
    container_of(head)
