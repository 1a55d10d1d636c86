"""What a plan says of a model's risks: figures in steps, their parts, reasons and events."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.medicine.life.lives import CARD, HYPERTENSION, risk

from epione.medicine.life import (
    HAD,
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
from epione.medicine.naming import name_of
from epione.medicine.recommendation import Evidence, Recommendation, RiskEstimate
from epione.medicine.risk import prevent_evidence
from epione.timeline import ICD10CM, Code
from epione.timeline.calibration import Support
from epione.timeline.tokens import Entry, NoLife
from epione.timeline.vocabulary import Kind
from epione_inference.lives.answering import DEAD, NO_CODE

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
    not_understood: tuple[str, ...] = (),
    had: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Recommendation]:
    answer = LifeAnswer(refused, risks, silent or {}, not_understood)
    served = ServedLife(lambda _: answer, card)
    return list(life_recommendations(QUESTION, served, prevent, had or {}))


def one(*risks: LifeRisk, prevent: Prevented | None = None) -> Recommendation:
    (recommendation,) = told_of(*risks, prevent=prevent)
    return recommendation


def reasons_of(*moved_by: Mover) -> list[tuple[str, tuple[str, ...]]]:
    """Give the reasons after those of age and sex and of the record as a whole."""
    reasons = one(risk("stroke", 0.06, *moved_by)).reasons[2:]
    return [(each.text, each.event_ids) for each in reasons]


def test_a_risk_has_a_key_and_a_subject_of_its_outcome() -> None:
    stroke, diabetes = told_of(risk("stroke"), risk("ICD10CM/E11", codes=("ICD10CM/E11",)))

    assert (stroke.key, stroke.subject.code.code) == ("risk/life/stroke", "stroke")
    assert diabetes.key == "risk/life/ICD10CM/E11"
    assert diabetes.subject.code == Code(ICD10CM, "E11", "Type 2 diabetes mellitus")
    assert diabetes.subject.name == "Type 2 diabetes mellitus"


def test_a_code_of_which_no_title_is_known_is_its_own_name() -> None:
    recommendation = one(risk("ICD10CM/X00", codes=("ICD10CM/X00",)))

    assert recommendation.subject.name == "ICD10CM/X00"
    assert recommendation.action.startswith("Risk of ICD10CM/X00 before death 6.6%")


def test_the_action_says_the_last_horizon_and_the_interval_in_steps() -> None:
    recommendation = one(risk("ICD10CM/E11", 0.06, codes=("ICD10CM/E11",)))

    assert recommendation.action == (
        "Risk of Type 2 diabetes mellitus (ICD10CM/E11) before death 6.6% within 10 years "
        "(4.3% to 10.2%)"
    )
    assert [each.horizon_years for each in recommendation.risks if not each.by] == [1, 5, 10]


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        pytest.param(0.0004, "less than 0.1% within 10 years (less than 0.1%)", id="both ends"),
        pytest.param(0.0009, "0.1% within 10 years (less than 0.1% to 0.1%)", id="the lower"),
    ],
)
def test_a_risk_of_less_than_a_thousandth_is_told_as_less(probability: float, shown: str) -> None:
    assert f"before death {shown}" in one(risk("stroke", probability)).action


@pytest.mark.parametrize(
    ("probability", "changes"),
    [
        pytest.param(0.0605, False, id="moved a little"),
        pytest.param(0.09, True, id="moved by a step and more"),
    ],
)
def test_only_what_moved_by_a_step_says_something_else(probability: float, changes: bool) -> None:
    assert (one(risk("stroke", probability)).action != one(risk("stroke", 0.06)).action) is changes


def test_the_id_hangs_on_what_a_reader_would_act_on_and_not_on_the_lesser_figures() -> None:
    before = risk("stroke", 0.06, RAISED)
    lesser = replace(
        before,
        risks=(0.001, 0.01, 0.06),
        parts=(("age and sex", 0.01), *before.parts[1:]),
    )

    (told_before,), (told_lesser,) = (
        told_of(before, prevent=PREVENT),
        told_of(lesser, prevent=PREVENT, not_understood=("Z", "Y")),
    )

    assert told_before != told_lesser
    assert name_of("t", "p", told_before) == name_of("t", "p", told_lesser)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(risk("stroke", 0.09, RAISED), id="the risk"),
        pytest.param(
            replace(risk("stroke", 0.06, RAISED), intervals=((0, 1), (0, 1), (0.01, 0.3))),
            id="its interval",
        ),
        pytest.param(risk("stroke", 0.06), id="what moves it"),
        pytest.param(risk("stroke", 0.06, RAISED, codes=("ICD10CM/I63",)), id="what counts"),
    ],
)
def test_the_id_changes_with(other: LifeRisk) -> None:
    names = {name_of("t", "p", one(each)) for each in (risk("stroke", 0.06, RAISED), other)}

    assert len(names) == 2


def test_the_id_changes_with_what_prevent_says() -> None:
    higher = replace(PREVENT, risks={**PREVENT.risks, "stroke": 0.0331})
    names = {name_of("t", "p", one(risk(), prevent=each)) for each in (PREVENT, higher)}

    assert len(names) == 2


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
        ("meanwhile", 10),
        ("calibration", 10),
    ]
    assert all(each.low is not None and each.high is not None for each in risks[:3])
    assert all(each.low is None and each.high is None for each in risks[3:])


def test_age_and_sex_are_always_a_reason() -> None:
    reason = one(risk("stroke", 0.06)).reasons[0]

    assert (reason.text, reason.event_ids) == (
        "women of the same age in the cohort: 2.8% within 10 years",
        ("who@1",),
    )


def test_the_record_as_a_whole_is_a_reason_by_the_figures_that_are_told() -> None:
    recommendation = one(risk("stroke", 0.06))

    assert [(each.text, each.event_ids) for each in recommendation.reasons[1:]] == [
        ("all that the record holds and does not hold, together: rate x2.44 of theirs", ())
    ]


@pytest.mark.parametrize(
    ("not_understood", "said"),
    [
        pytest.param(("Z",), "1 code of the record is not understood by the model", id="one"),
        pytest.param(("Z", "Y"), "2 codes of the record are not understood by the model", id="two"),
    ],
)
def test_how_much_is_not_understood_is_the_last_reason(
    not_understood: tuple[str, ...], said: str
) -> None:
    told_all = [
        *told_of(risk(), not_understood=not_understood),
        *told_of(refused="no birth date", not_understood=not_understood),
    ]

    assert [each.reasons[-1].text for each in told_all] == [said] * 2


@pytest.mark.parametrize(
    ("mover", "text", "event_ids"),
    [
        pytest.param(
            RAISED,
            "essential hypertension, at 61: rate x1.95 of the same record without it",
            ("sick@1",),
            id="raises it",
        ),
        pytest.param(
            Mover(HYPERTENSION, AT_61, 0.6),
            "essential hypertension, at 61: rate x0.64 of the same record without it",
            ("sick@1",),
            id="lowers it",
        ),
        pytest.param(
            Mover("LOINC/4548-4 [6.5, ) %", AT_61, 1.5),
            "hemoglobin A1c 6.5 % or more, at 61: rate x1.56 of the same record without it",
            ("lab@1",),
            id="a range of a measurement",
        ),
        pytest.param(
            Mover("ICD10CM/I10", AT_61, 2),
            "essential hypertension, at 61: rate x1.95 of the same record without it",
            ("sick@1",),
            id="stated in another terminology",
        ),
        pytest.param(
            Mover("CYP2C19/Poor Metabolizer", 0, 2),
            "CYP2C19 poor: rate x1.95 of the same record without it",
            ("genome@1",),
            id="what has no age",
        ),
        pytest.param(
            Mover("ICD10CM/J45", AT_61, 2),
            "Asthma, at 61: rate x1.95 of the same record without it",
            (),
            id="not stated",
        ),
    ],
)
def test_a_mover_is_told_in_words_with_the_events_that_state_it(
    mover: Mover, text: str, event_ids: tuple[str, ...]
) -> None:
    assert reasons_of(mover) == [(text, event_ids)]


def test_a_mover_of_less_than_a_step_is_no_reason() -> None:
    assert reasons_of(Mover(HYPERTENSION, AT_61, 1.1)) == []


def test_what_moves_it_most_is_told_first() -> None:
    movers = [Mover(f"SNOMED/{n}", AT_61, 1.25**n) for n in (2, 1, 3)]

    texts = [text for text, _ in reasons_of(*movers)]

    assert [text.split(",")[0] for text in texts] == [f"SNOMED/{n}" for n in (3, 2, 1)]


def test_a_condition_of_which_the_beginning_is_not_told_is_known_since() -> None:
    question = replace(QUESTION, entries=(SEX, replace(SICK, is_since=True)))
    answer = LifeAnswer(risks=(risk("stroke", 0.06, RAISED),))

    (recommendation,) = life_recommendations(question, ServedLife(lambda _: answer, CARD), None, {})

    assert recommendation.reasons[2].text.startswith("essential hypertension, known since 61: ")


def test_movers_of_one_step_are_told_in_an_order_that_no_figure_decides() -> None:
    a, b = Mover("SNOMED/1", AT_61, 1.8), Mover("SNOMED/2", AT_61, 1.81)

    assert reasons_of(a, b) == reasons_of(replace(a, times=1.82), b)


def test_what_reads_the_same_is_said_once_with_the_events_of_both() -> None:
    again = replace(SICK, age_days=AT_61 + 40, event_id="sick@2")
    question = replace(QUESTION, entries=(*QUESTION.entries, again))
    movers = (RAISED, replace(RAISED, age_days=AT_61 + 40))
    answer = LifeAnswer(risks=(risk("stroke", 0.06, *movers),))

    (recommendation,) = life_recommendations(question, ServedLife(lambda _: answer, CARD), None, {})

    assert [(each.text, each.event_ids) for each in recommendation.reasons[2:]] == [
        (
            "essential hypertension, at 61: rate x1.95 of the same record without it",
            ("sick@1", "sick@2"),
        )
    ]


def test_a_genome_that_moves_it_is_a_reason() -> None:
    reason = one(risk("stroke", 0.06, genome_times=1.3)).reasons[-1]

    assert (reason.text, reason.event_ids) == (
        "the genome: rate x1.25 of the same record without it",
        ("genome@1",),
    )


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

    both = round(combined(0.032, told(0.06)), 4)
    assert f"; PREVENT 3.2%, the record 6.6%, combined {both:.1%}: " in recommendation.action
    assert [each for each in recommendation.risks if each.by in ("PREVENT", "combined")] == [
        RiskEstimate("stroke", 10, 0.032, by="PREVENT"),
        RiskEstimate("stroke", 10, both, by="combined"),
    ]
    assert prevent_evidence() in recommendation.evidence
    assert recommendation.versions == {"life": "v1", "prevent": "1"}


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        pytest.param(0.2, "the record raises what PREVENT says", id="more"),
        pytest.param(0.004, "the record lowers what PREVENT says", id="less"),
        pytest.param(told(0.035), "they agree", id="alike"),
    ],
)
def test_it_is_said_how_the_record_moves_what_prevent_says(probability: float, words: str) -> None:
    near = replace(PREVENT, risks={"stroke": told(0.035)})

    assert words in one(risk("stroke", probability), prevent=near).action


def test_of_an_invented_cohort_what_comes_of_both_is_for_demonstration_too() -> None:
    card = replace(CARD, is_planted=True)

    (recommendation,) = told_of(risk("stroke", 0.06), prevent=PREVENT, card=card)

    assert ", combined for demonstration 4.6%" in recommendation.action
    assert recommendation.risks[-1].by == "combined for demonstration"


def test_what_is_on_the_record_is_not_foretold_again() -> None:
    had = {"stroke": ("stroke@1",), "heart_failure": ("failure@1",)}

    given, silent = told_of(risk("chd"), risk("stroke"), prevent=PREVENT, had=had)

    assert given.key == "risk/life/chd"
    assert [(each.text, each.event_ids) for each in silent.reasons] == [
        ("stroke: it is on the record; the model foretells the first only", ("stroke@1",))
    ]
    assert silent.would_change_if == ("what is on the record of it proves wrong",)


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

    assert evidence == Evidence(
        "life model", "v1 of 2026-11-29", "https://models.example/v1", knowledge_as_of=""
    )


def test_a_card_without_a_day_is_cited_by_its_version() -> None:
    (recommendation,) = told_of(risk(), card=replace(CARD, made_on=""))

    assert recommendation.evidence[0].release == "v1"


def test_of_an_invented_cohort_everything_is_for_demonstration() -> None:
    invented = replace(CARD, is_planted=True)

    said = [*told_of(risk(), card=invented), *told_of(card=invented, refused="too little")]

    assert [each.strength for each in said] == ["for demonstration"] * 2
    assert all("the model learned from invented people" in each.action for each in said)
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
    given, silent = told_of(risk("stroke"), silent={"chd": HAD})

    assert given.key == "risk/life/stroke"
    assert (silent.key, silent.action) == (
        "risk/life",
        "The model of lives does not speak of coronary disease: "
        "it is on the record; the model foretells the first only",
    )


SUPPORT = Support(np.zeros((2, 10, 3)), np.zeros((2, 10)), from_birth=True)
LIVED = replace(SUPPORT, lived_years=np.full((2, 10), 2_000.0))


@pytest.mark.parametrize(
    ("why", "change"),
    [
        pytest.param(NoLife.NO_BIRTH_DATE, "a birth date is recorded", id="no birth date"),
        pytest.param(NoLife.BORN_IN_THE_FUTURE, "the birth date is corrected", id="not born"),
        pytest.param(
            NoLife.EMPTY, "what was found, measured, given or done is recorded", id="empty"
        ),
        pytest.param(
            SUPPORT.refusal_of(2, 5, 3), "the sex is recorded as female or male", id="sex"
        ),
        pytest.param(
            SUPPORT.refusal_of(0, 9, 3), "a model of a larger cohort is served", id="too old"
        ),
        pytest.param(
            LIVED.refusal_of(0, 5, 0),
            "a diagnosis or a medicine that the model understands is recorded",
            id="little history",
        ),
        pytest.param(DEAD, "the death on the record proves wrong", id="dead"),
        pytest.param(NO_CODE, "a model that has a code of it is served", id="no code"),
        pytest.param(HAD, "what is on the record of it proves wrong", id="had"),
    ],
)
def test_what_would_have_it_speak_goes_by_why_it_is_silent(why: str, change: str) -> None:
    (refused,), (silent,) = told_of(refused=why), told_of(silent={"stroke": why})

    assert refused.would_change_if == silent.would_change_if == (change,)


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

    assert ("they differ more than threefold" in action) is doubted
