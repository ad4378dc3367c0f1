"""The fetcher: local files, the web by a yt-dlp child, and an examining child, behind the port `Fetcher`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actors.downloader.adapters.local import beside, local_file, sidecar_of
from actors.downloader.core import Refusal, refused_address, without_secrets
from actors.downloader.ports import CaptionFile, Fetched, Origin, Probe, Tell, Unreachable
from actors.downloader.settings import DownloaderSettings
from contracts.media import Color
from runtime.children import ChildCrashError, ChildTimeoutError, Progressed, run_child
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["RealFetcher"]

_CRASHED_AFTER_S = 30


class RealFetcher:
    """See `Fetcher`. Everything that touches foreign bytes runs in a child process that can be killed."""

    def __init__(self, settings: DownloaderSettings) -> None:
        self._settings = settings

    async def fetch(self, url: str, folder: Path, tell: Tell) -> Fetched:
        """See `Fetcher.fetch`."""
        _check(refused_address(url, self._settings.schemes), field="url")
        if url.startswith("file:"):
            path = local_file(url, field="url", limit=self._settings.downloader_max_bytes)
            sidecar, warnings = sidecar_of(path)
            return Fetched(path, ours=False, captions=beside(path), sidecar=sidecar, warnings=warnings)
        told = await self._download("video", url, folder, tell)
        captions = tuple(CaptionFile(Path(c["path"]), c["origin"], c["language"]) for c in told["captions"])
        path = Path(told["path"])
        return Fetched(path, ours=True, captions=captions, told=told["told"], warnings=tuple(told["warnings"]))

    async def captions(self, url: str, folder: Path, origin: Origin) -> CaptionFile:
        """See `Fetcher.captions`."""
        _check(refused_address(url, self._settings.schemes), field="captions_url")
        if url.startswith("file:"):
            limit = self._settings.downloader_max_caption_bytes
            return CaptionFile(local_file(url, field="captions_url", limit=limit), origin)
        told = await self._download("captions", url, folder, _silent)
        return CaptionFile(Path(told["path"]), origin)

    async def probe(self, path: Path, name: str, tell: Tell) -> Probe:
        """See `Fetcher.probe`."""
        s = self._settings
        request = {
            "path": str(path),
            "name": name,
            "memory_mb": s.downloader_probe_memory_mb,
            "limits": {"pixels": s.downloader_max_pixels, "duration_s": s.downloader_max_duration_s},
        }
        try:
            facts = await run_child(
                "actors.downloader.adapters.examine",
                request,
                timeout_s=s.downloader_probe_timeout_s,
                progressed=_telling(tell),
            )
        except ChildTimeoutError:
            raise Reject(
                f"Examining {name} took longer than {s.downloader_probe_timeout_s:g} seconds",
                advice="The file may be damaged; CLIPWIRE_DOWNLOADER_PROBE_TIMEOUT_S gives it more time",
            ) from None
        except ChildCrashError as error:
            raise Retry(
                f"Examining {name} failed: {error.what}", after=_CRASHED_AFTER_S, advice="Try another copy of it"
            ) from None
        return _probe(facts)

    async def _download(self, job: str, url: str, folder: Path, tell: Tell) -> dict[str, Any]:
        s = self._settings
        request = {
            "job": job,
            "url": url,
            "folder": str(folder),
            "allow_private": s.allow_private_addresses,
            "proxy": s.downloader_proxy.get_secret_value() if s.downloader_proxy else None,
            "cookies": str(s.downloader_cookies_file) if s.downloader_cookies_file else None,
            "stall_s": s.downloader_stall_s,
            "max_bytes": s.downloader_max_bytes,
            "max_duration_s": s.downloader_max_duration_s,
            "max_height": s.downloader_max_height,
            "max_caption_bytes": s.downloader_max_caption_bytes,
            "js_runtimes": [name for name in s.downloader_js_runtimes.split(",") if name],
        }
        try:
            told = await run_child(
                "actors.downloader.adapters.ytdlp", request, timeout_s=s.downloader_timeout_s, progressed=_telling(tell)
            )
        except ChildTimeoutError:
            raise Unavailable(
                f"{without_secrets(url)} was not there within {s.downloader_timeout_s:g} seconds",
                advice="CLIPWIRE_DOWNLOADER_TIMEOUT_S gives it more time; or send it again later",
            ) from None
        except ChildCrashError as error:
            raise Retry(
                without_secrets(f"Downloading {url} failed: {error.what}"),
                after=_CRASHED_AFTER_S,
                advice="If it stays like this, the address cannot be downloaded",
            ) from None
        if "unreachable" in told:
            what, advice = told["unreachable"]
            raise Unreachable(what, advice=advice, field="url" if job == "video" else "captions_url")
        return told


def _check(refusal: Refusal | None, *, field: str) -> None:
    if refusal is not None:
        raise Reject(refusal.what, advice=refusal.advice, field=field)


def _probe(facts: Mapping[str, Any]) -> Probe:
    return Probe(**{**facts, "color": Color(**facts["color"]), "warnings": tuple(facts["warnings"])})


def _telling(tell: Tell) -> Progressed:
    async def progressed(message: dict[str, Any]) -> None:
        await tell(message["done"], message["note"], message["eta_s"])

    return progressed


async def _silent(done: float | None, note: str, eta_s: float | None) -> None:
    """A caption file is there before anybody could read how far it is."""
