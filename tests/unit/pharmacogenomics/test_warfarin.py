"""The dose of warfarin to start with, and everything that it is refused for.

What CPIC adds to the algorithm: Johnson et al. 2017, doi:10.1002/cpt.668 (figure 2 and its notes).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.pharmacogenomics.genomes import called
from tests.unit.pharmacogenomics.test_phenoconversion import taken

from epione.medicine.pharmacogenomics import (
    Body,
    Circumstances,
    DrugAdvice,
    Guidelines,
    NoAdvice,
    Taken,
    outside_calls,
)
from epione.medicine.pharmacogenomics.iwpc import IWPC
from epione.medicine.recommendation import Reason
from epione.timeline import GeneCall, Quantity, joined
from epione.timeline.codes import HEIGHT, WEIGHT

WARFARIN = next(drug for drug in Guidelines().drugs() if drug.display == "warfarin")
VKORC1 = {"GG": "0/0", "AG": "0/1", "AA": "1/1"}
TWO, THREE, EIGHT, FIVE = 94942290, 94981296, 94942309, 94981301
CYP4F2_T = 15879621
BODY = Body(65, 170, 70, (Reason("height 170 cm on 2026-01-01", ("height@1",)),))


def genome(
    vkorc1: str = "GG", cyp2c9: Mapping[int, str] | None = None, cyp4f2: str = "0/0"
) -> dict[str, GeneCall]:
    calls = (
        called("VKORC1", {31096368: VKORC1[vkorc1]}),
        called("CYP2C9", cyp2c9 or {}),
        called("CYP4F2", {CYP4F2_T: cyp4f2}),
    )
    return {call.gene: call for call in calls}


def asked(
    calls: Mapping[str, GeneCall], body: Body = BODY, beside: tuple[Taken, ...] = ()
) -> tuple[DrugAdvice, ...] | NoAdvice:
    answer, *_ = Guidelines().answers_for(WARFARIN, calls, Circumstances(beside, body))
    return (answer,) if isinstance(answer, DrugAdvice) else answer


def advised(calls: Mapping[str, GeneCall], beside: tuple[Taken, ...] = ()) -> DrugAdvice:
    answer = asked(calls, beside=beside)
    assert isinstance(answer, tuple)
    (advice,) = answer
    return advice


def unmet(calls: Mapping[str, GeneCall], body: Body = BODY) -> NoAdvice:
    answer = asked(calls, body)
    assert isinstance(answer, NoAdvice)
    return answer


def test_a_dose_is_numbers_with_units_and_says_what_it_is() -> None:
    advice = advised(genome())

    assert advice.dose == (Quantity(39.8, "mg/wk"), Quantity(5.7, "mg/d"))
    assert advice.action == (
        "Start warfarin near 39.8 mg a week (5.7 mg a day), for an INR of 2 to 3: the estimate of "
        "a dose to start with, which replaces no INR."
    )
    assert (advice.kind, advice.population) == ("standard", "adults")
    assert IWPC in advice.evidence


def test_a_dose_says_what_it_rests_on_and_what_it_does_not_know() -> None:
    advice = advised(genome())

    assert BODY.reasons[0] in advice.beside
    told = [reason.text for reason in advice.beside]
    assert "none of amiodarone, carbamazepine, phenytoin and rifampin is known to be taken" in told
    assert "race is not on the record: the algorithm's term for an unknown one counts" in told
    assert any("CYP2C9 *5, *6, *8 and *11 were read: here they were" in text for text in told)


@pytest.mark.parametrize(
    ("vkorc1", "cyp2c9", "weekly"),
    [
        # Squares of the root of GG, *1/*1 (6.3078) with the published terms added.
        pytest.param("AG", {}, 29.6, id="sensitive"),
        pytest.param("AA", {}, 21.3, id="more sensitive"),
        pytest.param("GG", {TWO: "0/1"}, 33.5, id="*1/*2"),
        pytest.param("AA", {TWO: "1/1"}, 12.6, id="*2/*2"),
    ],
)
def test_genes_lower_the_dose(vkorc1: str, cyp2c9: Mapping[int, str], weekly: float) -> None:
    assert advised(genome(vkorc1, cyp2c9)).dose[0] == Quantity(weekly, "mg/wk")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            "CYP2C9\t*2/*2", "CYP2C9 *1/*1 or *2/*2: the VCF and Aldy disagree on it", id="CYP2C9"
        ),
        pytest.param(
            "CYP2C9\t\tPoor Metabolizer",
            "CYP2C9 *1/*1: the VCF and Aldy disagree on it",
            id="CYP2C9 by a phenotype",
        ),
        pytest.param("VKORC1\t\t-1639 AA", "the VCF and Aldy disagree on it", id="VKORC1"),
    ],
)
def test_a_gene_on_which_callers_disagree_has_no_dose(text: str, says: str) -> None:
    (call,) = outside_calls(f"# caller: Aldy\n{text}\n")
    calls = genome()

    assert says in unmet({**calls, call.gene: joined(calls[call.gene], call)}).unmet


def test_a_phenotype_that_another_caller_states_without_a_diplotype_has_no_dose() -> None:
    (call,) = outside_calls("CYP2C9\t\tNormal Metabolizer\n")

    assert unmet({**genome(), "CYP2C9": call}).unmet.endswith(
        "CYP2C9 is called without a diplotype"
    )


def test_what_another_caller_read_of_a_gene_is_not_known() -> None:
    (call,) = outside_calls("# caller: Aldy\nCYP2C9\t*1/*2\n")

    told = [reason.text for reason in advised({**genome(), "CYP2C9": call}).beside]

    assert any("were read: here what Aldy read of them is not known" in text for text in told)


def test_poor_metabolisers_are_to_be_given_another_anticoagulant() -> None:
    advice = advised(genome("AA", {THREE: "1/1"}))

    assert advice.kind == "avoid"
    assert advice.action.startswith("Consider another anticoagulant, for CYP2C9 is poor")


@pytest.mark.parametrize(
    ("cyp2c9", "says"),
    [
        pytest.param(
            {EIGHT: "0/1"},
            "For CYP2C9 *8, which the estimate leaves out, lower it by 15 to 30 %, to 27.9 to "
            "33.8 mg a week.",
            id="one",
        ),
        pytest.param(
            {EIGHT: "0|1", FIVE: "1|0"},
            "For CYP2C9 *5 and *8, which the estimate leaves out, lower it by 20 to 40 %, to 23.9 "
            "to 31.8 mg a week.",
            id="two",
        ),
    ],
)
def test_alleles_without_a_term_lower_the_dose_as_the_guideline_says(
    cyp2c9: Mapping[int, str], says: str
) -> None:
    advice = advised(genome(cyp2c9=cyp2c9))

    assert says in advice.action
    assert advice.dose[0] == Quantity(39.8, "mg/wk")


@pytest.mark.parametrize("genotype", ["0/1", "1/1"])
def test_cyp4f2_raises_the_dose_where_ancestry_is_not_african(genotype: str) -> None:
    assert advised(genome(cyp4f2=genotype)).action.endswith(
        "where ancestry is not African, 5 to 10 % more may be needed, 41.8 to 43.8 mg a week "
        "(optional)."
    )


def test_without_cyp4f2_there_is_a_dose_and_what_it_would_add_is_said() -> None:
    calls = genome()
    del calls["CYP4F2"]

    advice = advised(calls)

    assert advice.dose[0] == Quantity(39.8, "mg/wk")
    assert "CYP4F2 is called: a T at rs2108622 asks for 5 to 10 % more" in advice.would_change_if


ENDS = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("names", "weekly", "without"),
    [
        pytest.param(["rifampin"], 56.1, ["rifampin stops: 39.8 mg a week"], id="an inducer"),
        pytest.param(["amiodarone"], 33.1, ["amiodarone stops: 39.8 mg a week"], id="amiodarone"),
        pytest.param(
            ["phenytoin", "carbamazepine"],
            56.1,
            ["phenytoin and carbamazepine stop: 39.8 mg a week"],
            id="two inducers count once",
        ),
        pytest.param(
            ["rifampin", "amiodarone"],
            48.2,
            ["rifampin stops: 33.1 mg a week", "amiodarone stops: 56.1 mg a week"],
            id="both",
        ),
    ],
)
def test_medicines_with_a_term_change_the_dose(
    names: list[str], weekly: float, without: list[str]
) -> None:
    advice = advised(genome(), taken(*names, ends=ENDS))

    assert advice.dose[0] == Quantity(weekly, "mg/wk")
    assert list(advice.would_change_if) == without
    assert advice.ends == ENDS
    assert (f"{names[0]}@1",) in [reason.event_ids for reason in advice.beside]


def test_an_inhibitor_without_a_term_is_told_and_changes_no_number() -> None:
    advice = advised(genome(), taken("fluconazole"))

    assert advice.dose == advised(genome()).dose
    assert any(
        reason.text.startswith("fluconazole, a moderate inhibitor of CYP2C9, is taken: the phen")
        for reason in advice.beside
    )


@pytest.mark.parametrize(
    ("body", "problem", "lacks"),
    [
        pytest.param(
            Body(),
            "age is not known; height is not known; weight is not known",
            ("height", "weight"),
            id="nothing is known",
        ),
        pytest.param(
            replace(BODY, age_years=17),
            "age 17 is below 18: the dose is one of adults",
            (),
            id="a child",
        ),
        pytest.param(
            replace(BODY, height_cm=1.7),
            "height 1.7 cm is outside 100 to 250",
            ("height",),
            id="metres",
        ),
        pytest.param(
            replace(BODY, weight_kg=400),
            "weight 400 kg is outside 25 to 350",
            ("weight",),
            id="too heavy",
        ),
    ],
)
def test_a_dose_is_refused_with_what_is_missing_named(
    body: Body, problem: str, lacks: tuple[str, ...]
) -> None:
    answer = unmet(genome(), body)

    assert answer.unmet == f"no starting dose: {problem}"
    assert tuple(code.display for code in answer.lacks) == lacks
    assert {code.code for code in answer.lacks} <= {HEIGHT.loinc[0], WEIGHT.loinc[0]}


@pytest.mark.parametrize("age", [18, 90])
def test_adults_of_any_age_have_a_dose(age: int) -> None:
    assert isinstance(asked(genome(), replace(BODY, age_years=age)), tuple)


@pytest.mark.parametrize(
    ("calls", "problem"),
    [
        pytest.param({}, "VKORC1 is not in the genome; CYP2C9 is not in the genome", id="none"),
        pytest.param(
            genome(cyp2c9={94949217: "0/1"}),
            "CYP2C9 *1/*9 has an allele other than *1, *2, *3, *5, *6, *8 and *11",
            id="an allele without a term and without a rule",
        ),
    ],
)
def test_a_dose_is_refused_with_the_genotype_named(
    calls: Mapping[str, GeneCall], problem: str
) -> None:
    answer = unmet(calls)

    assert answer.unmet == f"no starting dose: {problem}"
    assert answer.lacks == ()


def test_equally_good_diplotypes_of_another_dose_are_no_dose() -> None:
    calls = genome()
    calls["CYP2C9"] = replace(calls["CYP2C9"], diplotypes=("*1/*2", "*1/*3"))

    assert (
        unmet(calls).unmet == "no starting dose: CYP2C9 *1/*2 or *1/*3: which of them is not known"
    )


def test_a_position_that_was_not_read_and_would_change_the_dose_is_named() -> None:
    advice = advised(genome(cyp2c9={TWO: ""}))

    assert advice.unread == ("CYP2C9",)
    assert (
        "chr10:94942290 (rs1799853), not in the file, is read as T: CYP2C9 *1/*2 → 33.5 mg a week"
        in advice.would_change_if
    )


def test_an_african_allele_that_was_not_read_is_named() -> None:
    advice = advised(genome(cyp2c9={EIGHT: ""}))

    assert any("here *8 were not" in reason.text for reason in advice.beside)
    assert any(change.endswith("and less for its own sake") for change in advice.would_change_if)
