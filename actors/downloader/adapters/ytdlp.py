"""The child process that downloads from the web: `python -m actors.downloader.adapters.ytdlp`, started by `web.py`."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from actors.downloader.adapters.failures import failure_of
from actors.downloader.adapters.guard import Guard
from actors.downloader.adapters.offers import CaptionChoice, choose_captions, choose_formats
from actors.downloader.core import without_secrets
from actors.downloader.ports import Unreachable
from runtime.child import serve_child
from runtime.errors import ClipwireError, Reject, Retry

__all__ = ["connect_within", "work"]

_EVERY_S = 0.25
_CONNECT_S = 10.0
_TOLD = (
    "title", "description", "uploader", "channel", "creator", "timestamp", "release_timestamp", "upload_date",
    "duration",
    "view_count", "like_count", "comment_count", "language", "tags", "thumbnail", "license", "webpage_url",
    "extractor_key",
)  # fmt: skip


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """`request`: `job` is `video` or `captions`, with the settings that `web.py` sends along."""
    guard = Guard(allow_private=request["allow_private"], proxy=request["proxy"], programs=request["js_runtimes"])
    guard.install()
    connect_within(_CONNECT_S)
    job = _Job(request, progress)
    try:
        return job.video() if request["job"] == "video" else job.captions()
    except ClipwireError:
        raise
    except Exception as error:  # noqa: BLE001  # extractors raise anything; it is raised on, explained
        failure = failure_of(
            error, url=request["url"], guard=guard, downloading=job.downloading, cookies=bool(request["cookies"])
        )
        if isinstance(failure, Unreachable):  # the way back from a child knows no kinds of errors but the runtime's
            return {"unreachable": [failure.what, failure.advice]}
        raise failure from None


def connect_within(seconds: float) -> None:
    """Let every connection of this process be there within `seconds`; answers may take as long as was asked for."""
    connect = socket.socket.connect

    def patient(self: socket.socket, address: Any) -> None:
        asked = self.gettimeout()
        self.settimeout(seconds if asked is None else min(asked, seconds))
        try:
            connect(self, address)
        finally:
            self.settimeout(asked)

    # urllib3 has one time-out for both, and yt-dlp no setting for it.
    socket.socket.connect = patient  # type: ignore[method-assign,assignment]  # this process does nothing but download


class _Quiet:
    """yt-dlp's logger: what it says is kept for nobody; its failures come as exceptions."""

    def debug(self, _: str) -> None: ...
    def info(self, _: str) -> None: ...
    def warning(self, _: str) -> None: ...
    def error(self, _: str) -> None: ...


class _Job:
    def __init__(self, request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> None:
        from yt_dlp import YoutubeDL

        self.request = request
        self.downloading = False
        self._progress = progress
        self._said = 0.0
        self._files: dict[str, int] = {}
        self._folder = Path(request["folder"])
        self._ydl = YoutubeDL(self._options())

    def _options(self) -> dict[str, Any]:
        r = self.request
        return {
            "quiet": True,
            "noprogress": True,
            "logger": _Quiet(),
            "format": self._choose,
            "paths": {"home": r["folder"]},
            "outtmpl": {"default": "media.%(format_id)s.%(ext)s"},
            "restrictfilenames": True,
            "noplaylist": True,
            "playlist_items": "1:2",
            "match_filter": self._check,
            "progress_hooks": [self._hear],
            "cookiefile": r["cookies"],
            # An empty proxy means none at all: one from the environment would not be known to the guard.
            "proxy": r["proxy"] or "",
            "socket_timeout": r["stall_s"],
            "retries": 2,
            "fragment_retries": 3,
            "extractor_retries": 1,
            "skip_unavailable_fragments": False,
            "js_runtimes": {name: {} for name in r["js_runtimes"]},
            "cachedir": False,
            "fixup": "never",
            "ffmpeg_location": str(self._folder / "no-ffmpeg"),
            "postprocessors": [],
            "noplugins": True,
        }

    def video(self) -> dict[str, Any]:
        """Download; the files, what the source tells, the captions and what went wrong with those."""
        url = self.request["url"]
        info = self._ydl.extract_info(url, download=True)
        if info.get("_type") == "playlist":
            info = next((entry for entry in info.get("entries") or () if entry), {})
        files = [item["filepath"] for item in info.get("requested_downloads") or () if "filepath" in item]
        files = [file for file in files if Path(file).is_file()]
        if not files:
            raise Reject(
                f"There is nothing to download at {without_secrets(url)}",
                advice="Give the address of a video that plays in a browser",
            )
        warnings: list[str] = []
        path = files[0] if len(files) == 1 else self._together(files)
        captions = [found for choice in choose_captions(info) if (found := self._caption(choice, warnings))]
        told = {key: info[key] for key in _TOLD if info.get(key) is not None}
        if info.get("direct"):  # a plain file: the date is only that of the copy on the server
            told.pop("timestamp", None)
            told.pop("upload_date", None)
        return {"path": path, "told": _plain(told), "captions": captions, "warnings": warnings}

    def captions(self) -> dict[str, Any]:
        """Fetch one caption file."""
        return {"path": str(self._save(self.request["url"], "given"))}

    def _choose(self, context: Mapping[str, Any]) -> Iterator[Any]:
        chosen = choose_formats(context["formats"], max_height=self.request["max_height"])
        if not chosen:
            raise Reject(
                f"{without_secrets(self.request['url'])} offers no picture that can be downloaded",
                advice="It may be sound only, or protected; give the address of another video",
            )
        yield from (dict(f) for f in chosen)

    def _check(self, info: Mapping[str, Any], *, incomplete: Any = False) -> None:
        """Asked by yt-dlp before it downloads; raises to refuse."""
        url = without_secrets(self.request["url"])
        if (info.get("playlist_count") or info.get("n_entries") or 1) > 1:
            raise Reject(f"{url} is a list of videos", advice="Give the address of one of them")
        if info.get("is_live") or info.get("live_status") in {"is_live", "is_upcoming", "post_live"}:
            raise Retry(f"{url} is live", after=1800, advice="It can be downloaded when the broadcast is over")
        duration, longest = info.get("duration"), self.request["max_duration_s"]
        if duration and duration > longest:
            raise Reject(
                f"{url} is {duration:.0f} seconds long, more than the {longest:.0f} allowed",
                advice="Raise CLIPWIRE_DOWNLOADER_MAX_DURATION_S to take it",
            )
        size = info.get("filesize")
        if size and size > self.request["max_bytes"]:
            raise self._too_large(size)

    def _too_large(self, size: int) -> Reject:
        return Reject(
            f"{without_secrets(self.request['url'])} has {size} bytes; {self.request['max_bytes']} are allowed",
            advice="Raise CLIPWIRE_DOWNLOADER_MAX_BYTES to take it",
        )

    def _hear(self, status: Mapping[str, Any]) -> None:
        """yt-dlp's progress hook."""
        self.downloading = True
        done, total = (
            status.get("downloaded_bytes") or 0,
            status.get("total_bytes") or status.get("total_bytes_estimate"),
        )
        self._files[str(status.get("filename"))] = int(done)
        if (size := max(sum(self._files.values()), int(status.get("total_bytes") or 0))) > self.request["max_bytes"]:
            raise self._too_large(size)
        if status.get("status") == "downloading" and time.monotonic() - self._said >= _EVERY_S:
            self._said = time.monotonic()
            share = min(1.0, done / total) if total else None
            self._progress({"done": share, "note": f"{done / 1e6:.1f} MB", "eta_s": status.get("eta")})

    def _together(self, files: list[str]) -> str:
        from actors.downloader.adapters.remux import remux

        self._progress({"done": None, "note": "putting picture and sound together", "eta_s": None})
        return str(remux([Path(file) for file in files], self._folder))

    def _caption(self, choice: CaptionChoice, warnings: list[str]) -> dict[str, Any] | None:
        """A caption file that the source offers; that it cannot be had is no reason to do without the video."""
        try:
            if choice.data is not None:
                path = self._folder / f"captions.{choice.origin}"
                path.write_text(choice.data, encoding="utf-8")
            else:
                path = self._save(choice.url or "", choice.origin)
        except (ClipwireError, OSError) as error:
            warnings.append(
                without_secrets(f"The {choice.origin} captions ({choice.language}) could not be fetched: {error}")
            )
            return None
        return {"path": str(path), "origin": choice.origin, "language": choice.language}

    def _save(self, url: str, name: str) -> Path:
        from yt_dlp.networking import Request

        limit = self.request["max_caption_bytes"]
        with self._ydl.urlopen(Request(url)) as response:
            body = response.read(limit + 1)
        if len(body) > limit:
            raise Reject(
                f"The captions at {without_secrets(url)} are larger than {limit} bytes",
                advice="Raise CLIPWIRE_DOWNLOADER_MAX_CAPTION_BYTES if that is really a caption file",
            )
        path = self._folder / f"captions.{name}"
        path.write_bytes(body)
        return path


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Only what JSON can carry."""
    return {k: [str(v) for v in value] if isinstance(value, list | tuple) else value for k, value in told.items()}


if __name__ == "__main__":
    serve_child(work)
