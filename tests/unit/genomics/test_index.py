"""What an index says, whoever wrote it and in whichever format."""

import gzip
import os
import random
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epione.errors import UnreadableGenome
from epione.medicine.genome import Record, Site, Sites, chromosome_of, read_vcf
from epione_genomics.bgzf import END
from epione_genomics.index import index_beside, read_index
from epione_genomics.indexed import text_at
from epione_genomics.text import text_of

HEADER = (
    "##fileformat=VCFv4.4\n##reference=GRCh38\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)
CONTIGS = ("chr1", "2", "chrX", "chrUn_KI270742v1")
FORMS = [
    pytest.param(None, id="tabix"),
    *(pytest.param(bits, id=f"CSI, windows of 2^{bits} bases") for bits in (3, 9, 14, 17, 25)),
]
Found = dict[Site, tuple[Record, ...]]


def indexed(plain: Path, window_bits: int | None) -> tuple[Path, Path]:
    """Compress and index a VCF, by tabix or as CSI; give the file and its index."""
    as_csi, bits = window_bits is not None, window_bits or -1
    path = pysam.tabix_index(str(plain), preset="vcf", csi=as_csi, min_shift=bits)
    return Path(path), Path(f"{path}.csi" if as_csi else f"{path}.tbi")


def found_by(index: bytes, path: Path, sites: Sites) -> Found:
    with path.open("rb") as file:
        return dict(
            read_vcf(text_at(file, lambda _: read_index(BytesIO(index), sites)), sites).records
        )


def found_in_all(path: Path, sites: Sites) -> Found:
    with path.open("rb") as file:
        return dict(read_vcf(text_of(file), sites).records)


def packed(plain: bytes, tmp_path: Path) -> bytes:
    with pysam.BGZFile(str(tmp_path / "packed.gz"), "w", None) as file:
        file.write(plain)
    return (tmp_path / "packed.gz").read_bytes()


def noise(chance: random.Random, n: int) -> str:
    return chance.randbytes(n // 2).hex()


def genome(folder: Path, seed: int) -> tuple[Path, Sites]:
    """Write records by chance, of which some reach far, and some lines fill blocks; and ask."""
    chance = random.Random(seed)
    text, sites = HEADER.replace("\n#", f"\n##x={noise(chance, 66_000)}\n#", 1), list[Site]()
    for contig in CONTIGS[: chance.randrange(1, 5)]:
        begin = chance.choice((1, 150_000))  # records may start late on a contig
        end = begin + chance.choice((2_000, 200_000, 2_000_000))
        for position in sorted(chance.sample(range(begin, end), chance.randrange(1, 60))):
            info = chance.choice(("DP=3", f"END={position + chance.randrange(400_000)}"))
            width = chance.choice((10, 900, 70_000))  # a block holds 65,280 characters
            line = f"{contig}\t{position}\t{noise(chance, width)}\tA\tT\t.\tPASS\t{info}\tGT\t0/1\n"
            text += line
            if not sites or chance.random() < 0.3:
                sites.append(Site(chromosome_of(contig), position, "A"))
    places = (Site(chromosome_of(c), n, "A") for c in CONTIGS for n in (1, 149_000, 900_000))
    plain = folder / "genome.vcf"
    plain.write_text(text[: len(text) - seed % 2])  # with its last line end, or without
    return plain, Sites([*sites, *places, Site("chr2", 150_000, "A", reach=90)])


@pytest.mark.parametrize("window_bits", FORMS)
@pytest.mark.parametrize("seed", range(8))
def test_the_same_is_found_wherever_lines_cross_blocks_and_contigs(
    tmp_path: Path, seed: int, window_bits: int | None
) -> None:
    plain, asked = genome(tmp_path, seed)
    path, index = indexed(plain, window_bits)

    found = found_by(index.read_bytes(), path, asked)

    assert found == found_in_all(path, asked)
    assert found


def as_htsjdk(index: bytes) -> bytes:
    """Write a tabix index as htsjdk does: no pseudo-bin, windows before the first record say 0.

    Source: BinningIndexBuilder of samtools/htsjdk.
    """
    plain = gzip.decompress(index)
    (n_contigs,), (n_names,) = (struct.unpack_from("<i", plain, at) for at in (4, 32))
    at = 36 + n_names
    made = [plain[:at]]
    for _ in range(n_contigs):
        (n_bins,) = struct.unpack_from("<i", plain, at)
        at += 4
        bins = []
        for _ in range(n_bins):
            number, n_chunks = struct.unpack_from("<Ii", plain, at)
            size = 8 + 16 * n_chunks
            bins += [plain[at : at + size]] * (number < 37449)
            at += size
        (n_windows,) = struct.unpack_from("<i", plain, at)
        firsts = list(struct.unpack_from(f"<{n_windows}Q", plain, at + 4))
        at += 4 + 8 * n_windows
        # By htslib they say what the first one with a record does.
        n_before = firsts.count(firsts[0]) - 1
        firsts[:n_before] = [0] * n_before
        made += [struct.pack("<i", len(bins)), *bins]
        made += [struct.pack(f"<i{n_windows}Q", n_windows, *firsts)]
    return b"".join(made)


@pytest.mark.parametrize("seed", range(8))
def test_an_index_of_htsjdk_leads_to_the_same(tmp_path: Path, seed: int) -> None:
    plain, asked = genome(tmp_path, seed)
    path, index = indexed(plain, None)

    found = found_by(packed(as_htsjdk(index.read_bytes()), tmp_path), path, asked)

    assert found == found_in_all(path, asked)


@pytest.mark.parametrize("seed", range(8))
def test_a_bin_that_says_nothing_of_its_first_record_leads_to_the_same(
    tmp_path: Path, seed: int
) -> None:
    plain, asked = genome(tmp_path, seed)
    path, index = indexed(plain, 14)
    unpacked = bytearray(gzip.decompress(index.read_bytes()))
    for at in _starts_of_bins(unpacked):
        unpacked[at + 4 : at + 12] = bytes(8)

    found = found_by(packed(bytes(unpacked), tmp_path), path, asked)

    assert found == found_in_all(path, asked)


def _starts_of_bins(csi: bytearray) -> Iterator[int]:
    (n_about,) = struct.unpack_from("<i", csi, 12)
    at = 16 + n_about
    (n_contigs,) = struct.unpack_from("<i", csi, at)
    at += 4
    for _ in range(n_contigs):
        (n_bins,) = struct.unpack_from("<i", csi, at)
        at += 4
        for _ in range(n_bins):
            yield at
            (n_chunks,) = struct.unpack_from("<i", csi, at + 12)
            at += 16 + 16 * n_chunks


def test_of_a_contig_longer_than_tabix_reaches_a_csi_index_is_read(tmp_path: Path) -> None:
    plain, sites = tmp_path / "genome.vcf", Sites([Site("chr1", 700_000_000, "A")])
    places = (5, 699_999_000, 700_000_000, 700_000_001)
    plain.write_text(HEADER + "".join(f"1\t{n}\t.\tA\tT\t.\t.\t.\tGT\t0/1\n" for n in places))
    path, index = indexed(plain, 14)

    ((record,),) = found_by(index.read_bytes(), path, sites).values()

    assert record.position == 700_000_000


@pytest.fixture(scope="module", params=[None, 14], ids=["tabix", "CSI"])
def small(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, bytes, Sites]:
    plain, sites = genome(tmp_path_factory.mktemp("small"), 4)
    path, index = indexed(plain, request.param)
    return path, index.read_bytes(), sites


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_an_index_says_it_is_followed_or_refused(
    small: tuple[Path, bytes, Sites], tmp_path: Path, data: st.DataObject
) -> None:
    """A fault of the index is the index's: nothing else may be raised, and no reader stops."""
    path, index, sites = small
    plain = bytearray(gzip.decompress(index))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(plain) - 1))
        plain[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))

    try:
        found = found_by(packed(bytes(plain), tmp_path), path, sites)
    except UnreadableGenome:
        return

    assert found.keys() <= found_in_all(path, sites).keys()


def test_an_index_that_is_cut_off_is_refused(
    small: tuple[Path, bytes, Sites], tmp_path: Path
) -> None:
    _, index, sites = small
    plain = gzip.decompress(index)
    cuts = [packed(plain[:n], tmp_path) for n in range(5, len(plain) - 8, 7)]

    for cut in (b"", index[:20], index[:-60], gzip.compress(plain), *cuts):
        with pytest.raises(UnreadableGenome, match="its index is broken or cut off: make it anew"):
            read_index(BytesIO(cut), sites)


def test_an_index_with_another_checksum_is_refused(small: tuple[Path, bytes, Sites]) -> None:
    _, index, sites = small
    altered = bytearray(index)
    altered[-len(END) - 8] ^= 1

    with pytest.raises(UnreadableGenome, match="its index is broken"):
        read_index(BytesIO(altered), sites)


def test_an_index_of_something_else_is_refused(tmp_path: Path) -> None:
    bed = tmp_path / "some.bed"
    bed.write_text("chr1\t5\t9\n")
    index = Path(pysam.tabix_index(str(bed), preset="bed") + ".tbi")
    of_alignments = packed(struct.pack("<4s4i", b"CSI\x01", 14, 5, 0, 0), tmp_path)

    for foreign in (index.read_bytes(), of_alignments):
        with pytest.raises(UnreadableGenome, match="its index is not that of a VCF"):
            read_index(BytesIO(foreign), Sites([]))


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    for magic in (b"BAI\x01", b"CSI\x02"):
        with pytest.raises(UnreadableGenome, match="neither a tabix nor a CSI index"):
            read_index(BytesIO(packed(magic + bytes(100), tmp_path)), Sites([]))


def test_a_contig_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "genome.vcf"
    plain.write_text(HEADER + "".join(f"{c}\t5\t.\tA\tT\t.\t.\t.\tGT\t0/1\n" for c in ("1", "2")))
    _, index = indexed(plain, None)
    twice = gzip.decompress(index.read_bytes()).replace(b"1\x002\x00", b"1\x001\x00")

    with pytest.raises(UnreadableGenome, match="its index is broken"):
        read_index(BytesIO(packed(twice, tmp_path)), Sites([]))


@pytest.mark.parametrize("window_bits", [None, 14])
def test_a_file_without_records_has_an_index_that_leads_nowhere(
    tmp_path: Path, window_bits: int | None
) -> None:
    plain, sites = tmp_path / "genome.vcf", Sites([Site("chr1", 5, "A")])
    plain.write_text(HEADER)
    path, index = indexed(plain, window_bits)

    assert found_by(index.read_bytes(), path, sites) == {}


@pytest.mark.parametrize("ending", [".tbi", ".csi"])
def test_an_index_that_is_older_than_its_file_is_not_used(tmp_path: Path, ending: str) -> None:
    path, index = tmp_path / "a.vcf.gz", tmp_path / f"a.vcf.gz{ending}"
    path.touch()
    assert index_beside(path) is None

    index.touch()
    assert index_beside(path) == index

    written = path.stat().st_mtime
    os.utime(index, (written - 1, written - 1))
    assert index_beside(path) is None


def test_of_two_indexes_one_that_is_not_older_is_used(tmp_path: Path) -> None:
    for ending in ("", ".tbi", ".csi"):
        (tmp_path / f"a.vcf.gz{ending}").touch()
    path = tmp_path / "a.vcf.gz"
    written = path.stat().st_mtime

    os.utime(f"{path}.tbi", (written - 1, written - 1))

    assert index_beside(path) == tmp_path / "a.vcf.gz.csi"
