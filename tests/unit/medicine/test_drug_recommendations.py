"""Genes speak of the medicines that are ordered, and of others where something would change."""

from dataclasses import replace

import pytest
from tests.unit.medicine.patients import (
    CPIC,
    NO_CALL,
    NORMAL,
    NOW,
    POOR,
    OneGuideline,
    genome,
    history,
)
from tests.unit.timeline.records import DAY, consent, event, order

from epione.medicine.drug_recommendations import advice_ahead, drug_recommendations, is_ahead
from epione.medicine.pharmacogenomics import Guidelines, outside_calls
from epione.medicine.recommendation import Recommendation, SubjectKind
from epione.medicine.staleness import stale_from
from epione.timeline import Body, GeneCall, PatientEvent, genome_of

TABLET = "309362"
ORDERED = event(order(TABLET, "clopidogrel 75 MG Oral Tablet"), "order")
KEY = "drug/clopidogrel/CPIC"


def recommended(*events: PatientEvent) -> dict[str, Recommendation]:
    known = history(*events)
    genes, guidelines = genome_of(known), OneGuideline()
    ordered = drug_recommendations(known, genes, guidelines)
    ahead = advice_ahead(known, genes, guidelines)
    return {each.key: each for each in (*ordered, *ahead)}


def with_gene(call: GeneCall, *events: PatientEvent) -> dict[str, Recommendation]:
    return recommended(event(genome(call), "genome"), *events)


def test_an_ordered_medicine_is_judged_by_the_genome() -> None:
    found = with_gene(POOR, ORDERED)[KEY]

    assert (found.action, found.strength) == ("avoid it; use another drug", "Strong")
    assert found.subject.name == "clopidogrel"
    assert found.evidence == (CPIC,)


def test_the_reasons_cite_the_genome_and_the_order() -> None:
    found = with_gene(POOR, ORDERED)[KEY]

    assert [(reason.text, reason.event_ids) for reason in found.reasons] == [
        ("CYP2C19 *2/*2: Poor Metabolizer", ("genome@1",)),
        ("current order: clopidogrel 75 MG Oral Tablet", ("order@1",)),
    ]


@pytest.mark.parametrize(
    ("call", "orders", "actions"),
    [
        pytest.param(POOR, [ORDERED], ["avoid it; use another drug"], id="ordered, to avoid"),
        pytest.param(NORMAL, [ORDERED], ["use as usual"], id="ordered, as usual"),
        pytest.param(
            POOR,
            [],
            ["If clopidogrel is considered: avoid it; use another drug"],
            id="not ordered, to avoid",
        ),
        pytest.param(NORMAL, [], [], id="not ordered, as usual: nothing to say"),
    ],
)
def test_ahead_of_an_order_only_what_would_change_something_is_said(
    call: GeneCall, orders: list[PatientEvent], actions: list[str]
) -> None:
    assert [each.action for each in with_gene(call, *orders).values()] == actions


def test_advice_ahead_says_that_there_is_no_order() -> None:
    assert with_gene(POOR)[KEY].reasons[-1].text == "no current order of clopidogrel on the record"


def test_advice_stands_until_the_last_order_ends_or_its_knowledge_is_old() -> None:
    first = event(order(TABLET, ends_at=NOW + DAY), "first")
    second = event(order(TABLET, ends_at=NOW + 2 * DAY), "second")

    assert with_gene(POOR, first, second)[KEY].valid_until == NOW + 2 * DAY
    assert with_gene(POOR, first, ORDERED)[KEY].valid_until == stale_from(CPIC.knowledge_as_of)


@pytest.mark.parametrize(
    ("genomes", "reason"),
    [
        pytest.param(
            [event(genome(NO_CALL), "genome")],
            "CYP2C19 is not called: positions are missing; missing positions 94762706",
            id="a gene that is not called names its missing positions",
        ),
        pytest.param(
            [],
            "CYP2C19 is not in any genome on the record that may be used",
            id="no genome",
        ),
    ],
)
def test_an_order_whose_gene_is_not_called_asks_for_the_test(
    genomes: list[PatientEvent], reason: str
) -> None:
    found = recommended(ORDERED, *genomes)

    test = found["test/gene/CYP2C19"]
    assert list(found) == ["test/gene/CYP2C19"]
    assert test.reasons[0].text == reason
    assert (test.subject.kind, test.subject.code.code) == (SubjectKind.TEST, "CYP2C19")
    assert [each.name for each in test.serves] == ["clopidogrel"]
    assert test.evidence == (CPIC,)


def test_no_test_is_asked_for_a_gene_that_is_called_or_that_no_order_needs() -> None:
    assert not any(key.startswith("test/") for key in with_gene(POOR, ORDERED))
    assert not any(key.startswith("test/") for key in with_gene(NO_CALL))


def test_use_as_usual_for_want_of_a_position_says_so_and_asks_for_it() -> None:
    call = GeneCall(
        "CYP2C19",
        "*1/*1",
        ("*1/*1",),
        ("Normal Metabolizer",),
        lookup_keys=("Normal Metabolizer",),
        missing_positions=(94775367, 94781859),  # those of *2
    )
    known = history(event(genome(call), "genome"), ORDERED)

    *advice, test = drug_recommendations(known, genome_of(known), Guidelines())

    assert all("As far as CYP2C19 was read: " in each.action for each in advice)
    assert (test.key, test.reasons[0].text) == (
        "test/gene/CYP2C19",
        "CYP2C19 is called *1/*1 without a position that may change what is advised",
    )


@pytest.mark.parametrize(
    ("rxnorm", "call", "why"),
    [
        pytest.param(
            TABLET,
            GeneCall("CYP2C19", "*2/*777", ("*2/*777",), (None,), lookup_keys=("n/a",)),
            "CYP2C19 *2/*777 has no phenotype that CPIC's table knows",
            id="an allele that nobody knows",
        ),
        pytest.param(
            "519",  # allopurinol
            GeneCall("HLA-B", None, lookup_keys=("*57:01 negative",), caller="a laboratory"),
            "HLA-B is not called: what is known of it does not answer for allopurinol",
            id="another allele of HLA-B",
        ),
    ],
)
def test_a_gene_whose_result_answers_nothing_is_asked_for(
    rxnorm: str, call: GeneCall, why: str
) -> None:
    known = history(event(genome(call), "genome"), event(order(rxnorm), "order"))

    tests = drug_recommendations(known, genome_of(known), Guidelines())

    (test,) = (each for each in tests if each.key == f"test/gene/{call.gene}")
    assert (test.reasons[0].text, test.reasons[0].event_ids) == (why, ("genome@1",))


PHENYTOIN = "8183"
CYP2C9 = GeneCall("CYP2C9", "*1/*1", ("*1/*1",), ("Normal",), (2.0,), ("2.0",), caller="a panel")


@pytest.mark.parametrize(
    ("hla_b", "reasons"),
    [
        pytest.param(
            ("*57:01 negative",),
            ["HLA-B is not called: what is known of it does not answer for phenytoin"],
            id="another allele was tested",
        ),
        pytest.param(("*15:02 negative",), [], id="the allele that phenytoin asks for"),
        pytest.param(("*15:02 negative", "*57:01 negative"), [], id="that one and another"),
    ],
)
def test_a_medicine_advised_without_one_of_its_genes_asks_for_it(
    hla_b: tuple[str, ...], reasons: list[str]
) -> None:
    tested = GeneCall("HLA-B", None, phenotypes=hla_b, lookup_keys=hla_b, caller="a laboratory")
    known = history(
        event(genome(CYP2C9, tested), "genome"), event(order(PHENYTOIN, "phenytoin"), "order")
    )

    found = list(drug_recommendations(known, genome_of(known), Guidelines()))

    tests = [each for each in found if each.key.startswith("test/")]
    assert len(found) > len(tests)
    assert [each.key for each in tests] == ["test/gene/HLA-B"] * len(reasons)
    assert [each.reasons[0].text for each in tests] == reasons


def test_an_allele_that_no_definition_knows_leaves_the_genomes_own_call_and_is_told() -> None:
    own = replace(POOR, lookup_keys=("Poor Metabolizer",))
    (panel,) = outside_calls("# caller: Panel\nCYP2C19\t*1/*777")
    known = history(event(genome(own), "genome"), event(genome(panel), "panel"), ORDERED)

    first, *others = drug_recommendations(known, genome_of(known), Guidelines())

    assert not any(each.key.startswith("test/") for each in others)
    assert "Panel calls CYP2C19 *1/*777: CYP2C19 *777 is not known in this release" in [
        reason.text for reason in first.reasons
    ]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(order("11289", "warfarin"), id="a medicine of which no guideline speaks"),
        pytest.param(order(TABLET, state="stopped"), id="a stopped order"),
        pytest.param(order(TABLET, ends_at=NOW), id="an order that has ended"),
    ],
)
def test_what_is_not_currently_ordered_is_not_judged_as_ordered(body: Body) -> None:
    assert with_gene(NORMAL, event(body, "order")) == {}


def test_nothing_is_said_of_genes_where_consent_is_denied() -> None:
    denied = event(consent("genomics", permitted=False), "consent")

    assert with_gene(POOR, ORDERED, denied) == {}


def test_advice_on_some_patients_says_on_whom() -> None:
    poor = replace(POOR, lookup_keys=("Poor Metabolizer",))
    known = history(event(genome(poor), "genome"), ORDERED)

    actions = [each.action for each in drug_recommendations(known, genome_of(known), Guidelines())]

    assert [action.partition(":")[0] for action in actions] == [
        "acute coronary syndrome or PCI",
        "cardiovascular disease without acute coronary syndrome or PCI",
        "neurovascular disease",
        "DPWG by CYP2C19",
    ]


@pytest.mark.parametrize(
    ("orders", "ahead"),
    [pytest.param([ORDERED], False, id="ordered"), pytest.param([], True, id="not ordered")],
)
def test_what_is_said_ahead_of_an_order_can_be_told(
    orders: list[PatientEvent], ahead: bool
) -> None:
    assert is_ahead(with_gene(POOR, *orders)[KEY]) is ahead


def test_ahead_of_an_order_a_dose_for_want_of_a_position_says_so() -> None:
    call = GeneCall(
        "CYP3A5",
        "*1/*1",
        ("*1/*1",),
        ("Normal Metabolizer",),
        lookup_keys=("Normal Metabolizer",),
        missing_positions=(99672916,),  # that of *3
    )
    known = history(event(genome(call), "genome"))

    (advice,) = advice_ahead(known, genome_of(known), Guidelines())

    assert advice.action.startswith(
        "If tacrolimus is considered: As far as CYP3A5 was read: Start tacrolimus at 1.5 to 2 times"
    )


SUSCEPTIBLE = "Malignant Hyperthermia Susceptibility"


@pytest.mark.parametrize(
    ("gene", "result", "n_ahead"),
    [
        pytest.param("RYR1", SUSCEPTIBLE, 7, id="each volatile anaesthetic, and succinylcholine"),
        pytest.param("RYR1", "Uncertain Susceptibility", 0, id="what nearly everyone has"),
        pytest.param("G6PD", "Deficient", 8, id="each drug that breaks red cells down"),
        pytest.param("G6PD", "Normal", 0, id="as usual"),
        pytest.param("CFTR", "ivacaftor non-responsive in CF patients", 0, id="no cystic fibrosis"),
    ],
)
def test_nothing_is_said_ahead_to_those_in_whom_nothing_was_found(
    gene: str, result: str, n_ahead: int
) -> None:
    call = GeneCall(gene, "a/b", ("a/b",), (result,), lookup_keys=(result,))
    known = history(event(genome(call), "genome"))

    ahead = list(advice_ahead(known, genome_of(known), Guidelines()))

    assert len(ahead) == n_ahead


def test_a_drug_against_a_rare_disease_is_judged_once_it_is_ordered() -> None:
    result = "ivacaftor non-responsive in CF patients"
    call = GeneCall("CFTR", "a/b", ("a/b",), (result,), lookup_keys=(result,))
    known = history(event(genome(call), "genome"), event(order("1243041", "ivacaftor"), "order"))

    (advice,) = drug_recommendations(known, genome_of(known), Guidelines())

    assert advice.action.startswith("cystic fibrosis: Do not give ivacaftor")


# ── two guidelines ──

ESCITALOPRAM, ALLOPURINOL = "321988", "519"


def judged(found: str, rxnorm: str = "") -> list[Recommendation]:
    """Judge a genome of one gene, "CYP2C19 *2/*2: Poor Metabolizer", and one order."""
    about, _, result = found.partition(": ")
    gene, diplotype = about.split()
    call = GeneCall(gene, diplotype, (diplotype,), (result,), lookup_keys=(result,))
    orders = [event(order(rxnorm), "order")] if rxnorm else []
    known = history(event(genome(call), "genome"), *orders)
    genes, guidelines = genome_of(known), Guidelines()
    return [
        *drug_recommendations(known, genes, guidelines),
        *advice_ahead(known, genes, guidelines),
    ]


POOR_OF_2C19, POOR_OF_2D6 = "CYP2C19 *2/*2: Poor Metabolizer", "CYP2D6 *4/*4: 0.0"


def test_of_an_ordered_medicine_each_guideline_speaks_for_itself() -> None:
    cpic, dpwg = (
        each for each in judged(POOR_OF_2C19, ESCITALOPRAM) if each.subject.name == "escitalopram"
    )

    assert (cpic.key, cpic.strength) == ("drug/escitalopram/CPIC", "Strong")
    assert cpic.action.startswith("Consider an antidepressant that CYP2C19 does not mainly")
    assert {each.source for each in cpic.evidence} == {"CPIC"}
    assert dpwg.key == "drug/escitalopram/DPWG/CYP2C19"
    assert dpwg.strength == "not graded here"
    assert dpwg.action.startswith("DPWG by CYP2C19: Give at most half the usual maximum of")
    assert {each.source for each in dpwg.evidence} == {"DPWG"}
    assert dpwg.versions == {"DPWG": "2025-11"}


def test_ahead_of_an_order_dpwg_speaks_where_cpic_has_no_table() -> None:
    by_2c19, by_2d6 = judged(POOR_OF_2C19), judged(POOR_OF_2D6)

    assert {each.key for each in by_2c19 if "/DPWG/" in each.key} == {
        "drug/mavacamten/DPWG/CYP2C19"
    }
    assert "drug/escitalopram/CPIC" in {each.key for each in by_2c19}
    (flecainide,) = (each for each in by_2d6 if each.subject.name == "flecainide")
    assert flecainide.key == "drug/flecainide/DPWG/CYP2D6"
    assert flecainide.action.startswith("If flecainide is considered, DPWG by CYP2D6: ")
    assert is_ahead(flecainide)


@pytest.mark.parametrize(
    ("rxnorm", "gene", "judge", "sources"),
    [
        pytest.param(ALLOPURINOL, "ABCG2", "DPWG judges allopurinol", {"DPWG"}, id="one"),
        pytest.param(
            ESCITALOPRAM,
            "CYP2C19",
            "CPIC and DPWG judge escitalopram",
            {"CPIC", "DPWG"},
            id="both",
        ),
    ],
)
def test_a_gene_is_asked_for_by_the_guidelines_that_judge_by_it(
    rxnorm: str, gene: str, judge: str, sources: set[str]
) -> None:
    (test,) = (e for e in judged(POOR_OF_2D6, rxnorm) if e.key == f"test/gene/{gene}")

    assert test.action == f"Genotype {gene}: {judge} by it"
    assert {each.source for each in test.evidence} == sources


@pytest.mark.parametrize(
    ("key", "is_old"),
    [
        pytest.param("drug/escitalopram/CPIC", True, id="of 2024"),
        pytest.param("drug/escitalopram/DPWG/CYP2C19", False, id="said again in 2025"),
    ],
)
def test_each_advice_is_as_old_as_its_statement(key: str, is_old: bool) -> None:
    found = judged("CYP2C19 *1/*17: Rapid Metabolizer", ESCITALOPRAM)

    (advice,) = (each for each in found if each.key == key)

    assert ("its knowledge is of 2024-04-23" in advice.action) is is_old
