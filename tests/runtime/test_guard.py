"""What a guarded client does not ask: this machine and its network, however they are written and whoever names them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runtime.addresses import is_private, is_private_host
from runtime.errors import Reject
from runtime.guard import LookUp, addresses_of, guarded
from runtime.http import bounded_client
from tests.support.http import Handler, answering
from tests.support.spellings import PRIVATE

PUBLIC = "93.184.215.14"
NAME = "clips.example"
REFUSED = (Reject, httpx.InvalidURL)


def client_for(
    *hosts: str, look_up: LookUp = addresses_of, encrypted: bool = False, **options: Any
) -> httpx.AsyncClient:
    """A client that asks `hosts` wherever they are, and gives up soon."""
    client = bounded_client(1 << 20, timeout=httpx.Timeout(5, connect=0.5), follow_redirects=True, **options)
    return guarded(client, hosts, setting="CLIPWIRE_EXAMPLE_HOSTS", encrypted=encrypted, look_up=look_up)


class Names:
    """A resolver that gives one answer after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        """See `LookUp`."""
        self.asked.append(host)
        return list(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[str]]]:
    """A port of this machine, and who connected there: "" for one that said nothing, else what it said."""
    heard: list[str] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.read(1000)).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1], heard


@pytest.mark.parametrize("host", PRIVATE)
async def test_nothing_private_is_connected_to_however_it_is_written(host: str) -> None:
    async with listening() as (port, heard), client_for() as client:
        with pytest.raises(REFUSED):
            await client.get(f"http://{host}:{port}/")
    assert heard == []


@pytest.mark.parametrize("host", [host for host in PRIVATE if host.isascii() and "@" not in host])
def test_what_is_private_is_known_by_its_spelling_alone(host: str) -> None:
    assert is_private_host(host)


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", PUBLIC, "1572395790", "[2606:2800:220:1::1]"])
def test_what_is_public_and_names_are_not_refused_by_their_spelling(host: str) -> None:
    assert not is_private_host(host)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822", "2002:5db8:d822::"])
def test_public_addresses_are_public(address: str) -> None:
    assert not is_private(address)


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["10.0.0.1"], ["::1"], ["fe80::1%eth0"], [PUBLIC, "127.0.0.1"], ["::ffff:7f00:1", PUBLIC]]
)
async def test_a_name_that_has_a_private_address_is_refused(answer: list[str]) -> None:
    async with listening() as (port, heard), client_for(look_up=Names(answer)) as client:
        with pytest.raises(Reject, match=NAME) as error:
            await client.get(f"http://{NAME}:{port}/")
    assert heard == []
    assert "CLIPWIRE_EXAMPLE_HOSTS" in error.value.advice


async def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked() -> None:
    """DNS rebinding: public when it is looked at, this machine when it is looked up again. It is looked up once."""
    names = Names([PUBLIC], ["127.0.0.1"])
    async with listening() as (port, heard), client_for(look_up=names) as client:
        with pytest.raises((httpx.ConnectError, httpx.ConnectTimeout)):
            await client.get(f"http://{NAME}:{port}/")
        assert names.asked == [NAME]
        with pytest.raises(Reject):  # the next connection is looked at anew
            await client.get(f"http://{NAME}:{port}/")
    assert heard == []


@pytest.mark.parametrize("hops", range(1, 6))
@pytest.mark.parametrize(
    "target", ["http://localhost:{port}/secret", "http://127.2:{port}/", "//[::ffff:7f00:1]:{port}/"]
)
async def test_a_redirect_to_a_private_address_is_refused_at_every_hop(hops: int, target: str) -> None:
    asked: list[str] = []
    async with listening() as (port, heard), client_for("127.0.0.1") as client:

        class Away(Handler):
            def do_GET(self) -> None:
                asked.append(self.path)
                hop = int(self.path.removeprefix("/"))
                self.tell(b"", 302, {"Location": f"/{hop + 1}" if hop < hops else target.format(port=port)})

        with answering(Away) as url, pytest.raises(Reject):
            await client.get(f"{url}/1")
    assert asked == [f"/{hop}" for hop in range(1, hops + 1)]
    assert heard == []


async def test_a_host_of_the_setting_is_asked_by_its_name_at_the_first_address_that_answers() -> None:
    async with listening() as (port, heard), client_for(NAME, look_up=Names(["127.0.0.2", "127.0.0.1"])) as client:
        assert (await client.get(f"http://{NAME}:{port}/")).text == "ok"
    assert f"Host: {NAME}:{port}" in heard[0]


async def test_a_certificate_has_to_be_that_of_the_name(tmp_path: Path) -> None:
    server, trust = certificate_of(NAME, tmp_path)
    async with (
        listening(server) as (port, heard),
        client_for(NAME, "other.example", look_up=Names(["127.0.0.1"]), verify=trust, encrypted=True) as client,
    ):
        assert (await client.get(f"https://{NAME}:{port}/")).text == "ok"
        with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
            await client.get(f"https://other.example:{port}/")
    assert len([said for said in heard if said]) == 1


async def test_without_encryption_only_hosts_of_the_setting_are_asked() -> None:
    async with listening() as (port, heard), client_for("127.0.0.1", encrypted=True) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).is_success
        with pytest.raises(Reject, match="without encryption"):
            await client.get(f"http://{PUBLIC}:{port}/")
    assert len(heard) == 1


async def test_a_proxy_is_asked_for_names_and_not_for_what_is_private_by_its_spelling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listening() as (port, heard):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        async with client_for() as client:
            assert (await client.get("http://example.com/")).text == "ok"
            with pytest.raises(Reject):
                await client.get("http://0x7f.1/")
    assert len(heard) == 1


async def test_a_name_without_an_address_cannot_be_connected_to() -> None:
    async def none(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async with client_for(look_up=none) as client:
        with pytest.raises(httpx.ConnectError, match=NAME):
            await client.get(f"http://{NAME}/")


async def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    async def silent(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with client_for(look_up=silent) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.get(f"http://{NAME}/")


def certificate_of(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem, secret)
    return server, ssl.create_default_context(cafile=str(pem))
