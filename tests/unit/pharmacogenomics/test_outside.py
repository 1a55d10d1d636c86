"""What calls of other callers mean by the pinned release, and what is said where nothing."""

import pytest

from epione.errors import UnreadableCalls
from epione.medicine.pharmacogenomics import outside_calls
from epione.timeline import GeneCall

UNCOUNTED = "the copies are not all counted: the activity score is 2.0 or more"


def call_of(text: str) -> GeneCall:
    (call,) = outside_calls(text)
    return call


@pytest.mark.parametrize(
    ("text", "phenotypes", "scores", "keys"),
    [
        pytest.param(
            "CYP2D6\t*1/*4x2", ("Intermediate Metabolizer",), (1.0,), ("1.0",), id="CYP2D6"
        ),
        pytest.param("CYP2C19\t*2/*17", ("Intermediate Metabolizer",), (), None, id="functions"),
        pytest.param("CYP2C19\t*36/*2", ("Poor Metabolizer",), (), None, id="a deleted gene"),
        pytest.param("CYP2C9\t*1/*3", ("Intermediate Metabolizer",), (1.0,), ("1.0",), id="score"),
        pytest.param(
            "DPYD\tReference/[c.498G>A + c.2582A>G]",
            ("Normal Metabolizer",),
            (2.0,),
            ("2.0",),
            id="[]",
        ),
        pytest.param(
            "MT-RNR1\tm.1555A>G",
            ("increased risk of aminoglycoside-induced hearing loss",),
            (),
            None,
            id="one strand",
        ),
        pytest.param(
            "MT-RNR1\t827A>G",
            ("normal risk of aminoglycoside-induced hearing loss",),
            (),
            None,
            id="without its m.",
        ),
        pytest.param(
            "HLA-B\t*57:01/*15:02",
            ("*15:02 positive", "*15:11 negative", "*57:01 positive", "*58:01 negative"),
            (),
            None,
            id="HLA",
        ),
        pytest.param("HLA-A\tHLA-A*31:01/A*02:01", ("*31:01 positive",), (), None, id="with locus"),
        pytest.param(
            "HLA-B\t\t*57:01 Positive", ("*57:01 positive",), (), None, id="a test of one"
        ),
        pytest.param(
            "HLA-B\t\t*57:01 positive\nHLA-B\t\t*58:01 negative",
            ("*57:01 positive", "*58:01 negative"),
            (),
            None,
            id="two tests",
        ),
        pytest.param(
            "CYP2D6\t\tpoor metaboliser", ("Poor Metabolizer",), (), ("0.0",), id="a phenotype"
        ),
        pytest.param(
            "CYP2C19\t\tRapid Metabolizer", ("Rapid Metabolizer",), (), None, id="by functions"
        ),
        pytest.param(
            "CYP2D6\t\t\t2.5", ("Ultrarapid Metabolizer",), (2.5,), ("2.5",), id="a score"
        ),
        pytest.param(
            "CYP2D6\t\t\t≥3.0", ("Ultrarapid Metabolizer",), (), ("≥3.0",), id="a score at least"
        ),
    ],
)
def test_a_call_means_what_the_release_says(
    text: str,
    phenotypes: tuple[str, ...],
    scores: tuple[float, ...],
    keys: tuple[str, ...] | None,
) -> None:
    call = call_of(text)

    assert (call.phenotypes, call.activity_scores) == (phenotypes, scores)
    assert call.lookup_keys == (keys or phenotypes)
    assert call.no_call_reason == ""


@pytest.mark.parametrize(
    ("short", "full"),
    [
        pytest.param("DPYD\t*1/*2A", "DPYD\tReference/c.1905+1G>A (*2A)", id="the star"),
        pytest.param(
            "DPYD\tc.1905+1G>A/Reference", "DPYD\tc.1905+1G>A (*2A)/Reference", id="the variant"
        ),
        pytest.param("DPYD\t*13/*13", "DPYD\tc.1679T>G (*13)/c.1679T>G (*13)", id="another star"),
        pytest.param(
            "DPYD\t*1/HapB3", "DPYD\tReference/c.1129-5923C>G, c.1236G>A (HapB3)", id="a haplotype"
        ),
        pytest.param(
            "DPYD\t*1/[*5 + *9A]",
            "DPYD\tReference/[c.1627A>G (*5) + c.85T>C (*9A)]",
            id="two on a strand",
        ),
        pytest.param(
            "ABCG2\tT/G", "ABCG2\trs2231142 variant (T)/rs2231142 reference (G)", id="a base"
        ),
        pytest.param("G6PD\tB/B", "G6PD\tB (reference)/B (reference)", id="G6PD"),
    ],
)
def test_a_common_name_means_what_the_full_one_does(short: str, full: str) -> None:
    one, other = call_of(short), call_of(full)

    assert one.warnings == other.warnings == ()
    assert one.phenotypes == other.phenotypes != (None,)
    assert (one.activity_scores, one.lookup_keys) == (other.activity_scores, other.lookup_keys)


def test_a_change_that_two_alleles_of_a_gene_have_names_neither() -> None:
    with pytest.raises(UnreadableCalls, match="an allele of CFTR"):
        outside_calls("CFTR\tM952I/M952I")


def test_a_phenotype_without_a_score_stands_for_every_score_that_has_it() -> None:
    assert set(call_of("CYP2D6\t\tIntermediate Metabolizer").lookup_keys) == {
        "0.25",
        "0.5",
        "0.75",
        "1.0",
    }


def test_copies_that_were_not_counted_are_a_range_and_no_guess() -> None:
    call = call_of("CYP2D6=*1xN/*4")

    assert call.phenotypes == ("Normal Metabolizer", "Ultrarapid Metabolizer")
    assert call.activity_scores == ()
    assert call.warnings == (UNCOUNTED,)


def test_copies_on_no_strand_add_up_all_the_same() -> None:
    call = call_of("Sample\tGenotype\tFilter\na\t*1_*2_*68\tNot_assigned_to_haplotypes")

    assert (call.diplotypes, call.component_haplotypes) == ((), ("*1", "*2", "*68"))
    assert (call.phenotypes, call.activity_scores) == (("Normal Metabolizer",), (2.0,))
    assert "not assigned to strands" in call.warnings[0]


def test_two_diplotypes_that_a_caller_cannot_tell_apart_are_both_given() -> None:
    row = "a\t*1/*46;*43/*45\tMore_than_one_possible_genotype"
    call = call_of(f"Sample\tGenotype\tFilter\n{row}")

    assert call.diplotypes == ("*1/*46", "*43/*45")
    assert call.phenotypes == ("Normal Metabolizer", "Indeterminate")


@pytest.mark.parametrize(
    ("text", "caller"),
    [
        pytest.param("# caller: Stargazer 2.0\nCYP2D6\t*1/*1", "Stargazer 2.0", id="named"),
        pytest.param("CYP2D6\t*1/*1", "an unnamed caller", id="unnamed"),
    ],
)
def test_a_call_says_who_made_it(text: str, caller: str) -> None:
    assert call_of(text).caller == caller


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(
            "CYP2C19\t[*2 + *3]/*1", "no phenotype assigned to this", id="two on a strand"
        ),
        pytest.param("CYP2C19\t*1", "no phenotype assigned to this", id="one strand of two"),
        pytest.param("CYP2D6\t\t\t2.6", "no phenotype assigned to this", id="no such score"),
        pytest.param("CYP2D6\t\tRapid Metabolizer", "is none of CYP2D6's", id="another gene's"),
        pytest.param("GSTM1\t*0/*0", "no phenotype assigned: GSTM1 is not in", id="a gene"),
        pytest.param("HLA-B\t\t*13:01 positive", "no guideline asks for this", id="no one asks"),
    ],
)
def test_what_is_read_and_means_nothing_is_an_answer_without_a_phenotype(
    text: str, warning: str
) -> None:
    call = call_of(text)

    assert call.phenotypes == (None,)
    assert any(warning in each for each in call.warnings), call.warnings


@pytest.mark.parametrize("gene", ["CYP2D6", "CYP2C19"])
def test_an_allele_that_the_release_does_not_know_calls_nothing_that_it_knows(gene: str) -> None:
    call = call_of(f"{gene}\t*1/*999")

    assert (call.diplotypes, call.phenotypes, call.lookup_keys) == (("*1/*999",), (None,), ("n/a",))
    assert call.no_call_reason == f"{gene} *999 is not known in this release"
    assert call.warnings == (f"no phenotype assigned to this result of {gene}",)


def test_what_a_caller_states_beside_an_allele_that_is_not_known_is_a_result() -> None:
    call = call_of("CYP2C19\t*1/*999\tPoor Metabolizer")

    assert (call.lookup_keys, call.no_call_reason) == (("Poor Metabolizer",), "")
    assert call.warnings == (
        "CYP2C19 *999 is not known in this release",
        "the phenotype is the caller's",
    )


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        pytest.param("# x\nCYP2D6\t*1/*4//", r"line 2: CYP2D6 is not .*: \*1/\*4//$", id="copies"),
        pytest.param("CYP2C19\t*1/*2/*3", r"line 1: CYP2C19 has .*: \*1/\*2/\*3$", id="strands"),
        pytest.param("CYP2C19\t*1/*2()", r"as none is: \*2\(\)$", id="an allele"),
        pytest.param("CYP2C19\t*1/Doe", "line 1: an allele of CYP2C19 is written as none is$"),
    ],
)
def test_a_refusal_repeats_what_is_written_in_stars_and_nothing_else(
    text: str, refusal: str
) -> None:
    with pytest.raises(UnreadableCalls, match=refusal):
        outside_calls(text)


def test_one_cell_that_cannot_be_read_refuses_the_good_ones_beside_it() -> None:
    with pytest.raises(UnreadableCalls, match="line 2"):
        outside_calls("CYP2C19\t*1/*2\nCYP2D6\t*1/?\nCYP2C9\t*1/*1\n")


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(
            "CYP2D6\t*1/*4\tNormal Metabolizer",
            "the caller states Normal Metabolizer, which this release does not",
            id="the phenotype of 2016",
        ),
        pytest.param(
            "CYP2D6\t*10/*10\t\t1.0",
            "the caller states an activity score of 1.0, which this release does not",
            id="the score of 2016",
        ),
        pytest.param(
            "HLA-B\t*57:01/*08:01\t*57:01 negative",
            "the caller states another result than these alleles have",
            id="HLA",
        ),
    ],
)
def test_a_statement_of_the_caller_that_differs_is_told_and_ours_stands(
    text: str, warning: str
) -> None:
    call = call_of(text)

    assert call.warnings == (warning,)
    assert call.phenotypes in (
        ("Intermediate Metabolizer",),
        ("*15:02 negative", "*15:11 negative", "*57:01 positive", "*58:01 negative"),
    )


def test_what_the_caller_states_stands_where_its_alleles_say_nothing_to_us() -> None:
    call = call_of("CYP2D6\t*1/*999\tNormal Metabolizer")

    assert call.phenotypes == ("Normal Metabolizer",)
    assert call.warnings == (
        "CYP2D6 *999 is not known in this release",
        "the phenotype is the caller's",
    )


@pytest.mark.parametrize("text", ["CYP2D6\tNo_call\tPoor", "HLA-B\tunknown", "CYP2C19\tNone"])
def test_what_a_caller_could_not_call_is_not_called(text: str) -> None:
    gene, *_ = text.split("\t")

    call = call_of("\t".join(text.split("\t")[:2]) + "\t")

    assert (call.gene, call.no_call_reason) == (gene, "the caller could not call it")
    assert call.lookup_keys == ()


@pytest.mark.parametrize(
    ("lines", "phenotypes", "reason"),
    [
        pytest.param(["unknown", "\t*57:01 positive"], ("*57:01 positive",), "", id="the second"),
        pytest.param(["\t*57:01 positive", "unknown"], ("*57:01 positive",), "", id="the first"),
        pytest.param(["unknown", "\t*13:01 positive"], (None,), "", id="no one asks for it"),
        pytest.param(["unknown", "none"], (), "the caller could not call it", id="neither"),
    ],
)
def test_a_test_that_failed_says_nothing_of_another(
    lines: list[str], phenotypes: tuple[str | None, ...], reason: str
) -> None:
    call = call_of("".join(f"HLA-B\t{line}\n" for line in lines))

    assert (call.phenotypes, call.no_call_reason) == (phenotypes, reason)


def test_an_allele_of_one_field_is_open_and_said_to_be_so() -> None:
    call = call_of("HLA-B\t*57/*07:02")

    assert {"*57:01 positive", "*57:01 negative", "*58:01 negative"} <= set(call.lookup_keys)
    assert call.warnings == ("HLA-B*57 leaves open whether it is *57:01: two fields are needed",)


def test_one_hla_allele_alone_leaves_the_other_open() -> None:
    assert "the other is not known" in call_of("HLA-B\t*57:01").warnings[-1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("CYP2D6\t1/4", "line 1: CYP2D6 is not two strands", id="no stars"),
        pytest.param("CYP2D6\t*1", "CYP2D6 is not two strands", id="one strand"),
        pytest.param("CYP2D6\t*1/*2/*4", "CYP2D6 is not two strands", id="three strands"),
        pytest.param("CYP2C19\t*1/*2/*3", "more than two strands", id="three of another gene"),
        pytest.param("CYP2C19\tJane/Doe", "written as none is", id="no notation"),
        pytest.param("GSTM1\tJane/Doe", "written as none is", id="nor in a gene we do not hold"),
        pytest.param("CYP2C9\t*2 Jane Doe/*1", "an allele of CYP2C9 is written", id="a name"),
        pytest.param("HLA-C\t*06:02 Jane/*07:01", "an allele of HLA-C is", id="HLA not held"),
        pytest.param("HLA-B\t\tJane Doe born 1970", "the phenotype of HLA-B is", id="no result"),
        pytest.param("HLA-B\t\t*57:01 Jane", "the phenotype of HLA-B is", id="half a result"),
        pytest.param("HLA-B\t*57:01/*08:01\tJane", "the phenotype of HLA-B is", id="beside"),
        pytest.param("CYP2D6\t*1/*4\tsluggish", "the phenotype of CYP2D6 is", id="no phenotype"),
        pytest.param("CYP2D6\tunknown\tJane", "the phenotype of CYP2D6 is", id="not called"),
        pytest.param("GSTM1\t*0/*0\tJane", "the phenotype of GSTM1 is", id="a gene not held"),
        pytest.param("JANE\t\tDoe", "no gene that CPIC links", id="neither gene nor phenotype"),
        pytest.param(
            "Sample\tGenotype\tFilter\na\t*1/*999;Jane/Doe\tMore_than_one_possible_genotype",
            "CYP2D6 is not two strands",
            id="after an allele that is not known",
        ),
        pytest.param("HLA-B\t57:01/58:01", "HLA-B is not one or two alleles", id="no star"),
        pytest.param("HLA-B\t*57:AB/*58:01", "HLA-B is not one or two alleles", id="a code"),
        pytest.param("NA12878\t*1/*4", "no gene that CPIC links to a drug", id="a sample's name"),
        pytest.param("CYP2D6\t*1/*1\nCYP2D6\t*1/*4", "line 2: .*second line", id="a gene twice"),
        pytest.param("HLA-B\t*57:01/*08:01\nHLA-B\t\t*58:01 negative", "second line", id="HLA"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, says: str) -> None:
    with pytest.raises(UnreadableCalls, match=says):
        outside_calls(text)


@pytest.mark.parametrize(
    "name",
    [
        "*1.001",
        "*2A",
        "*1x2",
        "*1xN",
        "*36+*10",
        "*06:02:01",
        "rs1045642",
        "rs1045642 C>T",
        "c.3435C>T",
        "c.-94G>A",
        "c.1236+5_1236+9delinsAC",
        "g.87509329A>G",
        "p.Val158Met",
        "p.V158*",
    ],
)
def test_an_allele_in_a_notation_of_the_field_is_shown_though_its_gene_is_not_held(
    name: str,
) -> None:
    assert call_of(f"ABCB1\t{name}/{name}").diplotype == f"{name}/{name}"


@pytest.mark.parametrize("name", ["*2 Doe", "*Doe", "c.Doe", "p.Jane1970Doe", "rs1 Doe", "x1970"])
def test_an_allele_in_none_of_them_is_refused(name: str) -> None:
    with pytest.raises(UnreadableCalls, match="an allele of ABCB1 is written as none is"):
        outside_calls(f"ABCB1\t{name}/*1")


@pytest.mark.parametrize(
    "text",
    [
        "JANE\t*1/*4",
        "JANE\t",
        "JANE\t*1/*4\t\tDoe",
        "CYP2C19\tJane/Doe",
        "CYP2C19\t*2 Jane/*1",
        "CYP2D6\tJane Doe",
        "HLA-B\t\tJane Doe",
    ],
)
def test_a_refusal_repeats_nothing_that_may_be_a_name(text: str) -> None:
    with pytest.raises(UnreadableCalls) as refused:
        outside_calls(text)

    assert "jane" not in str(refused.value).lower()
