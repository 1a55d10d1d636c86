"""What a plan says of a model's risks: figures in steps, their parts, reasons and events."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.unit.medicine.life.lives import CARD, HYPERTENSION, risk

from epione.medicine.life import (
    LifeAnswer,
    LifeCard,
    LifeQuestion,
    LifeRisk,
    Mover,
    ServedLife,
    combined,
    told,
)
from epione.medicine.life_recommendations import Prevented, life_recommendations
from epione.medicine.recommendation import Recommendation, RiskEstimate
from epione.medicine.risk import prevent_evidence
from epione.timeline import ICD10CM, LOINC, Code
from epione.timeline.tokens import Entry
from epione.timeline.vocabulary import Kind

AT_61 = 22_300
SEX = Entry(None, "Female", Kind.SEX, event_id="who@1", words="female")
POOR = Entry(
    None, "CYP2C19/Poor Metabolizer", Kind.GENOME, event_id="genome@1", words="CYP2C19 poor"
)
SICK = Entry(AT_61, HYPERTENSION, event_id="sick@1", words="essential hypertension")
HIGH = Entry(AT_61, "LOINC/4548-4", value=7.1, unit="%", event_id="lab@1", words="hemoglobin A1c")
QUESTION = LifeQuestion((SEX, POOR, SICK, HIGH), 22_400)
PREVENT = Prevented({"stroke": 0.032, "chd": 0.05, "heart_failure": 0.04}, {"prevent": "1"})
RAISED = Mover(HYPERTENSION, AT_61, 1.8)


def told_of(
    *risks: LifeRisk,
    prevent: Prevented | None = None,
    card: LifeCard = CARD,
    refused: str = "",
    silent: Mapping[str, str] | None = None,
) -> list[Recommendation]:
    served = ServedLife(lambda _: LifeAnswer(refused, risks, silent or {}), card)
    return list(life_recommendations(QUESTION, served, prevent))


def one(*risks: LifeRisk, prevent: Prevented | None = None) -> Recommendation:
    (recommendation,) = told_of(*risks, prevent=prevent)
    return recommendation


def reasons_of(*moved_by: Mover) -> list[tuple[str, tuple[str, ...]]]:
    """Give the reasons after the one of age and sex."""
    reasons = one(risk("stroke", 0.06, *moved_by)).reasons[1:]
    return [(each.text, each.event_ids) for each in reasons]


def test_a_risk_has_a_key_and_a_subject_of_its_outcome() -> None:
    stroke, diabetes = told_of(risk("stroke"), risk("ICD10CM/E11", codes=("ICD10CM/E11",)))

    assert (stroke.key, stroke.subject.code.code) == ("risk/life/stroke", "stroke")
    assert diabetes.key == "risk/life/ICD10CM/E11"
    assert diabetes.subject.code == Code(ICD10CM, "E11", "ICD10CM/E11")


def test_the_ranges_of_a_measurement_are_outcomes_in_words() -> None:
    name = "LOINC/4548-4 [6.5, ) %"

    subject = one(risk(name, codes=(name,))).subject

    assert (subject.code, subject.name) == (
        Code(LOINC, "4548-4", name),
        "LOINC/4548-4 6.5 % or more",
    )


def test_death_is_a_risk_of_its_own_name() -> None:
    recommendation = one(risk("DEATH", 0.2, codes=("DEATH",)))

    assert recommendation.subject.name == "death"
    assert recommendation.action.startswith("Risk of death 18.9% within 10 years")


def test_the_action_says_each_horizon_and_the_interval_in_steps() -> None:
    action = one(risk("ICD10CM/E11", 0.06, codes=("ICD10CM/E11",))).action

    assert action == (
        "Risk of ICD10CM/E11 before death 6.6% within 10 years (4.3% to 8.2%), "
        "2.8% within 5, 0.6% within 1"
    )


@pytest.mark.parametrize(
    ("probability", "changes"),
    [
        pytest.param(0.0605, False, id="moved a little"),
        pytest.param(0.09, True, id="moved by a step and more"),
    ],
)
def test_only_what_moved_by_a_step_says_something_else(probability: float, changes: bool) -> None:
    assert (one(risk("stroke", probability)) != one(risk("stroke", 0.06))) is changes


def test_the_parts_say_which_part_each_is() -> None:
    risks = one(risk("stroke", 0.06, genome_times=1.3)).risks

    assert [(each.by, each.horizon_years) for each in risks] == [
        ("", 1),
        ("", 5),
        ("", 10),
        ("age and sex", 10),
        ("lifts", 10),
        ("transformer", 10),
        ("genome", 10),
    ]
    assert all(each.low is not None and each.high is not None for each in risks[:3])
    assert all(each.low is None and each.high is None for each in risks[3:])


def test_age_and_sex_are_always_a_reason() -> None:
    (reason,) = one(risk("stroke", 0.06)).reasons

    assert (reason.text, reason.event_ids) == (
        "women of the same age in the cohort: 2.8% within 10 years",
        ("who@1",),
    )


@pytest.mark.parametrize(
    ("mover", "text", "event_ids"),
    [
        pytest.param(
            RAISED, "essential hypertension, at 61: rate x1.95", ("sick@1",), id="raises it"
        ),
        pytest.param(
            Mover(HYPERTENSION, AT_61, 0.6),
            "essential hypertension, at 61: rate x0.64",
            ("sick@1",),
            id="lowers it",
        ),
        pytest.param(
            Mover("LOINC/4548-4 [6.5, ) %", AT_61, 1.5),
            "hemoglobin A1c 6.5 % or more, at 61: rate x1.56",
            ("lab@1",),
            id="a range of a measurement",
        ),
        pytest.param(
            Mover("ICD10CM/I10", AT_61, 2),
            "essential hypertension, at 61: rate x1.95",
            ("sick@1",),
            id="stated in another terminology",
        ),
        pytest.param(
            Mover("CYP2C19/Poor Metabolizer", 0, 2),
            "CYP2C19 poor: rate x1.95",
            ("genome@1",),
            id="what has no age",
        ),
        pytest.param(
            Mover("ICD10CM/J45", AT_61, 2), "ICD10CM/J45, at 61: rate x1.95", (), id="not stated"
        ),
    ],
)
def test_a_mover_is_told_in_words_with_the_events_that_state_it(
    mover: Mover, text: str, event_ids: tuple[str, ...]
) -> None:
    assert reasons_of(mover) == [(text, event_ids)]


def test_a_mover_of_less_than_a_step_is_no_reason() -> None:
    assert reasons_of(Mover(HYPERTENSION, AT_61, 1.1)) == []


def test_the_five_that_move_it_most_are_told_the_most_first() -> None:
    movers = [Mover(f"SNOMED/{n}", AT_61, 1.25**n) for n in range(1, 8)]

    texts = [text for text, _ in reasons_of(*movers)]

    assert [text.split(",")[0] for text in texts] == [f"SNOMED/{n}" for n in (7, 6, 5, 4, 3)]


def test_movers_of_one_step_are_told_in_an_order_that_no_figure_decides() -> None:
    a, b = Mover("SNOMED/1", AT_61, 1.8), Mover("SNOMED/2", AT_61, 1.81)

    assert reasons_of(a, b) == reasons_of(replace(a, times=1.82), b)


def test_what_reads_the_same_is_said_once_with_the_events_of_both() -> None:
    again = replace(SICK, age_days=AT_61 + 40, event_id="sick@2")
    question = replace(QUESTION, entries=(*QUESTION.entries, again))
    movers = (RAISED, replace(RAISED, age_days=AT_61 + 40))
    answer = LifeAnswer(risks=(risk("stroke", 0.06, *movers),))

    (recommendation,) = life_recommendations(question, ServedLife(lambda _: answer, CARD), None)

    assert [(each.text, each.event_ids) for each in recommendation.reasons[1:]] == [
        ("essential hypertension, at 61: rate x1.95", ("sick@1", "sick@2"))
    ]


def test_a_genome_that_moves_it_is_a_reason() -> None:
    reason = one(risk("stroke", 0.06, genome_times=1.3)).reasons[-1]

    assert (reason.text, reason.event_ids) == ("the genome: rate x1.25", ("genome@1",))


@pytest.mark.parametrize(
    ("genome_times", "reads", "said"),
    [
        pytest.param(None, True, True, id="none was read"),
        pytest.param(None, False, False, id="the model reads none"),
        pytest.param(1.0, True, False, id="one was read"),
    ],
)
def test_a_genome_would_change_it_where_none_was_read(
    genome_times: float | None, reads: bool, said: bool
) -> None:
    card = replace(CARD, reads_genomes=reads)

    (recommendation,) = told_of(risk("stroke", 0.06, RAISED, genome_times=genome_times), card=card)

    assert ("a genome is read" in recommendation.would_change_if) is said
    assert recommendation.would_change_if[0] == "essential hypertension proves wrong"
    assert "steps of x1.25" in recommendation.would_change_if[-1]


def test_where_prevent_speaks_of_it_too_both_are_said_and_what_they_come_to() -> None:
    recommendation = one(risk("stroke", 0.06), prevent=PREVENT)

    both = told(combined(0.032, 0.06))
    assert f"; PREVENT 3.5%, the record 6.6%, combined {both:.1%}: " in recommendation.action
    assert [each for each in recommendation.risks if each.by in ("PREVENT", "combined")] == [
        RiskEstimate("stroke", 10, told(0.032), by="PREVENT"),
        RiskEstimate("stroke", 10, both, by="combined"),
    ]
    assert prevent_evidence() in recommendation.evidence
    assert recommendation.versions == {"life": "v1", "prevent": "1"}


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        pytest.param(0.2, "the record raises what PREVENT says x", id="more"),
        pytest.param(0.004, "the record lowers what PREVENT says x0.", id="less"),
        pytest.param(0.032, "they agree", id="alike"),
    ],
)
def test_it_is_said_how_the_record_moves_what_prevent_says(probability: float, words: str) -> None:
    assert words in one(risk("stroke", probability), prevent=PREVENT).action


@pytest.mark.parametrize(
    ("outcome", "prevent", "said"),
    [
        pytest.param("stroke", None, True, id="of what it would speak of"),
        pytest.param("ICD10CM/E11", None, False, id="of what it never speaks of"),
        pytest.param("ICD10CM/E11", PREVENT, False, id="computed, of other outcomes"),
    ],
)
def test_it_is_said_where_prevent_is_not_computed(
    outcome: str, prevent: Prevented | None, said: bool
) -> None:
    recommendation = one(risk(outcome), prevent=prevent)

    assert ("PREVENT is not computed" in recommendation.action) is said
    assert {each.by for each in recommendation.risks}.isdisjoint({"PREVENT", "combined"})
    assert recommendation.versions == {"life": "v1"}


def test_the_card_is_cited() -> None:
    (evidence,) = one(risk()).evidence

    assert (evidence.source, evidence.release, evidence.reference, evidence.knowledge_as_of) == (
        "life model",
        "v1",
        "https://models.example/v1",
        "2026-11-29",
    )


def test_of_an_invented_cohort_everything_is_for_demonstration() -> None:
    invented = replace(CARD, is_planted=True)

    said = [*told_of(risk(), card=invented), *told_of(card=invented, refused="too little")]

    assert [each.strength for each in said] == ["for demonstration"] * 2
    assert all("the model's cohort is invented" in each.action for each in said)
    assert one(risk()).strength == "for information"


def test_a_refusal_is_an_answer_with_its_reason() -> None:
    (recommendation,) = told_of(refused="not enough history: 0 events of at least 1")

    assert recommendation.key == "risk/life"
    assert recommendation.action == (
        "The model of lives does not speak of this person: "
        "not enough history: 0 events of at least 1"
    )
    assert [each.text for each in recommendation.reasons] == [
        "not enough history: 0 events of at least 1"
    ]
    assert recommendation.evidence
    assert recommendation.versions


def test_what_it_is_silent_of_is_said_beside_what_it_says() -> None:
    given, silent = told_of(risk("stroke"), silent={"chd": "it was had, and happens once"})

    assert given.key == "risk/life/stroke"
    assert (silent.key, silent.action) == (
        "risk/life",
        "The model of lives does not speak of coronary disease: it was had, and happens once",
    )


def test_where_nothing_stands_out_nothing_is_said() -> None:
    assert told_of() == []


def test_each_recommendation_has_a_reason_a_source_and_a_version() -> None:
    said = [
        *told_of(risk(), prevent=PREVENT, silent={"chd": "the model has no code of it"}),
        *told_of(refused="no birth date"),
    ]

    assert len(said) == 3
    assert all(each.reasons and each.evidence and each.versions["life"] for each in said)
    assert all(reason.text for each in said for reason in each.reasons)


@pytest.mark.parametrize(
    ("probability", "doubted"),
    [
        pytest.param(0.06, False, id="near"),
        pytest.param(0.4, True, id="far above"),
        pytest.param(0.004, True, id="far below"),
        pytest.param(1.0, True, id="certain"),
    ],
)
def test_a_reader_is_told_where_the_two_are_far_apart(probability: float, doubted: bool) -> None:
    action = one(risk("stroke", probability), prevent=PREVENT).action

    assert ("neither was right of planted lives" in action) is doubted
