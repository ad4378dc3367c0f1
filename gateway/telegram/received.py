"""Videos that people send: kept like uploads of the HTTP door, in a folder named by their content."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import structlog
from aiohttp import ClientError

from gateway.telegram.library import Bot, Message
from gateway.telegram.library import exceptions as telegram
from gateway.telegram.masking import masked
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject, Unavailable

__all__ = ["File", "Received", "TooLargeError"]

log = structlog.get_logger(__name__)

_ENDINGS = {"mp4", "mov", "mkv", "webm", "m4v", "avi", "mpeg", "mpg", "ts", "3gp"}
_CLOUD_MB = 20
_LOCAL_MB = 2000
_FETCH_S = 600
_EXAMINE_S = 60.0
_MEMORY_MB = 1024


class TooLargeError(Exception):
    """More than the Bot API hands out."""

    def __init__(self, megabytes: int, limit: int) -> None:
        super().__init__(f"{megabytes} MB, at most {limit}")
        self.megabytes = megabytes
        self.limit = limit


@dataclass(frozen=True)
class File:
    """A kept video: its address, and what people call it."""

    address: str
    name: str


class Received:
    """Fetches files into `folder`. `local`: the Bot API server keeps them on this machine."""

    def __init__(self, folder: Path, *, local: bool) -> None:
        self._folder = folder
        self._local = local

    @property
    def limit_mb(self) -> int:
        """The largest file that can be taken."""
        return _LOCAL_MB if self._local else _CLOUD_MB

    async def keep(self, bot: Bot, message: Message) -> File | None:
        """The video of a message; None where it has none. Raises `TooLargeError`, `Unavailable`, and `Reject` for a
        file that is no video by its content, whatever it is called.
        """
        sent = message.video or message.animation or message.video_note or message.document
        if sent is None or not _is_video(message):
            return None
        if (sent.file_size or 0) > self.limit_mb * 1_000_000:
            raise TooLargeError(round((sent.file_size or 0) / 1_000_000), self.limit_mb)
        part = self._folder / f".{secrets.token_hex(8)}.part"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            told = await bot.get_file(sent.file_id)
            if self._local and told.file_path:
                await asyncio.to_thread(shutil.copyfile, told.file_path, part)
            else:
                await bot.download(told, part, timeout=_FETCH_S)
            await _examine(part)
            place = await asyncio.to_thread(_settle, part, self._folder, _ending(message))
        except telegram.TelegramBadRequest as error:
            if "too big" in error.message:
                raise TooLargeError(round((sent.file_size or 0) / 1_000_000), self.limit_mb) from None
            raise Unavailable(f"Telegram does not hand out the video ({masked(error)})") from None
        except (telegram.TelegramAPIError, ClientError, OSError, TimeoutError) as error:
            raise Unavailable(f"Telegram does not hand out the video ({masked(error)})") from None
        finally:
            part.unlink(missing_ok=True)
        return File(
            place.absolute().as_uri(), (message.caption or getattr(sent, "file_name", None) or "").strip()[:200]
        )


async def _examine(part: Path) -> None:
    """As an upload of the HTTP door, in a child process: nobody knows what is in it."""
    try:
        request = {"path": str(part), "memory_mb": _MEMORY_MB}
        await run_child("gateway.http.examine", request, timeout_s=_EXAMINE_S)
    except (ChildCrashError, ChildTimeoutError):
        raise Reject("it could not be examined: it may be damaged, or made to do harm") from None


def _is_video(message: Message) -> bool:
    document = message.document
    if document is None or message.video or message.animation:
        return True
    return (document.mime_type or "").startswith("video/") or _suffix(document.file_name) in _ENDINGS


def _ending(message: Message) -> str:
    sent = message.video or message.animation or message.document
    suffix = _suffix(getattr(sent, "file_name", None))
    return suffix if suffix in _ENDINGS else "mp4"


def _suffix(name: str | None) -> str:
    return (name or "").rpartition(".")[2].lower()


def _settle(part: Path, folder: Path, ending: str) -> Path:
    """Give the file its name, which follows from its content: sent twice, it is one."""
    sha = sha256()
    with part.open("rb") as file:
        while chunk := file.read(1 << 20):
            sha.update(chunk)
    place = folder / f"telegram-{sha.hexdigest()[:32]}" / f"video.{ending}"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part.replace(place)
    return place
