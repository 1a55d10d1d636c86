"""What a file's records say of a gene's positions, however they are written."""

import pytest
from tests.unit.pharmacogenomics.genomes import genome_of_records, genome_with, record

from epione.medicine.genome import Record
from epione.medicine.pharmacogenomics import gene_of
from epione.medicine.pharmacogenomics.observed import Observed, observe

CYP2C19, NUDT15, UGT1A1, G6PD = map(gene_of, ("CYP2C19", "NUDT15", "UGT1A1", "G6PD"))
STAR_2 = 94781859  # G>A
REPEAT = 48037782  # AGGAGTC > A, AGGAGTCGGAGTC
TATA = 233760233  # CAT > C, CATAT, CATATAT
CYP2C9 = gene_of("CYP2C9")
LONG_DELETION = 94942205  # CAATGGAAAGA > C


def at_star_2(*records: Record) -> Observed:
    return observe(CYP2C19, genome_of_records(CYP2C19, {STAR_2: records}))


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(record(STAR_2, "G", ["A"], "0/1"), id="as defined"),
        pytest.param(record(STAR_2, "G", ["A", "C"], "0/1"), id="with an allele nobody has"),
        pytest.param(record(STAR_2, "G", ["C", "A"], "0/2"), id="second of two alternatives"),
        pytest.param(record(STAR_2, "GC", ["AC"], "0/1"), id="padded behind"),
        pytest.param(record(STAR_2 - 1, "CG", ["CA"], "0/1"), id="padded before"),
        pytest.param(record(STAR_2 - 1, "CG", ["TA", "CA"], "0/2"), id="beside a two-base change"),
    ],
)
def test_one_genotype_is_read_from_every_spelling(written: Record) -> None:
    assert at_star_2(written).bases[STAR_2] == ("G", "A")


@pytest.mark.parametrize(
    ("gene", "position", "written", "bases"),
    [
        pytest.param(
            NUDT15,
            REPEAT,
            record(REPEAT, "A", ["AGGAGTC"], "0/1"),
            ("AGGAGTC", "AGGAGTCGGAGTC"),
            id="insertion by its anchor alone on one strand",
        ),
        pytest.param(
            NUDT15,
            REPEAT,
            record(REPEAT, "A", ["AGGAGTC"], "0/0"),
            None,
            id="insertion by its anchor alone on none: others were not looked for",
        ),
        pytest.param(
            UGT1A1,
            TATA,
            record(TATA, "C", ["CAT"], "0/1"),
            ("CAT", "CATAT"),
            id="one more repeat, as callers write it",
        ),
        pytest.param(
            UGT1A1,
            TATA,
            record(TATA, "CAT", ["C"], "1|0"),
            ("C", "CAT"),
            id="one repeat less, as callers write it",
        ),
        pytest.param(
            NUDT15,
            REPEAT,
            record(REPEAT, "A", ["AGGAGTC"], "1/1"),
            ("AGGAGTCGGAGTC", "AGGAGTCGGAGTC"),
            id="insertion by its anchor on both strands",
        ),
        pytest.param(
            NUDT15,
            REPEAT,
            record(REPEAT, "AGGAGTC", ["AGGAGTCGGAGTC", "A"], "1/2"),
            ("AGGAGTCGGAGTC", "A"),
            id="two alternatives in one record",
        ),
        pytest.param(
            UGT1A1,
            TATA,
            record(TATA, "CATAT", ["CATATAT", "CAT"], "1/2"),
            ("CATAT", "C"),
            id="repeat with another number of bases around",
        ),
        pytest.param(
            CYP2C9,
            LONG_DELETION,
            record(94942212, "AAGAAATGGAA", ["A"], "0/1"),
            ("CAATGGAAAGA", "C"),
            id="deletion written at the right end of its repeat",
        ),
    ],
)
def test_insertions_and_deletions_are_known_however_they_are_written(
    gene: object, position: int, written: Record, bases: tuple[str, str] | None
) -> None:
    known = gene_of(getattr(gene, "name", ""))

    observed = observe(known, genome_of_records(known, {position: [written]}))

    assert observed.bases.get(position) == bases


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([], id="no record"),
        pytest.param([record(STAR_2, "G", ["A"], "./.")], id="no call"),
        pytest.param([record(STAR_2, "G", ["A"], "0/.")], id="half a reference"),
        pytest.param([record(STAR_2, "G", ["A"], "0")], id="one strand where there are two"),
        pytest.param([record(STAR_2, "G", ["A"], "0/0/1")], id="three copies"),
        pytest.param(
            [record(STAR_2 - 5, "ACTTGG", ["A"], "0/0")], id="a deletion that was not found"
        ),
    ],
)
def test_what_is_not_told_is_missing_and_never_the_reference(records: list[Record]) -> None:
    observed = at_star_2(*records)

    assert STAR_2 in observed.missing
    assert STAR_2 not in observed.bases


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(record(STAR_2 - 50, "A", ["<NON_REF>"], "0/0", STAR_2 + 50), id="gVCF"),
        pytest.param(record(STAR_2 - 50, "A", ["<*>"], "0/0", STAR_2), id="ends there"),
        pytest.param(record(STAR_2, "G", [], "0/0"), id="a line without alternative"),
    ],
)
def test_a_block_of_the_reference_is_the_reference(block: Record) -> None:
    assert at_star_2(block).bases[STAR_2] == ("G", "G")


def test_a_block_that_ends_within_a_stretch_does_not_tell_of_it() -> None:
    block = record(REPEAT - 10, "A", ["<NON_REF>"], "0/0", REPEAT + 2)

    assert REPEAT in observe(NUDT15, genome_of_records(NUDT15, {REPEAT: [block]})).missing


@pytest.mark.parametrize("genotype", ["./1", "1|.", "1"])
def test_half_an_alternative_is_neither_whole_nor_missing(genotype: str) -> None:
    observed = at_star_2(record(STAR_2, "G", ["A"], genotype))

    assert observed.half == (STAR_2,)
    assert STAR_2 not in observed.missing


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(record(STAR_2, "G", ["T"], "0/1"), id="another base"),
        pytest.param(record(STAR_2, "G", ["*"], "0/1"), id="deleted upstream"),
        pytest.param(record(STAR_2 - 5, "ACTTGG", ["A"], "0/1"), id="within a new deletion"),
        pytest.param(record(STAR_2 - 500, "A", ["<DEL>"], "0/1", STAR_2 + 500), id="symbolic"),
    ],
)
def test_an_allele_that_no_definition_has_is_named_and_warned_of(written: Record) -> None:
    observed = at_star_2(written)

    assert STAR_2 in observed.undocumented
    assert any("is in no definition of CYP2C19" in warning for warning in observed.warnings)


def test_a_defined_deletion_says_nothing_of_the_positions_within_it() -> None:
    tondela, within = 154532752, 154532758
    deletion = record(tondela, "CGGCCTTGCGCTCGTTCAG", ["C"], "0/1")

    observed = observe(G6PD, genome_of_records(G6PD, {tondela: [deletion], within: [deletion]}))

    assert observed.bases == {tondela: ("CGGCCTTGCGCTCGTTCAG", "C")}
    assert within in observed.missing


@pytest.mark.parametrize(
    ("records", "bases"),
    [
        pytest.param(
            [record(TATA, "CAT", ["C"], "0/1"), record(TATA, "CAT", ["CATAT"], "0/1")],
            ("C", "CATAT"),
            id="two alternatives, one a record",
        ),
        pytest.param(
            [record(TATA, "CAT", ["C"], "0/1"), record(TATA, "C", ["CAT"], "0/1")],
            ("C", "CATAT"),
            id="two alternatives, each as callers write it",
        ),
        pytest.param(
            [record(TATA, "CAT", ["C"], "0/0"), record(TATA, "CAT", ["CATAT"], "0/1")],
            ("CAT", "CATAT"),
            id="one of them not there",
        ),
        pytest.param(
            [record(TATA, "CAT", ["C"], "0|1"), record(TATA, "CAT", ["CATAT"], "1|0")],
            ("CATAT", "C"),
            id="phased: strand by strand",
        ),
        pytest.param(
            [record(TATA, "CAT", ["C"], "0/1"), record(TATA, "CAT", ["C"], "0/1")],
            ("CAT", "C"),
            id="said twice",
        ),
    ],
)
def test_a_genotype_that_was_split_into_records_is_joined(
    records: list[Record], bases: tuple[str, str]
) -> None:
    observed = observe(UGT1A1, genome_of_records(UGT1A1, {TATA: records}))

    assert observed.bases[TATA] == bases


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(
            [record(STAR_2, "G", ["A"], "0/1"), record(STAR_2, "G", ["A"], "1/1")], id="differ"
        ),
        pytest.param(
            [record(TATA, "CAT", ["C"], "1/1"), record(TATA, "CAT", ["CATAT"], "0/1")],
            id="three strands",
        ),
        pytest.param(
            [record(TATA, "CAT", ["C"], "0|1"), record(TATA, "CAT", ["CATAT"], "0|1")],
            id="two on one strand",
        ),
    ],
)
def test_records_that_contradict_each_other_are_missing_and_warned_of(
    records: list[Record],
) -> None:
    gene, position = (CYP2C19, STAR_2) if records[0].position == STAR_2 else (UGT1A1, TATA)

    observed = observe(gene, genome_of_records(gene, {position: records}))

    assert position in observed.missing
    assert any("contradict each other" in warning for warning in observed.warnings)


def test_records_that_say_one_genotype_on_other_strands_leave_it_unphased() -> None:
    observed = at_star_2(record(STAR_2, "G", ["A"], "0|1"), record(STAR_2, "G", ["A"], "1|0"))

    assert observed.phase_sets[STAR_2] == ""


@pytest.mark.parametrize("bad_first", [True, False])
def test_of_repeated_records_the_one_that_fits_the_definition_counts(bad_first: bool) -> None:
    bad = record(REPEAT, "A", ["C"], "0/1")
    good = record(REPEAT, "AGGAGTC", ["A", "AGGAGTCGGAGTC"], "0/2")
    records = [bad, good] if bad_first else [good, bad]

    observed = observe(NUDT15, genome_of_records(NUDT15, {REPEAT: records}))

    assert observed.bases[REPEAT] == ("AGGAGTC", "AGGAGTCGGAGTC")


def test_a_record_that_looked_counts_before_one_that_states_the_reference() -> None:
    observed = at_star_2(record(STAR_2, "G", ["A"], "0/1"), record(STAR_2, "G", ["<*>"], "0/0"))

    assert observed.bases[STAR_2] == ("G", "A")


def test_an_unknown_alternative_beside_a_looked_for_reference_is_not_passed_over() -> None:
    observed = at_star_2(record(STAR_2, "G", ["A"], "0/0"), record(STAR_2, "G", ["T"], "0/1"))

    assert STAR_2 in observed.undocumented


def test_a_record_that_failed_its_filters_counts_and_is_warned_of() -> None:
    failed = Record(STAR_2, "G", ("A",), record(STAR_2, "G", ["A"], "0/1").genotype, STAR_2, "q10")

    observed = at_star_2(failed)

    assert observed.bases[STAR_2] == ("G", "A")
    assert observed.warnings == ("the record at chr10:94781859 failed q10",)


def test_a_haploid_x_is_whole_only_where_all_of_it_is_haploid() -> None:
    positions = list(G6PD.positions)
    haploid = observe(G6PD, genome_with(G6PD, {}, elsewhere="0"))
    mixed = observe(G6PD, genome_with(G6PD, {positions[0]: "0/0"}, elsewhere="0"))

    assert haploid.is_haploid
    assert list(mixed.bases) == positions[:1]


def test_each_position_is_in_exactly_one_place() -> None:
    genotypes = {94761900: "./1", 94762706: "", 94762712: "0/1"}

    observed = observe(CYP2C19, genome_with(CYP2C19, genotypes))
    places = [*observed.bases, *observed.missing, *observed.half, *observed.undocumented]

    assert sorted(places) == sorted(CYP2C19.positions)
