"""What was found out about the sound of a clip, in the media store until its transcript is finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part
from contracts.ids import digest
from contracts.keys import clip_prefix
from contracts.media import Clip, Stretch
from runtime.errors import MediaMissing
from runtime.media import MediaStore

__all__ = ["KeptParts", "Listening", "there"]

M = TypeVar("M", bound=BaseModel)


async def there(media: MediaStore, uri: str, model: type[M]) -> M | None:
    """A document of ours, where it is there; one that another version wrote is not."""
    try:
        return await media.read(uri, model)
    except (MediaMissing, ValidationError):
        return None


class _Speech(BaseModel):
    """Where somebody speaks."""

    speech: tuple[Stretch, ...]


class Listening:
    """The folder `listening` of a clip, which may come back several times before it is done."""

    def __init__(self, media: MediaStore, clip: Clip) -> None:
        self._media = media
        self._film = clip.media.sha256
        self._folder = f"{clip_prefix(clip.clip_id)}/listening"

    async def speech(self, model: str) -> tuple[Stretch, ...] | None:
        """Where somebody speaks, as far as `model` told it."""
        kept = await there(self._media, self._speech(model), _Speech)
        return kept.speech if kept else None

    async def keep_speech(self, model: str, speech: Sequence[Stretch]) -> None:
        """So that the sound is not read for it again."""
        await self._media.write(self._speech(model), _Speech(speech=tuple(speech)))

    def parts(self, model: str) -> KeptParts:
        """What `model` heard of this film."""
        return KeptParts(self._media, f"{self._folder}/{digest(self._film, model)[:16]}")

    async def forget(self) -> None:
        """Nothing of it is needed any more."""
        for uri in await self._media.list(self._folder):
            await self._media.delete(uri)

    def _speech(self, model: str) -> str:
        return f"{self._folder}/speech-{digest(self._film, model)[:16]}.json"


class KeptParts:
    """See `Kept`: one document for each part."""

    def __init__(self, media: MediaStore, folder: str) -> None:
        self._media = media
        self._folder = folder

    async def get(self, part: Part) -> HeardPart | None:
        """See `Kept.get`."""
        return await there(self._media, self._uri(part.start, part.end), HeardPart)

    async def put(self, heard: HeardPart) -> None:
        """See `Kept.put`."""
        await self._media.write(self._uri(heard.start, heard.end), heard)

    def _uri(self, start: float, end: float) -> str:
        return f"{self._folder}/{round(start * 1000)}-{round(end * 1000)}.json"
