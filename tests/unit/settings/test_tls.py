import asyncio
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from tests.certificates import Authority, Pair

from epione.errors import Misconfigured
from epione.tls import client_context, load_certificate


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def client(authority: Authority, pair: Pair | None = None) -> ssl.SSLContext:
    cert, key = (str(pair.cert), str(pair.key)) if pair else ("", "")
    return client_context(str(authority.ca), cert, key, "EPIONE_KAFKA")


def server(authority: Authority) -> ssl.SSLContext:
    """One that asks for a certificate of the same authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.ca))
    pair = authority.issue("server")
    load_certificate(context, str(pair.cert), str(pair.key), "EPIONE_HTTP")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def answer_of(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes:
    """Give what a client hears of a server that says "in" to whom it lets in."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"in")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0, ssl=server) as listening:
        port = listening.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        try:
            return await reader.read()
        finally:
            writer.close()


async def test_both_sides_know_each_other_by_the_authority(authority: Authority) -> None:
    assert await answer_of(server(authority), client(authority, authority.issue("a"))) == b"in"


async def test_a_server_of_another_authority_is_not_spoken_to(
    authority: Authority, tmp_path: Path
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await answer_of(server(authority), client(Authority(tmp_path / "other")))


async def test_who_shows_no_certificate_is_not_let_in(authority: Authority) -> None:
    assert await answer_of(server(authority), client(authority)) == b""


@pytest.mark.parametrize(
    ("ca", "cert", "key", "reason"),
    [
        pytest.param("none.pem", "", "", "EPIONE_KAFKA_CA: no PEM file", id="an absent authority"),
        pytest.param("a.key", "", "", "EPIONE_KAFKA_CA: no PEM file", id="a key as an authority"),
        pytest.param("ca.pem", "a.pem", "", "need each other", id="no key"),
        pytest.param("ca.pem", "", "a.key", "need each other", id="no certificate"),
        pytest.param("ca.pem", "a.pem", "b.key", "of its key", id="the key of another"),
        pytest.param("ca.pem", "none.pem", "a.key", "of its key", id="an absent certificate"),
        pytest.param("ca.pem", "a.pem", "locked.key", "without a passphrase", id="a locked key"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_variable_and_never_by_its_path(
    authority: Authority, tmp_path: Path, ca: str, cert: str, key: str, reason: str
) -> None:
    lock(authority.issue("a").key, tmp_path / "locked.key")
    authority.issue("b")
    ca, cert, key = (str(tmp_path / name) if name else "" for name in (ca, cert, key))

    with pytest.raises(Misconfigured, match=reason) as fault:
        client_context(ca, cert, key, "EPIONE_KAFKA")

    assert str(tmp_path) not in str(fault.value)


def lock(key: Path, locked: Path) -> None:
    """Write a key anew, by a passphrase."""
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"a passphrase"),
        )
    )
