"""However a text is cut, and however many lines are looked at together, the same is read."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.genome.vcf_text import vcf

from epione.errors import UnreadableGenome
from epione.medicine.genome import Site, Sites, read_vcf
from epione.medicine.genome.sex import ENOUGH

PLACES = [
    Site("chr1", 100, "A"),
    Site("chr1", 110, "AAA"),
    Site("chr2", 100, "A", reach=3),
    Site("chrX", 5_000_000, "A"),
]
SITES = Sites(PLACES)
CONTIGS = ("chr1", "2", "chrX", "chrUn_KI270742v1")
NAMES = {"2": "chr2"}

near = st.integers(90, 120) | st.integers(1, 10_000)
records = st.tuples(
    st.sampled_from(CONTIGS),
    near,
    st.integers(1, 12),  # bases of REF
    st.sampled_from(("", "DP=3", "END={}", "XEND=9999;END={}", "DP=3;END={};MQ=1", "END=x")),
    st.integers(0, 40),  # how far END is
    st.sampled_from(("0/1", "1|1", "0/0", "./.", "1", "0/1:9")),
)


def line_of(contig: str, position: int, width: int, info: str, further: int, call: str) -> str:
    form = "GT:DP" if ":" in call else "GT"
    line = f"{contig} {position} {'A' * width} T {form} {call}"
    return f"{line} {info.format(position + further)}" if info else line


def in_order(found: Sequence[tuple[str, int, int, str, int, str]]) -> list[str]:
    ranked = sorted(found, key=lambda each: (CONTIGS.index(each[0]), each[1]))
    return [line_of(*each) for each in ranked]


def touched_by(site: Site, line: str) -> bool:
    """Say it as plainly as it can be said: a base in common, or within reach behind the site."""
    contig, position, ref, *_, last = line.split()
    first = int(position)
    ends = [int(each[4:]) for each in last.split(";") if each[4:].isdigit() and each[:4] == "END="]
    end = max(first + len(ref) - 1, *ends, 0)
    is_here = NAMES.get(contig, contig) == site.chromosome
    return is_here and site.position <= end and first <= site.end + site.reach


@given(st.lists(records, max_size=30), st.lists(st.integers(0, 3_000), max_size=6))
def test_each_site_has_the_records_that_touch_it_however_the_text_is_cut(
    found: list[tuple[str, int, int, str, int, str]], cuts: list[int]
) -> None:
    lines = in_order(found)
    text = b"".join(vcf(*lines, header=["##reference=GRCh38"]))

    pieces = [text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)])]
    genome = read_vcf(pieces, SITES)

    assert genome == read_vcf(text.splitlines(keepends=True), SITES)
    for site in PLACES:
        expected = [int(line.split()[1]) for line in lines if touched_by(site, line)]
        assert [each.position for each in genome.records.get(site, ())] == expected


def test_remarks_between_records_of_one_block_leave_the_others_as_they_are() -> None:
    lines = vcf("chr1 100 A T GT 0/1", "chr1 110 A T GT 1/1", header=["##reference=GRCh38"])
    lines.insert(-1, b"# a remark\n")

    assert len(read_vcf([b"".join(lines)], SITES).records) == 2


@pytest.mark.parametrize(
    ("calls", "sex"),
    [
        pytest.param(["0/1"] * ENOUGH, "XX", id="two strands"),
        pytest.param(["10/11"] * ENOUGH, "XX", id="alleles of two digits"),
        pytest.param(["0|1:22:ab"] * ENOUGH, "XX", id="with other fields"),
        pytest.param(["1"] * ENOUGH, "XY", id="one strand"),
        pytest.param(["1:30"] * ENOUGH + ["0/1"], "", id="of both"),
        pytest.param(["./1"] * ENOUGH, "", id="half a call tells nothing"),
    ],
)
def test_genotypes_of_one_block_are_counted_for_the_sex_that_they_show(
    calls: list[str], sex: str
) -> None:
    alts = ",".join("CGT"[: 1 + n % 3] * (1 + n) for n in range(11))
    lines = vcf(
        *(f"chrX {4_000_000 + n} A {alts} GT:DP:X {call}" for n, call in enumerate(calls)),
        header=["##reference=GRCh38"],
    )

    assert read_vcf([b"".join(lines)], SITES).observed_sex == sex


def test_a_line_of_a_block_that_is_out_of_order_is_named_by_the_one_before() -> None:
    lines = vcf("chr9 7 C T GT 0/1", "chr9 9 C T GT 0/1", "chr9 8 C T GT 0/1")

    with pytest.raises(UnreadableGenome, match="a record after chr9:9 lies before it"):
        read_vcf([b"".join(lines)], SITES)


def test_a_line_of_a_block_without_a_genotype_is_named_where_the_sex_is_counted() -> None:
    lines = vcf("chrX 4000000 A T GT 0/1", "chrX 4000001 A T DP 7", header=["##reference=GRCh38"])

    with pytest.raises(UnreadableGenome, match=r"chrX:4000001: no genotype \(GT\)"):
        read_vcf([b"".join(lines)], SITES)
