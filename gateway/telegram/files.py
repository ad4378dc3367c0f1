"""Videos as Telegram takes them: the file itself, a compressed preview of one that is too large, or its id there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from gateway.telegram.content import VideoFile
from gateway.telegram.library import FSInputFile
from gateway.telegram.store import Store
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import ClipwireError, MediaMissing
from runtime.media import MediaStore

__all__ = ["Files"]

log = structlog.get_logger(__name__)

_COMPRESS_S = 1800.0
_PREVIEW_MB = 45


class Files:
    """Finds the file of a video. `limit`: bytes that an upload may have; `folder`: where previews are made."""

    def __init__(self, store: Store, media: MediaStore, folder: Path, *, limit: int) -> None:
        self._store = store
        self._media = media
        self._folder = folder
        self._limit = limit
        self._refused: dict[str, int] = {}
        self._making = asyncio.Lock()

    async def video(self, bot_id: int, video: VideoFile) -> FSInputFile | str | None:
        """What to send; None where there is no video that could be: then the words go alone."""
        sha = video.file.sha256
        if (known := await self._store.file(bot_id, sha)) is not None:
            return known
        level = self._refused.get(sha, 0)
        if level > 1:
            return None
        try:
            path = await self._media.local(video.file.uri)
        except MediaMissing:
            log.warning("telegram.no_video", uri=video.file.uri)
            return None
        if level or path.stat().st_size > self._limit:
            small = await self._preview(path, video)
            return FSInputFile(small, filename="preview.mp4") if small is not None else None
        return FSInputFile(path, filename="short.mp4")

    async def sent(self, video: VideoFile) -> None:
        """Telegram has it: the preview is needed no more."""
        await asyncio.to_thread(self._place(video).unlink, missing_ok=True)

    def smaller(self, video: VideoFile) -> bool:
        """It was too large: a preview from now on; whether that is anything new."""
        return self._try_less(video, 1)

    def without(self, video: VideoFile) -> bool:
        """It is refused as it is: words alone from now on; whether that is anything new."""
        return self._try_less(video, 2)

    def _try_less(self, video: VideoFile, level: int) -> bool:
        news = self._refused.get(video.file.sha256, 0) < level
        self._refused[video.file.sha256] = level
        return news

    async def _preview(self, path: Path, video: VideoFile) -> Path | None:
        """A smaller version, made once; None where it can't be made."""
        place = self._place(video)
        async with self._making:  # one at a time: it takes a whole core
            if place.exists():
                return place
            place.parent.mkdir(parents=True, exist_ok=True)
            most = min(self._limit, _PREVIEW_MB * 1_000_000)
            request = {"source": str(path), "target": str(place), "bytes": most, "duration": video.duration}
            try:
                await run_child("gateway.telegram.preview", request, timeout_s=_COMPRESS_S)
            except (ClipwireError, ChildCrashError, ChildTimeoutError) as error:
                log.warning("telegram.no_preview", uri=video.file.uri, why=str(error))
                return None
        return place

    def _place(self, video: VideoFile) -> Path:
        return self._folder / f"{video.file.sha256}.mp4"
