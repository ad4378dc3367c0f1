"""Settings of the downloader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, FilePath, SecretStr

from contracts.media import MOST_PIXELS
from runtime.settings import Settings

__all__ = ["DownloaderSettings"]


class DownloaderSettings(Settings):
    """What may be downloaded, from where, and for how long it may take."""

    downloader_slots: Annotated[
        int, Field(ge=1, le=32, description="videos that one downloader process fetches at a time")
    ] = 2
    downloader_schemes: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9+.-]+(,[a-z0-9+.-]+)*$",
            description="address schemes that are fetched: of http, https, file",
        ),
    ] = "http,https,file"
    allow_private_addresses: Annotated[
        bool,
        Field(description="fetch from this machine and its network, too; leave it off where strangers give addresses"),
    ] = False
    downloader_timeout_s: Annotated[float, Field(gt=0, description="seconds that one download may take in all")] = (
        3600.0
    )
    downloader_stall_s: Annotated[
        float, Field(gt=0, description="seconds without a byte after which a download is given up")
    ] = 30.0
    downloader_probe_timeout_s: Annotated[
        float, Field(gt=0, description="seconds that examining one file may take")
    ] = 900.0
    downloader_probe_memory_mb: Annotated[
        int, Field(ge=256, description="memory in MB that examining one file may take (Linux, macOS)")
    ] = 2048
    downloader_max_bytes: Annotated[int, Field(gt=0, description="size in bytes above which a video is refused")] = (
        20 * 2**30
    )
    downloader_max_duration_s: Annotated[float, Field(gt=0, description="seconds above which a video is refused")] = (
        6 * 3600.0
    )
    downloader_max_pixels: Annotated[
        int, Field(gt=0, description="pixels of one picture above which a video is refused")
    ] = MOST_PIXELS
    downloader_max_height: Annotated[
        int,
        Field(
            ge=144, description="of several qualities the best up to this height in pixels is taken (of the short side)"
        ),
    ] = 1080
    downloader_max_caption_bytes: Annotated[
        int, Field(gt=0, description="size in bytes above which a caption file is refused")
    ] = 20 * 2**20
    downloader_cookies_file: Annotated[
        FilePath | None, Field(description="cookies in Netscape format, for sources that want a signed-in viewer")
    ] = None
    downloader_proxy: Annotated[
        SecretStr | None,
        Field(description="http, https or socks5 proxy for downloads; it decides itself which addresses it reaches"),
    ] = None
    downloader_js_runtimes: Annotated[
        str, Field(description="JavaScript programs that YouTube may be unscrambled with, if they are installed")
    ] = "deno,node,bun,quickjs"
    downloader_scratch: Annotated[
        Path | None,
        Field(description="folder for downloads under way, best on the media disk; unset: `scratch` in CLIPWIRE_HOME"),
    ] = None

    @property
    def schemes(self) -> frozenset[str]:
        """`downloader_schemes` as a set."""
        return frozenset(self.downloader_schemes.split(","))
