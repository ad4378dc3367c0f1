"""Sites that serve picture and sound apart, or in pieces; neither needs an ffmpeg program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.adapters.remux import remux
from actors.downloader.settings import DownloaderSettings
from contracts.events import CandidateApproved
from contracts.subjects import CANDIDATE_APPROVED, CLIP_DOWNLOADED
from tests.downloader.conftest import Make
from tests.downloader.films import film
from tests.downloader.web import served
from tests.support.work import deliver


async def silent(done: float | None, note: str, eta_s: float | None) -> None:
    """Nobody reads the progress here."""


def only(kind: str, source: Path, target: Path) -> Path:
    """One stream of a film, in a file of its own."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as out:
        stream: Any = getattr(whole.streams, kind)[0]
        copy = out.add_stream_from_template(stream)
        for packet in whole.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    return target


async def test_picture_and_sound_are_put_together_without_encoding(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole_film.mp4", seconds=3)
    parts = [only("audio", whole, tmp_path / "s.m4a"), only("video", whole, tmp_path / "v.mp4")]
    path = remux(parts, tmp_path)
    found = await RealFetcher(DownloaderSettings()).probe(path, "x", silent)
    assert (path.suffix, found.video_codec, found.audio_codec, found.warnings) == (".mp4", "h264", "aac", ())
    assert abs(found.duration - 3) < 0.1
    assert found.loudness is not None


async def test_a_film_in_pieces_is_put_together(downloader: Make, tmp_path: Path) -> None:
    async with served() as site:
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:3"]
        piece = film(tmp_path / "piece.ts", seconds=3).read_bytes()
        site.file("/0.ts", piece, "video/mp2t")
        lines += ["#EXTINF:3.0,", site.url("/0.ts"), "#EXT-X-ENDLIST", ""]
        url = site.file("/film.m3u8", "\n".join(lines).encode(), "application/vnd.apple.mpegurl")
        work = await deliver(downloader(), CANDIDATE_APPROVED, CandidateApproved(url=url))
    [downloaded] = work.of(CLIP_DOWNLOADED)
    clip = downloaded.clip
    assert (clip.media.uri[-3:], clip.video_codec, clip.audio_codec) == (".ts", "h264", "aac")
    assert abs(clip.duration - 3) < 0.2
