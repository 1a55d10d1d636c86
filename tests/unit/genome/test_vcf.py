"""A VCF is read whole and in order, or refused with the reason."""

from collections.abc import Mapping

import pytest
from tests.unit.genome.vcf_text import FORMAT, GRCH38, vcf

from epione.errors import UnreadableGenome
from epione.medicine.genome import (
    WHOLE_CHROMOSOME,
    Build,
    Genotype,
    Record,
    Site,
    Sites,
    read_vcf,
    sites_of,
)

SITE = Site("chr10", 100, "C")
LATER = Site("chr10", 200, "GAT")
SITES = Sites([SITE, LATER])


def records(*lines: str) -> Mapping[Site, tuple[Record, ...]]:
    return read_vcf(vcf(*lines), SITES).records


def test_a_record_at_a_site_is_kept_with_its_genotype() -> None:
    found = records("chr10 100 C T GT 0/1")

    assert found == {SITE: (Record(100, "C", ("T",), Genotype((0, 1)), end=100),)}


def test_records_elsewhere_are_not_kept() -> None:
    assert records("chr10 90 C T GT 0/1", "chr10 101 C T GT 0/1", "chr9 100 A T GT 1/1") == {}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("chr10 95 AAAAAC A GT 0/1", id="a deletion across it"),
        pytest.param("chr10 95 A <NON_REF> GT 0/0 END=150", id="a block across it"),
        pytest.param("10 100 C T GT 0/1", id="a contig without prefix"),
        pytest.param("chr10 100 c t GT 0/1", id="lower-case bases"),
    ],
)
def test_a_record_that_touches_a_site_is_kept(line: str) -> None:
    assert list(records(line)) == [SITE]


def test_a_phase_set_is_read_from_its_own_field() -> None:
    (record,) = records("chr10 100 C T GT:DP:PS 0|1:30:77")[SITE]

    assert record.genotype == Genotype((0, 1), "77")


def test_fields_that_a_sample_leaves_out_at_its_end_are_not_missed() -> None:
    (record,) = records("chr10 100 C T GT:DP:PS 0|1")[SITE]

    assert record.genotype == Genotype((0, 1), WHOLE_CHROMOSOME)


def test_filters_that_a_record_failed_are_kept() -> None:
    lines = [line.replace(b"PASS", b"LowQual") for line in vcf("chr10 100 C T GT 0/1")]

    (record,) = read_vcf(lines, SITES).records[SITE]

    assert record.failed == "LowQual"


def test_remarks_and_blank_lines_between_records_are_passed_over() -> None:
    lines = vcf("chr10 100 C T GT 0/1")

    found = read_vcf([*lines, b"# missing: rs1\n", b"\n"], SITES)

    assert list(found.records) == [SITE]


def test_windows_line_ends_are_read() -> None:
    found = read_vcf(vcf("chr10 100 C T GT 0/1", line_end="\r\n"), SITES)

    assert found.records[SITE][0].genotype == Genotype((0, 1))


@pytest.mark.parametrize(
    ("sample", "genotype"),
    [
        pytest.param("mother", (0, 1), id="by name"),
        pytest.param(1, (1, 1), id="by column"),
    ],
)
def test_one_sample_of_several_is_chosen(sample: str | int, genotype: tuple[int, int]) -> None:
    lines = vcf("chr10 100 C T GT 0/1 1/1", samples=("mother", "child"))

    found = read_vcf(lines, SITES, sample)

    assert found.records[SITE][0].genotype.alleles == genotype


@pytest.mark.parametrize(
    ("samples", "sample", "reason"),
    [
        pytest.param(("a", "b"), None, "2 samples, and none was chosen", id="no choice"),
        pytest.param(("a", "b"), "c", "not in the file", id="not there"),
        pytest.param(("a", "a"), "a", "only once", id="twice there"),
        pytest.param(("a",), 1, "no sample column 1", id="column beyond the last"),
        pytest.param((), None, "no genotype column", id="sites only"),
    ],
)
def test_a_sample_that_cannot_be_chosen_is_refused(
    samples: tuple[str, ...], sample: str | int | None, reason: str
) -> None:
    with pytest.raises(UnreadableGenome, match=reason):
        read_vcf(vcf(samples=samples), SITES, sample)


def test_a_refused_sample_name_is_not_repeated() -> None:
    with pytest.raises(UnreadableGenome) as refusal:
        read_vcf(vcf(), SITES, "Jane Doe")

    assert "Jane" not in str(refusal.value)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param([], "truncated: it ends before", id="empty"),
        pytest.param([b"PK\x03\x04\n"], "not a VCF", id="another format"),
        pytest.param(vcf()[:2], "truncated: it ends before", id="cut in its header"),
        pytest.param([f"{FORMAT}\n".encode(), b"chr10\t1\n"], "no #CHROM line", id="no header"),
        pytest.param(
            [*vcf(), b"chr10\t100\t.\tC\tT\n"], "truncated.* the first record", id="cut line"
        ),
        pytest.param(
            [*vcf("chr10 100 C T GT 0/1"), b"chr10\t200\t.\tGAT\t.\t.\tPASS\t.\tGT\t0"],
            "truncated: its last genotype",
            id="cut within the last genotype",
        ),
        pytest.param(
            [*vcf(), b"chr10\t100\t.\tC\tT\t.\tPASS\t.\tGT\t0/"], "no genotype", id="cut at a slash"
        ),
        pytest.param(vcf("chr10 100 C T DP 30"), r"no genotype \(GT\)", id="no GT field"),
        pytest.param(vcf("chr10 100 C T GT 0/2"), "an allele that the line", id="no such allele"),
        pytest.param(vcf("chr10 ten C T GT 0/1"), "no position", id="no position"),
        pytest.param(
            vcf("chr10 200 GAT G GT 0/1", "chr10 100 C T GT 0/1"), "not sorted", id="backwards"
        ),
        pytest.param(
            vcf("chr10 1 C T GT 0/1", "chr9 1 C T GT 0/1", "chr10 2 C T GT 0/1"),
            "not sorted",
            id="a chromosome comes back",
        ),
        pytest.param(vcf("chr10 100 G T GT 0/1"), "GRCh38 has C", id="wrong reference base"),
        pytest.param(vcf("chr10 201 CT C GT 0/1"), "GRCh38 has AT", id="wrong within a stretch"),
        pytest.param(vcf(header=["##reference=hg19"]), "GRCh37", id="another build"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(lines: list[bytes], reason: str) -> None:
    with pytest.raises(UnreadableGenome, match=reason):
        read_vcf(lines, SITES)


def test_a_whole_last_line_without_its_end_is_read() -> None:
    lines = vcf("chr10 100 C T GT 0/1")

    found = read_vcf([*lines[:-1], lines[-1].rstrip(b"\n")], SITES)

    assert SITE in found.records


def test_a_remark_without_its_line_end_is_no_record() -> None:
    found = read_vcf([*vcf("chr10 100 C T GT 0/1"), b"# the end"], SITES)

    assert SITE in found.records


def test_a_phase_set_that_is_no_text_is_read_all_the_same() -> None:
    lines = [line.replace(b"77", b"\xff") for line in vcf("chr10 100 C T GT:PS 0|1:77")]

    assert read_vcf(lines, SITES).records[SITE][0].genotype.alleles == (0, 1)


def test_a_base_that_the_file_does_not_know_is_no_contradiction() -> None:
    assert SITE in records("chr10 100 N T GT 0/1")


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        pytest.param(("chr10 100 C T GT 0/1",), True, id="one base agrees by chance"),
        pytest.param(
            ("chr10 100 C T GT 0/1", "chr10 200 GAT . GT 0/0", "chr10 201 AT . GT 0/0"),
            False,
            id="six bases agree",
        ),
        pytest.param((), False, id="no record claims anything"),
    ],
)
def test_a_silent_header_is_believed_where_enough_bases_agree(
    lines: tuple[str, ...], refused: bool
) -> None:
    text = vcf(*lines, header=())

    if refused:
        with pytest.raises(UnreadableGenome, match="does not state its build"):
            read_vcf(text, SITES)
    else:
        assert read_vcf(text, SITES).build == "GRCh38"


def test_the_sex_chromosomes_are_counted_everywhere() -> None:
    lines = [f"chrX {154_000_000 + n} A G GT 1" for n in range(10)]

    assert read_vcf(vcf(*lines, header=(GRCH38,)), SITES).observed_sex == "XY"


OTHER_BASE = Site("chr10", 50, "T", build=Build.GRCH37)
OTHER_STRETCH = Site("chr10", 400, "GAT", build=Build.GRCH37)
OF_BOTH = Sites([SITE, LATER, OTHER_BASE, OTHER_STRETCH])
GRCH37 = "##contig=<ID=10,length=135534747>"
ON_GRCH37 = ("10 50 T C GT 0/1", "10 400 GAT G GT 0/1", "10 401 AT A GT 0/0")
ON_GRCH38 = ("10 100 C T GT 0/1", "10 200 GAT G GT 0/1", "10 201 AT A GT 0/0")


@pytest.mark.parametrize(
    ("header", "lines", "build"),
    [
        pytest.param([GRCH37], ON_GRCH37, Build.GRCH37, id="stated GRCh37"),
        pytest.param([GRCH38], ON_GRCH38, Build.GRCH38, id="stated GRCh38"),
        pytest.param([], ON_GRCH37, Build.GRCH37, id="silent, and has GRCh37's bases"),
        pytest.param([], ON_GRCH38, Build.GRCH38, id="silent, and has GRCh38's bases"),
        pytest.param([GRCH37], ON_GRCH38[:1], Build.GRCH37, id="too little to say it is another"),
        pytest.param([], (), Build.GRCH38, id="silent and without a record"),
    ],
)
def test_a_file_is_read_at_the_sites_of_its_build(
    header: list[str], lines: tuple[str, ...], build: Build
) -> None:
    read = read_vcf(vcf(*lines, header=header), OF_BOTH)

    assert read.build is build
    assert {site.build for site in read.records} <= {build}
    assert len(read.records) == (2 if len(lines) == 3 else 0)


@pytest.mark.parametrize(
    ("header", "lines", "reason"),
    [
        pytest.param(
            [GRCH38], ON_GRCH37, "it states GRCh38, and its records lie as on GRCh37", id="not 38"
        ),
        pytest.param(
            [GRCH37], ON_GRCH38, "it states GRCh37, and its records lie as on GRCh38", id="not 37"
        ),
        pytest.param(
            [GRCH37],
            ("10 50 T C GT 0/1", *ON_GRCH38),
            "it states GRCh37, and its records lie as on GRCh38",
            id="not 37, of which one base agrees by chance",
        ),
        pytest.param(
            [GRCH37],
            ("10 50 C T GT 1/1",),
            "reference base C at chr10:50, where GRCh37 has T",
            id="GRCh38's base at GRCh37's place",
        ),
        pytest.param(
            [],
            (*ON_GRCH38, "10 202 G A GT 0/1"),
            "reference base G at chr10:202, where GRCh38 has T",
            id="silent, and contradicts the build that it is nearest to",
        ),
        pytest.param(
            [],
            ("10 50 T C GT 0/1", *ON_GRCH38[:2]),
            "does not state its build",
            id="silent, and of neither enough",
        ),
        pytest.param(
            [],
            ("10 50 T C GT 0/1", *ON_GRCH38, *ON_GRCH37[1:]),
            "does not state its build",
            id="silent, and of both",
        ),
    ],
)
def test_a_file_whose_records_are_not_of_its_build_is_refused(
    header: list[str], lines: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(UnreadableGenome, match=reason):
        read_vcf(vcf(*lines, header=header), OF_BOTH)


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        pytest.param(GRCH37, Build.GRCH37, id="GRCh37"),
        pytest.param(GRCH38, Build.GRCH38, id="GRCh38"),
        pytest.param("##source=x", None, id="silent: those of both"),
    ],
)
def test_the_sites_of_a_file_are_those_of_the_build_that_it_states(
    header: str, asked: Build | None
) -> None:
    text = b"".join(vcf(*ON_GRCH37, header=[header]))

    found = sites_of(text, OF_BOTH)

    stretches = list(found.stretches("chr10"))
    assert (
        stretches
        == {
            Build.GRCH37: [(50, 50), (400, 402)],
            Build.GRCH38: [(100, 100), (200, 202)],
            None: [(50, 50), (100, 100), (200, 202), (400, 402)],
        }[asked]
    )
