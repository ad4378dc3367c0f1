"""Transcription services: a recording is sent in parts that each fit into one request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from actors.transcriber.adapters.asking import Asking, Service, TooLargeError
from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part, parted
from actors.transcriber.ports import CannotHear, Kept, Recording, Tell
from contracts.media import Stretch
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject, Retry
from runtime.files import own_folder, sweep_folders

__all__ = ["ServiceRecognizer"]

_PARTS = "clipwire-part-"
_APART_S = 60.0  # of silence: not sent, because it is paid for
_LONGEST_S = 600.0
_SHORTEST_S = 30.0
_BYTES_PER_S = 2 * 16000  # of samples; FLAC never needs more, but for its heads


class ServiceRecognizer:
    """See `Recognizer`. `upload_mb`: MiB of one request; `memory_mb`, `timeout_s`: of cutting a part into `scratch`."""

    def __init__(self, service: Service, *, scratch: Path, upload_mb: int, memory_mb: int, timeout_s: float) -> None:
        self._service = service
        self._scratch = scratch
        self._asking = Asking(service)
        self._longest = min(_LONGEST_S, 0.95 * upload_mb * 2**20 / _BYTES_PER_S)
        self._memory_mb = memory_mb
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """See `Recognizer.name`."""
        return self._service.name

    @property
    def model(self) -> str:
        """See `Recognizer.model`: the settings' choice, whichever of them is still offered."""
        return f"{self.name}:{'|'.join(self._service.models)}"

    async def ready(self) -> None:
        """See `Recognizer.ready`."""
        if missing := self._service.missing():
            raise missing

    async def recognize(self, recording: Recording, kept: Kept, tell: Tell) -> Sequence[HeardPart]:
        """See `Recognizer.recognize`. A part becomes smaller where the service says that it is too large."""
        await asyncio.to_thread(sweep_folders, self._scratch, _PARTS)  # what killed processes left
        left = parted(recording.speech, recording.duration, longest=self._longest, apart=_APART_S)
        whole = sum(part.end - part.start for part in left)
        began, asked = time.monotonic(), 0.0
        heard: list[HeardPart] = []
        while left:
            part, *left = left
            done = whole - sum(after.end - after.start for after in (part, *left))
            eta = (time.monotonic() - began) * (whole - done) / asked if asked else None
            await tell(max(0.0, done / whole), f"listening with {self._service.title}", eta)
            there = await kept.get(part)
            if there is None:
                try:
                    there = await self._ask(recording.media, part)
                except TooLargeError:
                    left = [*self._smaller(part, recording.speech), *left]
                    continue
                await kept.put(there)
                asked += part.end - part.start
            heard.append(there)
        return heard

    def _smaller(self, part: Part, speech: Sequence[Stretch]) -> list[Part]:
        """Parts of half the length; the same ones each time, so that those that were heard are found again."""
        if part.end - part.start <= _SHORTEST_S:
            raise CannotHear(
                f"{self._service.title} refuses even half a minute of sound as too large",
                advice=f"Check {self._service.settings}_BASE_URL and the limits of that server",
            )
        within = [
            Stretch(start=max(stretch.start, part.start), end=min(stretch.end, part.end))
            for stretch in speech
            if stretch.start < part.end and stretch.end > part.start
        ]
        halves = parted(within, part.end, longest=(part.end - part.start) / 2, apart=_APART_S)
        return [replace(half, start=max(half.start, part.start)) for half in halves]

    async def _ask(self, media: Path, part: Part) -> HeardPart:
        with own_folder(self._scratch, _PARTS, mode=0o700) as folder:
            sound = folder / "part.flac"
            await self._cut(media, part, sound)
            return await self._asking.hear(sound, part)

    async def _cut(self, media: Path, part: Part, to: Path) -> None:
        request = {"path": str(media), "start": part.start, "end": part.end, "to": str(to)}
        try:
            await run_child(
                "actors.transcriber.adapters.cutting",
                {**request, "memory_mb": self._memory_mb},
                timeout_s=self._timeout_s,
            )
        except ChildTimeoutError:
            raise Reject(
                f"Reading the sound of {media.name} took longer than {self._timeout_s:g} seconds",
                advice="Give the video as MP4 or MKV, or a larger CLIPWIRE_TRANSCRIBER_SOUND_TIMEOUT_S",
            ) from None
        except ChildCrashError as error:
            raise Retry(f"Reading the sound of {media.name} failed: {error.what}", after=60) from None
