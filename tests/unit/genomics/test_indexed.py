"""With an index only what is asked about is read, and what is read is the same."""

import gzip
import random
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

import pysam
import pytest

from epione.errors import UnreadableGenome
from epione.medicine.genome import Genome, Site, Sites, read_vcf
from epione_genomics.bgzf import HEAD_BYTES, block_bytes
from epione_genomics.index import Index, Lead, read_index
from epione_genomics.indexed import text_at
from epione_genomics.text import text_of

HEADER = (
    "##fileformat=VCFv4.4\n##reference=GRCh38\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)
CONTIGS, RECORDS = ("chr1", "2", "chrX"), 20_000
LAST = RECORDS * 50
SITES = Sites(
    [
        *(Site("chr1", position, "A") for position in (1, 300_001, 300_051, 700_001)),
        Site("chr2", 500_001, "A", reach=60),
        Site("chr2", 600_020, "A"),  # within a block that starts before it
        Site("chrX", LAST - 49, "A"),  # the last record
        Site("chrX", 5 * LAST, "A"),  # beyond it
        Site("chr7", 1, "A"),  # not in the file
    ]
)


def lines() -> Iterator[str]:
    chance = random.Random(4)
    for contig in CONTIGS:
        for n in range(RECORDS):
            position = 1 + 50 * n
            info = "END=600049" if (contig, position) == ("2", 550_001) else "DP=3"
            noise = "".join(chance.choices("ABCDEFGH", k=12))  # so that there are many blocks
            yield f"{contig}\t{position}\t{noise}\tA\tT\t.\tPASS\t{info}\tGT\t0/1\n"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plain = tmp_path_factory.mktemp("vcf") / "genome.vcf"
    plain.write_text(HEADER + "".join(lines()))
    return Path(pysam.tabix_index(str(plain), preset="vcf"))


class Counted(BytesIO):
    """A file that counts what is read of it."""

    n_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.n_bytes += len(found)
        return found


def whole(path: Path) -> Genome:
    with path.open("rb") as file:
        return read_vcf(text_of(file), SITES)


def index_of(path: Path) -> Index:
    with Path(f"{path}.tbi").open("rb") as packed:
        return read_index(packed, SITES)


def test_the_same_is_found_and_little_is_read(indexed: Path) -> None:
    file = Counted(indexed.read_bytes())
    index = index_of(indexed)

    found = read_vcf(text_at(file, lambda _: index), SITES)

    assert found.records == whole(indexed).records
    assert len(found.records) == 7
    assert file.n_bytes < indexed.stat().st_size / 2


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("chrY\t1\t.\tA\tT\t.\tPASS\t.\tGT\t1\n", id="by a contig"),
        pytest.param(f"chrX\t{LAST}\t.\tA\tT\t.\tPASS\t.\tGT\t1\n", id="by a record, right behind"),
    ],
)
def test_an_index_of_the_file_before_it_grew_is_refused(
    indexed: Path, tmp_path: Path, more: str
) -> None:
    plain, grown = tmp_path / "grown.vcf", tmp_path / "grown.vcf.gz"
    plain.write_text(HEADER + "".join(lines()) + more)
    pysam.tabix_compress(str(plain), str(grown))
    index = index_of(indexed)

    with (
        pytest.raises(UnreadableGenome, match="its index is not its own"),
        grown.open("rb") as file,
    ):
        read_vcf(text_at(file, lambda _: index), SITES)


def test_an_index_whose_contigs_are_in_another_order_is_refused(indexed: Path) -> None:
    index = index_of(indexed)
    turned = Index(dict(reversed([*index.leads.items()])), index.end)

    with (
        pytest.raises(UnreadableGenome, match="its index is not its own"),
        indexed.open("rb") as file,
    ):
        read_vcf(text_at(file, lambda _: turned), SITES)


def test_an_index_that_leads_beyond_the_records_is_refused(indexed: Path) -> None:
    index = index_of(indexed)
    beyond = Lead(1 << 63, 1 << 40)  # where no file is that long, and may not be looked for
    astray = Index({**index.leads, "2": [beyond]}, index.end)

    with (
        pytest.raises(UnreadableGenome, match="its index is not its own"),
        indexed.open("rb") as file,
    ):
        read_vcf(text_at(file, lambda _: astray), SITES)


def test_a_block_whose_checksum_is_another_is_refused(indexed: Path) -> None:
    index = index_of(indexed)
    content = bytearray(indexed.read_bytes())
    start = index.leads["2"][0].offset >> 16
    end = start + block_bytes(bytes(content[start : start + HEAD_BYTES]))
    content[end - 5] ^= 1

    with pytest.raises(UnreadableGenome, match="broken gzip"):
        read_vcf(text_at(BytesIO(content), lambda _: index), SITES)


def test_remarks_among_records_are_passed_over(tmp_path: Path) -> None:
    plain = tmp_path / "genome.vcf"
    remarked = (f"# {n}\n{line}" for n, line in enumerate(islice(lines(), 9_000)))
    plain.write_text(HEADER + "".join(remarked))
    path = Path(pysam.tabix_index(str(plain), preset="vcf"))

    with path.open("rb") as file:
        found = read_vcf(text_at(file, lambda _: index_of(path)), SITES)

    assert found.records == whole(path).records
    assert len(found.records) == 3


@pytest.mark.parametrize("n_records", [10, 50_000])
def test_the_index_of_another_file_is_refused(
    indexed: Path, tmp_path: Path, n_records: int
) -> None:
    index = index_of(indexed)
    plain, other = tmp_path / "other.vcf", tmp_path / "other.vcf.gz"
    plain.write_text(HEADER + "".join(islice(lines(), 5, n_records)))
    pysam.tabix_compress(str(plain), str(other))

    with pytest.raises(UnreadableGenome, match="its index is not its own"):
        read_vcf(text_at(BytesIO(other.read_bytes()), lambda _: index), SITES)


def test_a_file_that_is_cut_off_is_refused_though_its_index_is_whole(indexed: Path) -> None:
    index = index_of(indexed)

    with pytest.raises(UnreadableGenome, match="lacks its last block"):
        read_vcf(text_at(BytesIO(indexed.read_bytes()[:-28]), lambda _: index), SITES)


def test_a_plain_gzip_beside_an_index_is_refused(indexed: Path) -> None:
    index = index_of(indexed)

    with pytest.raises(UnreadableGenome, match="is not bgzip"):
        read_vcf(text_at(BytesIO(gzip.compress(b"##fileformat")), lambda _: index), SITES)
