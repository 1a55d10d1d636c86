from pathlib import PurePosixPath

import pytest

from epione.errors import RefusedGenome
from epione.genomes import Allowed, FileAddress, WebAddress, allowed_address

ALLOWED = Allowed(
    hosts=frozenset({"genomes.example", "genomes.example:8443"}),
    roots=(PurePosixPath("/data/genomes"), PurePosixPath("/mnt/lab")),
)


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        pytest.param(
            "file:///data/genomes/2026/a%20b.vcf.gz",
            FileAddress(PurePosixPath("/data/genomes"), ("2026", "a b.vcf.gz")),
            id="a file below a root",
        ),
        pytest.param(
            "file://localhost/mnt/lab/a.vcf",
            FileAddress(PurePosixPath("/mnt/lab"), ("a.vcf",)),
            id="this host by name",
        ),
        pytest.param(
            "https://Genomes.example/a.vcf?version=2",
            WebAddress("genomes.example", "/a.vcf?version=2"),
            id="a listed host",
        ),
        pytest.param(
            "https://genomes.example:8443", WebAddress("genomes.example:8443", "/"), id="its port"
        ),
    ],
)
def test_an_allowed_address_is_read(uri: str, address: FileAddress | WebAddress) -> None:
    assert allowed_address(uri, ALLOWED) == address


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("http://genomes.example/a.vcf", id="not encrypted"),
        pytest.param("s3://genomes.example/a.vcf", id="a scheme not listed"),
        pytest.param("a.vcf", id="no scheme"),
        pytest.param("https://other.example/a.vcf", id="a host not listed"),
        pytest.param("https://genomes.example:443/a.vcf", id="a port not listed"),
        pytest.param("https://user@genomes.example/a.vcf", id="a user"),
        pytest.param("https://genomes.example.evil.example/a.vcf", id="a longer host"),
        pytest.param("https://[genomes.example/a.vcf", id="brackets left open"),
        pytest.param("https://genomes.example/a.vcf#x", id="a fragment"),
        pytest.param("https://genomes.example/a b.vcf", id="a blank"),
        pytest.param("https://genomes.example/a\r\nHost: x", id="a header smuggled in"),
        pytest.param("https://genomes.example/ä.vcf", id="not ASCII"),
        pytest.param("file:///etc/passwd", id="a folder not listed"),
        pytest.param("file:///data/genomes", id="the root itself"),
        pytest.param("file:///data/genomes-of-others/a.vcf", id="a longer folder"),
        pytest.param("file:///data/genomes/../../etc/passwd", id="upwards"),
        pytest.param("file:///data/genomes/%2e%2e/%2e%2e/etc/passwd", id="upwards, encoded"),
        pytest.param("file:///data/genomes/a%00.vcf", id="a NUL"),
        pytest.param("file://other.example/data/genomes/a.vcf", id="another host's file"),
        pytest.param("file:data/genomes/a.vcf", id="a relative file"),
        pytest.param("", id="nothing"),
    ],
)
def test_any_other_address_is_refused_without_repeating_it(uri: str) -> None:
    with pytest.raises(RefusedGenome) as refusal:
        allowed_address(uri, ALLOWED)

    assert not uri or uri not in str(refusal.value)


def test_nothing_is_allowed_by_default() -> None:
    with pytest.raises(RefusedGenome):
        allowed_address("file:///data/genomes/a.vcf", Allowed())
