"""With an index only what is asked about is read, and what is read is the same."""

import gzip
import os
import random
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

import pysam
import pytest

from epione.errors import UnreadableGenome
from epione.medicine.genome import Genome, Site, Sites, chromosome_of, read_vcf
from epione_genomics.indexed import ENDING, index_beside, read_index, text_at
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


def test_the_same_is_found_and_little_is_read(indexed: Path) -> None:
    file = Counted(indexed.read_bytes())
    index = read_index(Path(f"{indexed}{ENDING}").read_bytes())

    found = read_vcf(text_at(file, index, SITES), SITES)

    assert found.records == whole(indexed).records
    assert len(found.records) == 7
    assert file.n_bytes < indexed.stat().st_size / 2


@pytest.mark.parametrize("seed", range(12))
def test_the_same_is_found_wherever_lines_cross_blocks_and_contigs(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    text, sites = HEADER.replace("\n#", f"\n##x={_noise(chance, 66_000)}\n#", 1), []
    for contig in CONTIGS:
        for position in sorted(chance.sample(range(1, 200_000), chance.randrange(1, 60))):
            info = chance.choice(("DP=3", f"END={position + chance.randrange(40_000)}"))
            width = chance.choice((10, 900, 70_000))  # a block holds 65,280 characters
            noise = _noise(chance, width)
            text += f"{contig}\t{position}\t{noise}\tA\tT\t.\tPASS\t{info}\tGT\t0/1\n"
            if chance.random() < 0.3:
                sites.append(Site(chromosome_of(contig), position, "A"))
    asked = Sites([*sites, Site("chr2", 150_000, "A", reach=90)])
    plain = tmp_path / "genome.vcf"
    plain.write_text(text[: len(text) - seed % 2])  # with its last line end, or without
    path = Path(pysam.tabix_index(str(plain), preset="vcf"))

    with path.open("rb") as file, path.open("rb") as again:
        index = read_index(Path(f"{path}{ENDING}").read_bytes())
        found = read_vcf(text_at(file, index, asked), asked).records
        expected = read_vcf(text_of(again), asked).records

    assert found == expected
    assert len(found) >= len(sites)


def _noise(chance: random.Random, n: int) -> str:
    return "".join(chance.choices("ABCDEFGHIJKLMNOP", k=n))


def test_an_index_of_the_file_before_it_grew_is_refused(indexed: Path, tmp_path: Path) -> None:
    plain, grown = tmp_path / "grown.vcf", tmp_path / "grown.vcf.gz"
    more = "chrY\t1\t.\tA\tT\t.\tPASS\t.\tGT\t1\n"
    plain.write_text(HEADER + "".join(lines()) + more)
    pysam.tabix_compress(str(plain), str(grown))
    index = read_index(Path(f"{indexed}{ENDING}").read_bytes())

    with (
        pytest.raises(UnreadableGenome, match="its index is not its own"),
        grown.open("rb") as file,
    ):
        read_vcf(text_at(file, index, SITES), SITES)


def test_an_index_that_is_older_than_its_file_is_not_used(indexed: Path) -> None:
    assert index_beside(indexed) == Path(f"{indexed}{ENDING}")

    written = indexed.stat().st_mtime
    os.utime(f"{indexed}{ENDING}", (written - 1, written - 1))
    assert index_beside(indexed) is None
    os.utime(f"{indexed}{ENDING}", (written, written))


def test_a_file_without_an_index_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.vcf.gz").touch()

    assert index_beside(tmp_path / "a.vcf.gz") is None


def test_an_index_that_is_cut_off_is_refused(indexed: Path) -> None:
    content = Path(f"{indexed}{ENDING}").read_bytes()

    for cut in (b"", content[:20], content[:-60], gzip.compress(gzip.decompress(content)[:-9])):
        with pytest.raises(UnreadableGenome, match="its index is broken or cut off"):
            read_index(cut)


def test_a_file_that_is_no_index_is_refused() -> None:
    with pytest.raises(UnreadableGenome, match="its index is"):
        read_index(gzip.compress(b"CSI\x01" + b"\0" * 100))


@pytest.mark.parametrize("n_records", [10, 50_000])
def test_the_index_of_another_file_is_refused(
    indexed: Path, tmp_path: Path, n_records: int
) -> None:
    index = read_index(Path(f"{indexed}{ENDING}").read_bytes())
    plain, other = tmp_path / "other.vcf", tmp_path / "other.vcf.gz"
    plain.write_text(HEADER + "".join(islice(lines(), 5, n_records)))
    pysam.tabix_compress(str(plain), str(other))

    with pytest.raises(UnreadableGenome, match="its index is not its own"):
        read_vcf(text_at(BytesIO(other.read_bytes()), index, SITES), SITES)


def test_a_file_that_is_cut_off_is_refused_though_its_index_is_whole(indexed: Path) -> None:
    index = read_index(Path(f"{indexed}{ENDING}").read_bytes())

    with pytest.raises(UnreadableGenome, match="lacks its last block"):
        read_vcf(text_at(BytesIO(indexed.read_bytes()[:-28]), index, SITES), SITES)


def test_a_plain_gzip_beside_an_index_is_refused(indexed: Path) -> None:
    index = read_index(Path(f"{indexed}{ENDING}").read_bytes())

    with pytest.raises(UnreadableGenome, match="is not bgzip"):
        read_vcf(text_at(BytesIO(gzip.compress(b"##fileformat")), index, SITES), SITES)
