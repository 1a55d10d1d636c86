import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path, PurePosixPath

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from epione.errors import EpioneError, GenomeStoreDown, RefusedGenome
from epione.genomes import Allowed, GenomeReference, opened_genome, sealed_reference
from epione.identity import keys_of
from epione.timeline import SourceVersion
from epione.wire import GenomeSample

KEYS = keys_of("a secret of the tests, long enough")
VCF = b"##fileformat=VCFv4.2\n#CHROM\tPOS\n"
INLINE = GenomeSample(
    tenant="north",
    patient="p1",
    delivery_id="hospital.genome.v1/0/0/0",
    entity_id="e1",
    version=SourceVersion(1),
    recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
    sha256=hashlib.sha256(VCF).hexdigest(),
    size=len(VCF),
    inline=VCF,
)


def at(uri: str) -> GenomeSample:
    sealed = sealed_reference(KEYS, "north", "p1", GenomeReference(uri, "S1"))
    return replace(INLINE, inline=b"", sealed_uri=sealed)


def read(sample: GenomeSample, allowed: Allowed) -> tuple[bytes, str | None]:
    with opened_genome(sample, KEYS, allowed) as genome:
        return genome.file.read(), genome.column_name


def below(root: Path) -> Allowed:
    return Allowed(roots=(PurePosixPath(root),))


def test_an_inline_genome_is_read_by_its_column() -> None:
    assert read(INLINE, Allowed()) == (VCF, None)


def test_a_file_below_a_root_is_read_by_its_column_s_name(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "a.vcf").write_bytes(VCF)

    assert read(at(f"file://{tmp_path}/2026/a.vcf"), below(tmp_path)) == (VCF, "S1")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"size": len(VCF) - 1}, "longer", id="longer than announced"),
        pytest.param({"size": len(VCF) + 1}, "bytes", id="shorter than announced"),
        pytest.param({"sha256": "0" * 64}, "SHA-256", id="another content"),
    ],
)
def test_a_genome_that_is_not_what_was_announced_is_refused(
    tmp_path: Path, changes: dict[str, int | str], reason: str
) -> None:
    (tmp_path / "a.vcf").write_bytes(VCF)
    sample = replace(at(f"file://{tmp_path}/a.vcf"), **changes)  # type: ignore[arg-type]

    with pytest.raises(RefusedGenome, match=reason):
        read(sample, below(tmp_path))


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside.vcf").write_bytes(VCF)
    (tmp_path / "root" / "a.vcf").symlink_to(tmp_path / "outside.vcf")

    with pytest.raises(RefusedGenome):
        read(at(f"file://{tmp_path}/root/a.vcf"), below(tmp_path / "root"))


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.vcf").write_bytes(VCF)
    (tmp_path / "root" / "in").symlink_to(tmp_path / "outside")

    with pytest.raises(RefusedGenome):
        read(at(f"file://{tmp_path}/root/in/a.vcf"), below(tmp_path / "root"))


@pytest.mark.parametrize("name", ["absent.vcf", "folder"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(RefusedGenome):
        read(at(f"file://{tmp_path}/{name}"), below(tmp_path))


def test_an_absent_root_is_the_world_s_fault(tmp_path: Path) -> None:
    absent = tmp_path / "absent"

    with pytest.raises(GenomeStoreDown):
        read(at(f"file://{absent}/a.vcf"), below(absent))


class Genomes(BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_GET(self) -> None:
        status = int(self.path.removeprefix("/"))
        self.send_response(status)
        self.send_header("Location", "/200")
        self.send_header("Content-Length", str(len(VCF)))
        self.end_headers()
        self.wfile.write(VCF)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An HTTPS server on this machine, trusted by the environment: its host with its port."""
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with served(certificate) as server:
        yield f"127.0.0.1:{server.server_port}"


@contextmanager
def served(certificate: Path) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Genomes) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "genomes")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_genome_is_fetched_from_a_listed_host(store: str) -> None:
    assert read(at(f"https://{store}/200"), Allowed(hosts=frozenset({store}))) == (VCF, "S1")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(302, RefusedGenome, id="a redirect is not followed"),
        pytest.param(404, RefusedGenome, id="not there"),
        pytest.param(429, GenomeStoreDown, id="busy"),
        pytest.param(503, GenomeStoreDown, id="down"),
    ],
)
def test_any_other_answer_is_refused_or_tried_again(
    store: str, status: int, error: type[EpioneError]
) -> None:
    with pytest.raises(error, match=str(status)):
        read(at(f"https://{store}/{status}"), Allowed(hosts=frozenset({store})))


def test_a_store_that_does_not_answer_is_the_world_s_fault() -> None:
    with pytest.raises(GenomeStoreDown):
        read(at("https://127.0.0.1:1/a.vcf"), Allowed(hosts=frozenset({"127.0.0.1:1"})))
