"""DPWG beside CPIC: a table for each gene, by the genotype, and nothing merged.

What DPWG asks for is checked against the abstracts of its own publications where they say it, by
PMID: 34267337 (opioids), 34782755 (serotonin reuptake inhibitors), 31745289 (fluoropyrimidines).
"""

from datetime import UTC, datetime

import pytest
from tests.unit.pharmacogenomics.genomes import called
from tests.unit.pharmacogenomics.test_phenoconversion import taken

from epione.medicine.drug_recommendations import is_said_ahead
from epione.medicine.pharmacogenomics import (
    Circumstances,
    DrugAdvice,
    Guidelines,
    NoAdvice,
    outside_calls,
)
from epione.medicine.pharmacogenomics.knowledge import PINNED, release_named
from epione.medicine.pharmacogenomics.tables import CPIC, DPWG, Table, drugs_by_ingredient
from epione.medicine.staleness import stale
from epione.timeline import RXNORM, Code, GeneCall, joined

BASE = release_named("2025-11")
NONE_TAKEN = Circumstances()


def calls(text: str) -> dict[str, GeneCall]:
    """Give calls of another caller, one a line: "CYP2C9 *1/*3", "CYP2D6 score 2.5"."""
    lines = []
    for line in text.splitlines():
        gene, _, said = line.partition(" ")
        is_score = said.startswith("score ")
        lines.append(f"{gene}\t\t\t{said.split()[1]}" if is_score else f"{gene}\t{said}")
    return {call.gene: call for call in outside_calls("\n".join(lines))}


def answers(
    drug: str, text: str, source: str = DPWG, beside: Circumstances = NONE_TAKEN
) -> list[DrugAdvice | NoAdvice]:
    every = Guidelines().answers_for(Code(RXNORM, "", drug), calls(text), beside)
    return [each for each in every if each.source == source]


def advised(drug: str, text: str, source: str = DPWG) -> DrugAdvice:
    (answer,) = (each for each in answers(drug, text, source) if isinstance(each, DrugAdvice))
    return answer


def unmet(drug: str, text: str, source: str = DPWG) -> str:
    (answer,) = answers(drug, text, source)
    assert isinstance(answer, NoAdvice)
    return answer.unmet


@pytest.mark.parametrize(
    ("drug", "text", "kind", "says"),
    [
        pytest.param("escitalopram", "CYP2C19 *2/*2", "adjust", "most half the", id="34782755 a"),
        pytest.param("escitalopram", "CYP2C19 *1/*2", "adjust", "most 75 %", id="34782755 b"),
        pytest.param("escitalopram", "CYP2C19 *17/*17", "avoid", "Avoid escital", id="34782755 c"),
        pytest.param("citalopram", "CYP2C19 *17/*17", "standard", "no need to", id="34782755 d"),
        pytest.param("sertraline", "CYP2C19 *2/*2", "adjust", "most 75 mg", id="34782755 e"),
        pytest.param("paroxetine", "CYP2D6 *1/*1x2", "avoid", "Avoid parox", id="34782755 f"),
        pytest.param("paroxetine", "CYP2D6 *4/*4", "standard", "no need to", id="34782755 g"),
        pytest.param("codeine", "CYP2D6 *1/*1x2", "avoid", "above 20 mg", id="34267337 a"),
        pytest.param("codeine", "CYP2D6 *4/*4", "avoid", "not tramadol", id="34267337 b"),
        pytest.param("codeine", "CYP2D6 *1/*4", "adjust", "a higher dose", id="34267337 c"),
        pytest.param("tramadol", "CYP2D6 *4/*4", "adjust", "a higher dose", id="34267337 d"),
        pytest.param("tramadol", "CYP2D6 *1/*1x2", "avoid", "give 40 %", id="34267337 e"),
        pytest.param(
            "capecitabine", "DPYD Reference/c.2846A>T", "adjust", "at 50 %", id="31745289"
        ),
    ],
)
def test_what_is_asked_for_is_what_the_publication_says(
    drug: str, text: str, kind: str, says: str
) -> None:
    advice = advised(drug, text)

    assert (advice.kind, advice.strength) == (kind, "not graded here")
    assert says in advice.action


def test_no_recommendation_is_not_no_need_to_act() -> None:
    silent, no_need = advised("omeprazole", "CYP2C19 *1/*1"), advised("omeprazole", "CYP2C19 *2/*2")

    assert (silent.kind, silent.strength) == ("indeterminate", "No recommendation")
    assert no_need.kind == "standard"


def test_a_statement_whose_text_is_not_held_says_so_and_where_it_is() -> None:
    advice = advised("thioguanine", "TPMT *3A/*3A")

    assert (advice.kind, advice.strength) == ("adjust", "not graded here")
    assert "its text is not held here: read it at the source named" in advice.action
    assert [each.reference for each in advice.evidence] == [
        "PMID 21412232",
        "ClinPGx PA166104960",
    ]


def test_a_statement_on_the_dose_whose_text_is_not_held_is_said_ahead_of_an_order() -> None:
    advice = advised("mavacamten", "CYP2C19 *2/*2")

    assert is_said_ahead(advice)


@pytest.mark.parametrize(
    ("tagged", "plain"),
    [
        pytest.param("*80+*28/*80+*28", "*28/*28", id="on both strands"),
        pytest.param("*28/*80+*28", "*28/*28", id="on one of them"),
        pytest.param("[*28 + *80]/[*80 + *28]", "*28/*28", id="as another caller writes it"),
        pytest.param("*28+*80/*28", "*28/*28", id="without brackets"),
        pytest.param("*1/*80+*28", "*1/*28", id="on one strand"),
        pytest.param("*1/[*28 + *80]", "*1/*28", id="on one strand, as another caller writes it"),
    ],
)
def test_a_tag_that_travels_with_an_allele_changes_nothing(tagged: str, plain: str) -> None:
    """*80 of UGT1A1, with *28: this project's own reading of statements that are not held."""
    one, other = (advised("irinotecan", f"UGT1A1 {each}") for each in (tagged, plain))

    assert (one.kind, one.action) == (other.kind, other.action)
    assert "not held here" not in one.action


def test_most_who_carry_28_are_called_with_its_tag_and_are_advised() -> None:
    call = called("UGT1A1", {233759924: "1/1", 233760233: "2/2"})

    every = Guidelines().answers_for(Code(RXNORM, "", "irinotecan"), {"UGT1A1": call})
    (advice,) = (each for each in every if isinstance(each, DrugAdvice) and each.source == DPWG)

    assert call.diplotypes == ("*80+*28/*80+*28",)
    assert "70 %" in advice.action


# ── beside CPIC ──


def test_each_gene_has_an_entry_of_its_own_where_cpic_joins_them() -> None:
    text = "CYP2C19 *2/*2\nCYP2D6 *4/*4"

    (joined,) = answers("imipramine", text, CPIC)
    apart = answers("imipramine", text)

    assert isinstance(joined, DrugAdvice)
    assert (joined.genes, joined.key) == (("CYP2C19", "CYP2D6"), "CPIC")
    assert [(each.genes, each.key) for each in apart if isinstance(each, DrugAdvice)] == [
        (("CYP2C19",), "DPWG/CYP2C19"),
        (("CYP2D6",), "DPWG/CYP2D6"),
    ]


def test_one_gene_answers_where_the_other_is_not_called() -> None:
    of_tpmt, of_nudt15 = sorted(
        answers("azathioprine", "TPMT *3A/*3A"), key=lambda each: isinstance(each, NoAdvice)
    )

    assert isinstance(of_tpmt, DrugAdvice)
    assert of_tpmt.kind == "avoid"
    assert isinstance(of_nudt15, NoAdvice)
    assert (of_nudt15.unmet, of_nudt15.genes) == ("NUDT15 is not in the genome", ("NUDT15",))


@pytest.mark.parametrize(
    ("drug", "text", "of_cpic", "of_dpwg"),
    [
        pytest.param("omeprazole", "CYP2C19 *2/*2", "adjust", "standard", id="one sees no need"),
        pytest.param("codeine", "CYP2D6 score 2.5", "avoid", "indeterminate", id="ultrarapid by 1"),
        pytest.param("sertraline", "CYP2C19 *1/*17", "standard", "indeterminate", id="rapid by 1"),
        pytest.param("tacrolimus", "CYP3A5 *3/*3", "standard", "indeterminate", id="one is silent"),
    ],
)
def test_where_they_disagree_both_are_said(
    drug: str, text: str, of_cpic: str, of_dpwg: str
) -> None:
    cpic, dpwg = advised(drug, text, CPIC), advised(drug, text)

    assert (cpic.kind, dpwg.kind) == (of_cpic, of_dpwg)
    assert {each.source for each in cpic.evidence} == {CPIC}
    assert {each.source for each in dpwg.evidence} == {DPWG}


@pytest.mark.parametrize(
    ("drug", "text", "leads"),
    [
        pytest.param("omeprazole", "CYP2C19 *2/*2", False, id="CPIC has a table"),
        pytest.param("warfarin", "CYP2C9 *3/*3", False, id="CPIC has an algorithm"),
        pytest.param("siponimod", "CYP2C9 *3/*3", True, id="CPIC has a link alone"),
        pytest.param("flecainide", "CYP2D6 *4/*4", True, id="CPIC has nothing"),
        pytest.param("metoprolol", "CYP2D6 *4/*4", True, id="CPIC's table is held in part"),
        pytest.param(
            "allopurinol",
            "ABCG2 rs2231142 variant (T)/rs2231142 variant (T)",
            True,
            id="CPIC asks for another gene",
        ),
        pytest.param("allopurinol", "HLA-B *58:01/*07:02", False, id="CPIC asks for the allele"),
        pytest.param("carbamazepine", "HLA-B *15:11/*07:02", True, id="CPIC asks for another"),
        pytest.param("carbamazepine", "HLA-B *15:02/*07:02", False, id="beside it nothing else"),
        pytest.param("carbamazepine", "HLA-A *31:01/*02:01", False, id="the other HLA gene"),
    ],
)
def test_it_leads_where_cpic_does_not_ask(drug: str, text: str, leads: bool) -> None:
    found = answers(drug, text)

    assert {each.leads for each in found if isinstance(each, DrugAdvice)} == {leads}


@pytest.mark.parametrize(
    ("drug", "text"),
    [
        pytest.param(
            "allopurinol", "ABCG2 rs2231142 variant (T)/rs2231142 variant (T)", id="ABCG2 poor"
        ),
        pytest.param("carbamazepine", "HLA-B *15:11/*07:02", id="*15:11"),
    ],
)
def test_a_risk_that_dpwg_alone_knows_is_said_ahead_of_an_order(drug: str, text: str) -> None:
    every = Guidelines().answers_for(Code(RXNORM, "", drug), calls(text))

    ahead = [a.source for a in every if isinstance(a, DrugAdvice) and is_said_ahead(a)]
    assert ahead == [DPWG]


# ── by which result ──


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        pytest.param("0.0", "avoid", id="poor"),
        pytest.param("0.25", "adjust", id="lower edge of intermediate"),
        pytest.param("1.0", "adjust", id="upper edge of intermediate"),
        pytest.param("1.25", "indeterminate", id="lower edge of normal"),
        pytest.param("1.75", "indeterminate", id="between two rows"),
        pytest.param("2.5", "indeterminate", id="normal, and ultrarapid by CPIC"),
        pytest.param("3.0", "avoid", id="ultrarapid"),
        pytest.param("3.25", "avoid", id="no row but a limit"),
        pytest.param("5.5", "avoid", id="above a limit"),
        pytest.param("≥3.0", "avoid", id="copies not counted"),
    ],
)
def test_cyp2d6_is_looked_up_by_its_score(score: str, kind: str) -> None:
    assert advised("codeine", f"CYP2D6 score {score}").kind == kind


def test_a_score_between_two_classes_has_no_statement() -> None:
    assert unmet("codeine", "CYP2D6 score 2.75") == (
        "DPWG's table on codeine holds no statement for CYP2D6 2.75"
    )


@pytest.mark.parametrize(
    ("diplotype", "says"),
    [
        pytest.param("*1/*2", "75 %", id="score 1.5"),
        pytest.param("*1/*3", "75 %", id="score 1, one strand lost"),
        pytest.param("*2/*2", "50 %", id="score 1, named by itself"),
        pytest.param("*5/*8", "40 to 50 %", id="score 1, two decreased: poor"),
        pytest.param("*2/*3", "50 %", id="score 0.5, named by itself"),
        pytest.param("*3/*2", "50 %", id="in whichever order"),
        pytest.param("*3/*8", "40 to 50 %", id="score 0.5"),
        pytest.param("*3/*3", "40 %", id="score 0, named by itself"),
        pytest.param("*6/*6", "40 to 50 %", id="score 0"),
    ],
)
def test_cyp2c9_is_looked_up_by_its_alleles_first(diplotype: str, says: str) -> None:
    advice = advised("phenytoin", f"CYP2C9 {diplotype}")

    assert f"loading dose of phenytoin, then {says} of" in advice.action


@pytest.mark.parametrize(
    ("diplotype", "kind", "says"),
    [
        pytest.param("Reference/c.1905+1G>A (*2A)", "adjust", "at 50 %", id="one strand lost"),
        pytest.param("c.2846A>T/c.2846A>T", "avoid", "measure", id="two decreased"),
        pytest.param("c.1905+1G>A (*2A)/c.2846A>T", "avoid", "measure", id="0.5"),
        pytest.param("Reference/Reference", "indeterminate", "no recommendation", id="normal"),
    ],
)
def test_dpyd_of_score_1_is_told_apart_by_its_functions(
    diplotype: str, kind: str, says: str
) -> None:
    advice = advised("capecitabine", f"DPYD {diplotype}")

    assert advice.kind == kind
    assert says in advice.action


@pytest.mark.parametrize(
    ("drug", "said", "may_be"),
    [
        pytest.param("capecitabine", "DPYD\t\t\t1.0", ("at 50 %", "measure"), id="DPYD"),
        pytest.param("warfarin", "CYP2C9\t\t\t1.0", ("65 %", "20 %"), id="warfarin"),
        pytest.param("siponimod", "CYP2C9\t\t\t1.0", ("50 %", "usual", "Avoid"), id="siponimod"),
        pytest.param(
            "siponimod",
            "CYP2C9\t\tIntermediate Metabolizer",
            ("50 %", "usual", "Avoid"),
            id="a phenotype",
        ),
        pytest.param(
            "siponimod",
            "CYP2C9\t*1/*999\t\t1.0",
            ("50 %", "usual", "Avoid"),
            id="an allele that is not known",
        ),
    ],
)
def test_a_result_without_alleles_is_every_row_that_it_may_be(
    drug: str, said: str, may_be: tuple[str, ...]
) -> None:
    found = {call.gene: call for call in outside_calls(said)}
    every = Guidelines().answers_for(Code(RXNORM, "", drug), found)
    (advice,) = (each for each in every if isinstance(each, DrugAdvice) and each.source == DPWG)

    assert advice.kind == "indeterminate"
    assert advice.action.startswith("It depends on which result is true.")
    assert all(each in advice.action for each in may_be)
    assert advice.would_change_if == (f"{advice.genes[0]} is called for sure",)


@pytest.mark.parametrize(
    ("drug", "said", "kind"),
    [
        pytest.param("capecitabine", "DPYD\t\t\t1.5", "adjust", id="a score of one row"),
        pytest.param("irinotecan", "UGT1A1\t\tPoor Metabolizer", "adjust", id="rows that agree"),
        pytest.param("capecitabine", "DPYD\t*1/*2A", "adjust", id="a common name for an allele"),
    ],
)
def test_a_result_that_means_one_thing_is_no_question(drug: str, said: str, kind: str) -> None:
    found = {call.gene: call for call in outside_calls(said)}
    every = Guidelines().answers_for(Code(RXNORM, "", drug), found)
    (advice,) = (each for each in every if isinstance(each, DrugAdvice) and each.source == DPWG)

    assert advice.kind == kind


def test_variants_of_unknown_phase_are_told_apart_by_their_functions() -> None:
    """Two that decrease, unphased, are taken to be on two strands: a score of 1 by CPIC."""
    call = called("DPYD", {97082391: "0/1", 97579893: "0/1"})

    (cpic, dpwg) = Guidelines().answers_for(Code(RXNORM, "", "capecitabine"), {"DPYD": call})

    assert call.lookup_keys == ("1.0",)
    assert call.component_haplotypes
    assert isinstance(cpic, DrugAdvice)
    assert isinstance(dpwg, DrugAdvice)
    assert cpic.kind == "adjust"
    assert "measure" in dpwg.action


@pytest.mark.parametrize(
    ("own", "said", "says"),
    [
        pytest.param({}, "DPYD\t\t\t1.0", "DPYD 1.0: Start capecitabine at 50 %", id="a score"),
        pytest.param(
            {97082391: "0/1", 97579893: "0/1"},
            "DPYD\tReference/Reference",
            "DPYD Decreased function/Decreased function: By the genotype alone no dose",
            id="variants without phase",
        ),
    ],
)
def test_a_dispute_keeps_a_result_that_has_no_diplotype(
    own: dict[int, str], said: str, says: str
) -> None:
    call = joined(called("DPYD", own), *outside_calls(said))
    every = Guidelines().answers_for(Code(RXNORM, "", "capecitabine"), {"DPYD": call})

    (advice,) = (each for each in every if isinstance(each, DrugAdvice) and each.source == DPWG)

    assert "DPYD 2.0: The guideline makes no recommendation" in advice.action
    assert says in advice.action


def test_equally_good_diplotypes_are_all_looked_up() -> None:
    """Of one score, and of one row to CPIC."""
    call = GeneCall(
        "CYP2C9",
        "*1/*3",
        ("*1/*3", "*2/*2"),
        ("Intermediate Metabolizer",) * 2,
        lookup_keys=("1.0",),
    )

    every = Guidelines().answers_for(Code(RXNORM, "", "phenytoin"), {"CYP2C9": call})
    *cpic, dpwg = (each for each in every if isinstance(each, DrugAdvice))

    assert {each.kind for each in cpic} == {"adjust"}
    assert dpwg.action.startswith("It depends on which result is true.")
    assert "75 %" in dpwg.action
    assert "50 %" in dpwg.action


@pytest.mark.parametrize(
    ("alleles", "kind"),
    [
        pytest.param("*15:02/*08:01", "avoid", id="*15:02"),
        pytest.param("*15:11/*08:01", "avoid", id="*15:11, which CPIC does not ask for"),
        pytest.param("*15:02/*15:11", "indeterminate", id="both: no recommendation"),
    ],
)
def test_two_alleles_of_hla_b_are_looked_up_together(alleles: str, kind: str) -> None:
    assert advised("carbamazepine", f"HLA-B {alleles}").kind == kind


def test_both_alleles_together_do_not_pass_for_a_result_that_asks_for_nothing() -> None:
    advice = advised("carbamazepine", "HLA-B *15:02/*15:11")

    assert advice.strength == "No recommendation"
    assert "life-threatening skin reaction" in advice.action


def test_of_an_allele_that_is_not_there_nothing_is_said_and_no_test_helps() -> None:
    (answer,) = answers("abacavir", "HLA-B *08:01/*07:02")

    assert isinstance(answer, NoAdvice)
    assert answer.unmet.endswith("holds no statement for HLA-B *57:01 negative")
    assert answer.genes == ()


@pytest.mark.parametrize(
    ("drug", "text", "source", "kind"),
    [
        pytest.param("metoprolol", "CYP2D6 score 1.0", CPIC, "standard", id="metoprolol"),
        pytest.param("mavacamten", "CYP2C19 *1/*1", DPWG, "indeterminate", id="mavacamten"),
    ],
)
def test_a_table_that_is_held_in_part_answers_for_what_is_held(
    drug: str, text: str, source: str, kind: str
) -> None:
    assert advised(drug, text, source).kind == kind


@pytest.mark.parametrize(
    ("drug", "text", "source"),
    [
        pytest.param("metoprolol", "CYP2D6 score 2.0", CPIC, id="metoprolol"),
        pytest.param("mavacamten", "CYP2C19 *17/*17", DPWG, id="mavacamten"),
    ],
)
def test_of_another_result_a_table_in_part_says_that_it_is_one(
    drug: str, text: str, source: str
) -> None:
    said = unmet(drug, text, source)

    assert said.startswith(f"this release holds a part alone of {source}'s table on {drug}")


# ── by the genotype ──


def test_a_medicine_taken_beside_is_told_and_converts_nothing_for_dpwg() -> None:
    beside = Circumstances(taken("paroxetine"))
    (cpic,) = answers("codeine", "CYP2D6 *1/*1", CPIC, beside)
    (dpwg,) = answers("codeine", "CYP2D6 *1/*1", DPWG, beside)

    assert isinstance(cpic, DrugAdvice)
    assert isinstance(dpwg, DrugAdvice)
    assert (cpic.kind, dpwg.kind) == ("avoid", "indeterminate")
    assert "counts as Poor Metabolizer" in cpic.beside[0].text
    assert dpwg.beside[0].text.endswith(
        "may be lower than genetic; DPWG advises by the genotype, and this release holds no "
        "adjustment of its"
    )


@pytest.mark.parametrize(
    ("drug", "call", "medicine", "is_cautioned"),
    [
        pytest.param("metoprolol", "*1/*1x2", "paroxetine", True, id="more of it, made poor"),
        pytest.param("metoprolol", "*1/*1", "duloxetine", True, id="silence, and halved"),
        pytest.param("metoprolol", "*4/*4", "paroxetine", False, id="nothing left to inhibit"),
        pytest.param("metoprolol", "*1/*1x2", "celecoxib", False, id="too weak"),
        pytest.param("paroxetine", "*1/*1x2", "bupropion", False, id="CPIC sees no consensus"),
    ],
)
def test_advice_by_the_genotype_says_that_an_inhibitor_makes_less_of_it(
    drug: str, call: str, medicine: str, is_cautioned: bool
) -> None:
    end = datetime(2026, 12, 31, tzinfo=UTC)
    beside = Circumstances(taken(medicine, ends=end))
    (plain,) = answers(drug, f"CYP2D6 {call}")
    (advice,) = answers(drug, f"CYP2D6 {call}", beside=beside)
    caution = f"By the genotype alone, as if {medicine} were not taken: " if is_cautioned else ""

    assert isinstance(plain, DrugAdvice)
    assert isinstance(advice, DrugAdvice)
    assert (advice.kind, advice.action) == (plain.kind, caution + plain.action)
    assert advice.ends == (end if is_cautioned else None)


def test_a_position_that_was_not_read_is_told_where_the_guideline_is_silent_without_it() -> None:
    call = called("CYP2C9", {94981296: ""})  # that of *3
    of_cpic, advice = Guidelines().answers_for(Code(RXNORM, "", "siponimod"), {"CYP2C9": call})

    assert isinstance(of_cpic, NoAdvice)
    assert isinstance(advice, DrugAdvice)
    assert advice.kind == "indeterminate"
    assert advice.unread == ("CYP2C9",)
    assert advice.would_change_if == (
        "chr10:94981296 (rs1057910), not in the file, is read as C: CYP2C9 *1/*3, "
        "Intermediate Metabolizer → adjust",
    )


# ── as of when ──


def test_each_statement_is_as_of_its_own_date() -> None:
    confirmed, older = advised("codeine", "CYP2D6 *1/*4"), advised("codeine", "CYP2D6 *4/*4")
    when = datetime(2026, 3, 1, tzinfo=UTC)

    assert {each.knowledge_as_of for each in confirmed.evidence} == {"2025-11-05"}
    assert {each.release for each in confirmed.evidence} == {"2025-11"}
    assert {each.knowledge_as_of for each in older.evidence} == {"2024-04-23"}
    assert stale(confirmed.guideline, when) == ""
    assert (
        stale(older.guideline, when)
        == "its knowledge is of 2024-04-23, more than twelve months old"
    )


def test_of_several_statements_the_oldest_dates_the_advice() -> None:
    call = GeneCall("CYP2D6", "a", ("a", "b"), (None,), lookup_keys=("0.75", "1.0"))
    every = Guidelines().answers_for(Code(RXNORM, "", "codeine"), {"CYP2D6": call})

    (advice,) = (each for each in every if isinstance(each, DrugAdvice) and each.source == DPWG)

    assert {each.knowledge_as_of for each in advice.evidence} == {"2024-04-23"}


# ── what the releases hold ──


def tables(release: object, source: str) -> dict[tuple[str, tuple[str, ...], str], Table]:
    assert release in (BASE, PINNED)
    folder = BASE if release == BASE else PINNED
    return {
        (drug.code.display, table.genes, table.population): table
        for drug in drugs_by_ingredient(folder).values()
        for table in drug.tables_of(source)
    }


def test_the_release_before_holds_cpic_of_2024_alone() -> None:
    held = tables(BASE, CPIC)
    dates = {said.as_of for table in held.values() for said in table.rows.values()}

    assert tables(BASE, DPWG) == {}
    assert dates == {"2024-04-23"}
    assert sum(len(table.rows) for table in held.values()) == 1996


def test_cpic_says_in_this_release_what_it_said_and_of_two_drugs_more() -> None:
    before, now = tables(BASE, CPIC), tables(PINNED, CPIC)

    assert {drug for drug, *_ in now.keys() - before.keys()} == {"hydralazine", "metoprolol"}
    for about, table in before.items():
        said = {row: (s.kind, s.action, s.strength) for row, s in table.rows.items()}
        again = {row: (s.kind, s.action, s.strength) for row, s in now[about].rows.items()}
        assert said == again


def test_every_table_of_dpwg_is_by_one_gene_and_names_where_it_is_annotated() -> None:
    held = tables(PINNED, DPWG)

    assert len(held) == 65
    assert len({drug for drug, *_ in held}) == 56
    for (_, genes, population), table in held.items():
        assert len(genes) == 1
        assert population == "general"
        assert any(each.startswith("ClinPGx PA") for each in table.references)
