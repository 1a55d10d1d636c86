"""Lines of a genome file, whatever its compression, or the reason why there are none."""

import gzip
from io import BytesIO

import pytest

from epione.errors import UnreadableGenome
from epione_genomics.bgzf import END as BGZF_END
from epione_genomics.text import text_of

TEXT = b"##fileformat=VCFv4.4\n#CHROM\tPOS\n" + b"chr1\t1\n" * 5000


def bgzip(text: bytes) -> bytes:
    """Compress as BGZF: one gzip member with its size in the extra field, then the end block."""
    member = gzip.compress(text)
    size = (len(member) + 8 - 1).to_bytes(2, "little")
    extra = b"\x06\x00BC\x02\x00" + size
    return member[:3] + b"\x04" + member[4:10] + extra + member[10:] + BGZF_END


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(gzip.compress(TEXT), id="gzip"),
        pytest.param(gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:]), id="two gzip members"),
        pytest.param(bgzip(TEXT), id="bgzip"),
    ],
)
def test_lines_are_the_same_whatever_the_compression(content: bytes) -> None:
    assert b"".join(text_of(BytesIO(content))) == TEXT


def test_an_empty_file_has_no_lines() -> None:
    assert list(text_of(BytesIO(b""))) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(gzip.compress(TEXT)[:-40], "truncated or broken gzip", id="gzip cut off"),
        pytest.param(bgzip(TEXT)[: -len(BGZF_END)], "lacks its last block", id="bgzip cut off"),
        pytest.param(
            gzip.compress(TEXT)[:12] + b"\xff" * 40, "truncated or broken gzip", id="broken"
        ),
        pytest.param(gzip.compress(TEXT)[:-8] + b"\0" * 8, "broken gzip", id="checksum differs"),
    ],
)
def test_a_cut_or_broken_file_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableGenome, match=reason):
        list(text_of(BytesIO(content)))
