"""What CYP2D6 counts as beside an inhibitor, and what is only told of other genes.

The rule is that of CPIC's guideline on opioids (Crews et al. 2021, doi:10.1002/cpt.2149): 0 with a
strong inhibitor, half with a moderate one. The cut-offs are those of Caudle et al. 2020,
doi:10.1111/cts.12692.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.unit.pharmacogenomics.genomes import called

from epione.medicine.pharmacogenomics import Circumstances, DrugAdvice, Guidelines, Taken
from epione.medicine.pharmacogenomics.knowledge import PINNED, gene_of
from epione.medicine.pharmacogenomics.phenoconversion import (
    CONVENTION,
    STRENGTHS,
    conversion_of,
    modulators,
    phenotype_of,
)
from epione.medicine.pharmacogenomics.phenotype import NOT_ASSIGNED
from epione.medicine.pharmacogenomics.tables import CPIC, Drug, drugs_by_ingredient, rows_of
from epione.timeline import RXNORM, Code, GeneCall

GUIDELINES = Guidelines()
PHENOTYPES = {
    "0.0": "Poor Metabolizer",
    "1.0": "Intermediate Metabolizer",
    "2.0": "Normal Metabolizer",
    "n/a": "Indeterminate",
}
BY_CYP2D6 = [
    pytest.param(drug, id=drug.code.display)
    for drug in drugs_by_ingredient().values()
    if any("CYP2D6" in table.genes and not table.is_part for table in drug.tables_of(CPIC))
]
POOR_2C19 = called("CYP2C19", {94842866: "1/1", 94781859: "1/1", 94775367: "1/1"})


def cyp2d6(*keys: str) -> GeneCall:
    """Give a call as it comes from outside: a VCF does not answer for CYP2D6."""
    scores = tuple(float(key) for key in keys if key[0].isdigit())
    phenotypes = tuple(PHENOTYPES.get(key, "Normal Metabolizer") for key in keys)
    return GeneCall("CYP2D6", "a/b", ("a/b",), phenotypes, scores, keys, caller="Cyrius")


def taken(*names: str, **when: object) -> tuple[Taken, ...]:
    found = [GUIDELINES.modulator_of(Code(RXNORM, "", name)) for name in names]
    return tuple(Taken(drug, f"{drug.display}@1", **when) for drug in found if drug)  # type: ignore[arg-type]


def converted(
    call: GeneCall | None, *names: str, gene: str = "CYP2D6", drug: str = "amitriptyline"
) -> tuple[GeneCall | None, list[str]]:
    known = {each.code.display: each for each in drugs_by_ingredient().values()}
    conversion = conversion_of(gene, call, taken(*names), known[drug])
    return conversion.call, [reason.text for reason in conversion.reasons]


@pytest.mark.parametrize(
    ("score", "phenotype"),
    [
        pytest.param(0.0, "Poor Metabolizer", id="no activity"),
        pytest.param(0.125, "Intermediate Metabolizer", id="any activity is more than none"),
        pytest.param(1.125, "Intermediate Metabolizer", id="below the edge"),
        pytest.param(1.25, "Normal Metabolizer", id="lower edge belongs to normal"),
        pytest.param(2.25, "Normal Metabolizer", id="upper edge belongs to normal"),
        pytest.param(2.375, "Ultrarapid Metabolizer", id="above the edge"),
    ],
)
def test_a_phenotype_follows_the_consensus_cut_offs(score: float, phenotype: str) -> None:
    assert phenotype_of(score) == phenotype


def test_the_cut_offs_are_those_of_the_genes_own_rules() -> None:
    rules = gene_of("CYP2D6").phenotypes
    scored = {key: meaning for (key,), meaning in rules.items() if key != NOT_ASSIGNED}

    assert {key: phenotype_of(float(key.removeprefix("≥"))) for key in scored} == scored


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("2.0", id="normal"),
        pytest.param("0.25", id="intermediate"),
        pytest.param("≥3.0", id="at least a score"),
        pytest.param("n/a", id="a score that is not known: nothing is left of any"),
    ],
)
def test_a_strong_inhibitor_leaves_no_activity(key: str) -> None:
    call, _ = converted(cyp2d6(key), "paroxetine")

    assert call is not None
    assert (call.lookup_keys, call.phenotypes, call.activity_scores) == (
        ("0.0",),
        ("Poor Metabolizer",),
        (0.0,),
    )


@pytest.mark.parametrize(
    ("key", "rows", "phenotypes"),
    [
        pytest.param("2.0", ("1.0",), ["Intermediate"], id="onto a row"),
        pytest.param("2.5", ("1.25",), ["Normal"], id="onto the edge of normal"),
        pytest.param("1.25", ("0.5", "0.75"), ["Intermediate"], id="between two rows"),
        pytest.param("2.25", ("1.0",), ["Intermediate"], id="below the edge: not the row on it"),
        pytest.param("0.25", ("0.25",), ["Intermediate"], id="above none: not the row of none"),
        pytest.param("≥3.0", ("1.5", "2.5"), ["Normal", "Ultrarapid"], id="a range of scores"),
        pytest.param("≥5.0", ("2.5",), ["Ultrarapid"], id="a range above the edge"),
        pytest.param("10.0", ("3.0",), ["Ultrarapid"], id="above the rows of the tables"),
    ],
)
def test_a_moderate_inhibitor_halves_the_score(
    key: str, rows: tuple[str, ...], phenotypes: list[str]
) -> None:
    call, _ = converted(cyp2d6(key), "duloxetine")

    assert call is not None
    assert call.lookup_keys == rows
    assert call.phenotypes == tuple(f"{name} Metabolizer" for name in phenotypes)


@pytest.mark.parametrize("drug", BY_CYP2D6)
@pytest.mark.parametrize("inhibitor", ["paroxetine", "duloxetine"])
def test_every_score_counts_as_one_that_the_tables_know(drug: Drug, inhibitor: str) -> None:
    tables = drug.tables_of(CPIC)
    rows = frozenset.union(*(table.results[table.genes.index("CYP2D6")] for table in tables))

    for (key,) in gene_of("CYP2D6").phenotypes:
        call = conversion_of("CYP2D6", cyp2d6(key), taken(inhibitor), drug).call
        assert call is not None
        assert rows.issuperset(call.lookup_keys), key


def test_each_of_several_results_is_halved() -> None:
    call, (reason,) = converted(cyp2d6("1.0", "2.0"), "duloxetine")

    assert call is not None
    assert call.lookup_keys == ("0.5", "1.0")
    assert "counts as Intermediate Metabolizer, activity score 0.5 or 1.0, and not as" in reason


def test_of_several_results_the_one_without_a_score_stays_what_it_is() -> None:
    call, (reason,) = converted(cyp2d6("2.0", "n/a"), "duloxetine")

    assert call is not None
    assert call.lookup_keys == ("1.0", "n/a")
    assert call.phenotypes == ("Intermediate Metabolizer", "Indeterminate")
    assert call.activity_scores == (1.0,)
    assert "or Indeterminate, activity score 1.0 or n/a, and not as" in reason


@pytest.mark.parametrize(
    ("key", "names", "reasons"),
    [
        pytest.param(
            "2.0",
            ["sertraline"],
            ["a weak inhibitor of CYP2D6, is taken: too weak to change the activity score"],
            id="weak",
        ),
        pytest.param(
            "n/a",
            ["duloxetine"],
            ["is taken: how far it lowers an activity score that is not known (Indeterminate)"],
            id="half of what is not known",
        ),
        pytest.param(
            "0.0",
            ["paroxetine"],
            ["is taken: by the genes alone CYP2D6 has no activity left to inhibit"],
            id="nothing to lose",
        ),
        pytest.param("2.0", ["fluconazole"], [], id="an inhibitor of other enzymes"),
    ],
)
def test_where_nothing_else_counts_the_genetic_call_stands(
    key: str, names: list[str], reasons: list[str]
) -> None:
    call, told = converted(cyp2d6(key), *names)

    assert call == cyp2d6(key)
    assert len(told) == len(reasons)
    assert all(part in text for part, text in zip(reasons, told, strict=True))


@pytest.mark.parametrize(
    ("names", "rows", "deciding"),
    [
        pytest.param(["duloxetine", "paroxetine"], ("0.0",), "paroxetine", id="the strongest"),
        pytest.param(["duloxetine", "mirabegron"], ("1.0",), "duloxetine", id="halved once"),
        pytest.param(["sertraline", "cinacalcet"], ("1.0",), "cinacalcet", id="weak and moderate"),
    ],
)
def test_of_several_inhibitors_the_strongest_counts_alone(
    names: list[str], rows: tuple[str, ...], deciding: str
) -> None:
    call, told = converted(cyp2d6("2.0"), *names)

    assert call is not None
    assert call.lookup_keys == rows
    assert len(told) == 2
    assert any(text.startswith(deciding) and "counts as" in text for text in told)


def test_a_gene_that_is_not_called_is_not_adjusted_and_the_inhibitor_is_told() -> None:
    call, (told,) = converted(None, "paroxetine")

    assert call is None
    assert told.endswith("may be lower than genetic; CYP2D6 is not called")


def test_an_inhibitor_and_an_inducer_of_another_gene_are_both_told_and_change_nothing() -> None:
    call, told = converted(POOR_2C19, "fluvoxamine", "rifampin", gene="CYP2C19", drug="omeprazole")

    assert call == POOR_2C19
    assert told == [
        "fluvoxamine, a strong inhibitor of CYP2C19, is taken: the phenotype may be lower than "
        "genetic; this release holds no convention that adjusts CYP2C19",
        "rifampin, a strong inducer of CYP2C19, is taken: the phenotype may be higher than "
        "genetic; this release holds no convention that adjusts CYP2C19",
    ]


def test_where_the_guideline_says_that_no_consensus_exists_nothing_is_adjusted() -> None:
    call, (told,) = converted(cyp2d6("2.0"), "bupropion", drug="venlafaxine")

    assert call == cyp2d6("2.0")
    assert told.endswith(
        "the guideline on venlafaxine says that no consensus exists on adjusting it"
    )


def test_a_drug_does_not_convert_itself() -> None:
    call, (told,) = converted(cyp2d6("2.0"), "paroxetine", drug="paroxetine")

    assert call == cyp2d6("2.0")
    assert told == (
        "paroxetine is itself a strong inhibitor of CYP2D6 and converts nothing here: the "
        "guideline on paroxetine speaks of those who take it"
    )


# ── in advice ──


def advised(
    calls: Mapping[str, GeneCall], beside: tuple[Taken, ...], drug: str = "amitriptyline"
) -> DrugAdvice:
    answer, *_ = GUIDELINES.answers_for(Code(RXNORM, "", drug), calls, Circumstances(beside))
    assert isinstance(answer, DrugAdvice)
    return answer


NORMAL = {"CYP2D6": cyp2d6("2.0")}
SINCE = {"starts": date(2026, 1, 1), "ends": datetime(2026, 1, 31, tzinfo=UTC)}


def test_advice_is_that_of_the_phenotype_that_counts_and_both_are_shown() -> None:
    alone = advised(NORMAL, ())
    beside = advised(NORMAL, taken("paroxetine", **SINCE))

    assert (alone.kind, beside.kind) == ("standard", "avoid")
    assert "CYP2D6 a/b, called by Cyrius: Normal Metabolizer, activity score 2.0" in beside.reasons
    assert [(reason.text, reason.event_ids) for reason in beside.beside] == [
        (
            "paroxetine, a strong inhibitor of CYP2D6, is taken since 2026-01-01, until 2026-01-31:"
            " CYP2D6 counts as Poor Metabolizer, activity score 0.0, and not as the genetic Normal "
            "Metabolizer, activity score 2.0",
            ("paroxetine@1",),
        )
    ]


def test_advice_says_what_returns_when_the_inhibitor_stops_and_when() -> None:
    alone = advised(NORMAL, ())
    beside = advised(NORMAL, taken("paroxetine", **SINCE))

    assert beside.would_change_if[0] == (
        "paroxetine stops: CYP2D6 is Normal Metabolizer, activity score 2.0 again → "
        f"standard: {alone.action}"
    )
    assert beside.ends == SINCE["ends"]


def test_all_that_convert_must_stop_before_the_genetic_phenotype_returns() -> None:
    strong, moderate = taken("paroxetine", **SINCE)[0], taken("duloxetine")[0]

    beside = advised(NORMAL, (strong, moderate))

    assert beside.would_change_if[0].startswith("paroxetine and duloxetine stop: CYP2D6 is Normal")
    assert beside.ends == SINCE["ends"]


def test_an_inhibitor_without_a_known_end_ends_nothing() -> None:
    open_ended, ending = taken("bupropion")[0], taken("paroxetine", **SINCE)[0]

    assert advised(NORMAL, (open_ended, ending)).ends is None


def test_what_does_not_change_the_advice_is_not_said_to() -> None:
    poor = {"CYP2D6": cyp2d6("0.0")}

    beside = advised(poor, taken("paroxetine"))

    assert beside.action == advised(poor, ()).action
    assert not any("stops" in change for change in beside.would_change_if)


def test_the_convention_and_the_strengths_are_named_as_sources() -> None:
    assert advised(NORMAL, taken("paroxetine")).evidence[-2:] == (CONVENTION, STRENGTHS)
    assert advised(NORMAL, taken("sertraline")).evidence[-1] == STRENGTHS
    assert CONVENTION not in advised(NORMAL, taken("sertraline")).evidence
    assert STRENGTHS not in advised(NORMAL, ()).evidence


def test_a_range_that_spans_phenotypes_is_told_and_no_advice_chosen() -> None:
    beside = advised({"CYP2D6": cyp2d6("≥3.0")}, taken("duloxetine"))

    assert beside.kind == "indeterminate"
    assert "it is known which counts of CYP2D6: 1.5 or 2.5" in beside.would_change_if


DISPUTED = {"CYP2D6": replace(cyp2d6("1.0", "2.0"), caller="Aldy and Cyrius", disputed=True)}


def test_callers_that_disagree_do_not_where_each_of_their_results_counts_as_the_same() -> None:
    beside = advised(DISPUTED, taken("paroxetine"), "codeine")

    assert beside.kind == "avoid"
    assert "called by Aldy and Cyrius" in beside.reasons[0]
    assert beside.would_change_if[0].startswith("paroxetine stops: CYP2D6 is ")
    assert "→ indeterminate: It depends on which result is true." in beside.would_change_if[0]


def test_callers_that_still_disagree_are_told_by_what_each_of_their_results_counts_as() -> None:
    beside = advised(DISPUTED, taken("duloxetine"), "codeine")

    assert beside.kind == "indeterminate"
    assert "CYP2D6 0.5 or CYP2D6 1.0: " in beside.action
    assert "CYP2D6 is called for sure" in beside.would_change_if


@pytest.mark.parametrize(
    ("taken_as", "name"),
    [
        pytest.param(Code(RXNORM, "32937"), "paroxetine", id="by ingredient"),
        pytest.param(Code(RXNORM, "310385", "FLUoxetine 20 MG"), "fluoxetine", id="by product"),
        pytest.param(Code("urn:x", "7", "Quinidine"), "quinidine", id="by exact name"),
    ],
)
def test_a_medicine_that_inhibits_is_known_by_code_or_exact_name(taken_as: Code, name: str) -> None:
    found = GUIDELINES.modulator_of(taken_as)

    assert found is not None
    assert found.display == name


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(Code(RXNORM, "", "paroxetine 20 MG"), id="a name in part"),
        pytest.param(Code(RXNORM, "", ""), id="nothing"),
        pytest.param(Code("urn:x", "32937"), id="the same digits in another system"),
    ],
)
def test_a_medicine_is_never_guessed_to_inhibit(code: Code) -> None:
    assert GUIDELINES.modulator_of(code) is None


# ── the knowledge file ──


def test_every_row_has_a_strength_an_effect_a_source_and_a_basis() -> None:
    for row in rows_of("inhibitors.tsv", PINNED):
        assert row["strength"] in {"strong", "moderate", "weak"}, row
        assert row["effect"] in {"inhibitor", "inducer"}, row
        assert row["basis"] in {"read", "memory"}, row
        assert row["source"], row


def test_no_medicine_induces_cyp2d6_as_the_rule_says() -> None:
    effects = [does for each in modulators().values() for does in each if "CYP2D6" in does.genes]

    assert {does.effect for does in effects} == {"inhibitor"}


def test_an_ingredient_has_the_one_code_that_the_other_tables_give_it() -> None:
    code_of = {code.display: code.code for code in GUIDELINES.modulators()}
    judged = {drug.display: drug.code for drug in GUIDELINES.drugs()}

    assert len(code_of) == len(GUIDELINES.modulators())
    assert {name: code for name, code in code_of.items() if name in judged} == {
        name: code for name, code in judged.items() if name in code_of
    }
