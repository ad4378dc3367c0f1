"""The guard in a real child process, with one address let through so that there is something to redirect from."""

from __future__ import annotations

import pytest

from actors.downloader.core import refused_address, without_secrets
from runtime.addresses import is_private
from runtime.children import run_child
from tests.downloader.web import served


async def test_a_redirect_to_an_address_that_is_not_public_is_refused() -> None:
    async with served() as public, served() as private:
        private.file("/secret", b"secret")
        public.status("/away", 302, f"Location: {private.url('/secret')}")
        public.file("/here", b"fine")
        module, door = "tests.downloader.guarded", public.url("")
        fine = await run_child(module, {"open": door, "url": public.url("/here")}, timeout_s=60)
        away = await run_child(module, {"open": door, "url": public.url("/away")}, timeout_s=60)
        assert fine["body"] == "fine"
        assert "body" not in away
        assert away["refused"][0] == "127.0.0.1"
        assert private.asked == []
        assert "may not be started" in away["program"]
        assert "datagram" in away


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
