"""The guard in a real child process, with one address let through so that there is something to redirect from."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.downloader.core import refused_address, without_secrets
from runtime.addresses import is_private
from runtime.children import run_child
from tests.downloader.web import served
from tests.support.spellings import PRIVATE

MODULE = "tests.downloader.guarded"


@pytest.mark.parametrize("hops", [1, 2, 4])
async def test_a_redirect_to_an_address_that_is_not_public_is_refused_at_every_hop(hops: int) -> None:
    async with served() as public, served() as private:
        private.file("/secret", b"secret")
        public.file("/here", b"fine")
        for hop in range(1, hops):
            public.status(f"/{hop}", 302, f"Location: {public.url(f'/{hop + 1}')}")
        public.status(f"/{hops}", 302, f"Location: {private.url('/secret')}")
        told = await run_child(
            MODULE, {"open": public.url(""), "urls": [public.url("/here"), public.url("/1")]}, timeout_s=60
        )
        assert told["bodies"] == ["fine", None]
        assert told["refused"][0] == "127.0.0.1"
        assert public.asked == ["/here", *(f"/{hop}" for hop in range(1, hops + 1))]
        assert private.asked == []
        assert "may not be started" in told["program"]
        assert "datagram" in told


async def test_nothing_private_is_connected_to_however_it_is_written() -> None:
    async with served() as public, served() as private:
        urls = [f"http://{host}:{private.port}/" for host in PRIVATE]
        told = await run_child(MODULE, {"open": public.url(""), "urls": urls}, timeout_s=60)
        assert told["bodies"] == [None] * len(PRIVATE)
        assert private.asked == []


async def test_a_name_that_changes_its_address_is_looked_at_where_it_is_connected_to() -> None:
    async with served() as public, served() as private:
        private.file("/", b"secret")
        answers = ["93.184.215.14", "127.0.0.1", "127.0.0.1", "127.0.0.1"]
        urls = [f"http://clips.example:{private.port}/"] * 2
        request = {"open": public.url(""), "urls": urls, "names": answers}
        told = await run_child(MODULE, request, timeout_s=60)
        assert told["bodies"] == [None, None]
        assert set(told["refused"]) == {"127.0.0.1"}
        assert private.asked == []


async def test_a_playlist_of_the_web_leads_to_nothing_private_and_to_no_file(tmp_path: Path) -> None:
    async with served() as public, served() as private:
        private.file("/a.ts", b"secret")
        places = {"/web.m3u8": private.url("/a.ts"), "/file.m3u8": "file:///etc/passwd", "/key.m3u8": "a.ts"}
        for path, place in places.items():
            key = f'#EXT-X-KEY:METHOD=AES-128,URI="{private.url("/a.ts")}"\n' if "key" in path else ""
            text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{key}#EXTINF:1,\n{place}\n#EXT-X-ENDLIST\n"
            public.file(path, text.encode(), "application/vnd.apple.mpegurl")
        public.file("/a.ts", b"\x47" + b"0" * 187, "video/mp2t")
        urls = [public.url(path) for path in places]
        told = await run_child(MODULE, {"open": public.url(""), "urls": urls, "folder": str(tmp_path)}, timeout_s=60)
        assert told["bodies"] == [None] * 3
        assert private.asked == []
        assert not any(b"root:" in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "localhost", "/var/run/socket",
    ],
)  # fmt: skip
def test_what_is_not_public_is_private(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"])
def test_what_is_public_is_not_private(address: str) -> None:
    assert not is_private(address)


def test_secrets_are_taken_out_of_addresses() -> None:
    text = "GET https://ann:pw@host/a?id=1&access_token=abc&X-Amz-Signature=def failed"
    assert without_secrets(text) == "GET https://host/a?id=1&access_token=…&X-Amz-Signature=… failed"


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://host:port/", "https://", "javascript:alert(1)", "ytsearch:cats"]
)
def test_addresses_that_name_nothing_to_fetch_are_refused(url: str) -> None:
    assert refused_address(url, {"http", "https", "file"}) is not None
