"""Cardiovascular risk by PREVENT, what would lower it, or why it is not given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from epione.medicine.life import ServedLife
from epione.medicine.prevent_inputs import MEASURED, PreventFacts
from epione.medicine.recommendation import (
    Reason,
    Recommendation,
    RiskEstimate,
    Subject,
    SubjectKind,
)
from epione.medicine.risk import (
    CAVEAT,
    HORIZONS_YEARS,
    PreventInputs,
    PreventRefusal,
    PreventRisks,
    Scenario,
    prevent_evidence,
    refusal_of,
    scenarios_of,
)
from epione.timeline import Code, codes

OUTCOME = "urn:epione:outcome"  # the system of codes of what PREVENT foresees
SUBJECT = Subject(
    SubjectKind.RISK,
    Code(OUTCOME, "total_cvd", "total cardiovascular disease"),
    "cardiovascular disease",
)
KEY = "risk/prevent"
FOR_INFORMATION = "for information"
DECIMALS = 4  # of a probability: beyond what the equations can tell, and the same on any machine

OUTCOME_SHOWN = {
    "total_cvd": "cardiovascular disease",
    "ascvd": "atherosclerotic disease",
    "heart_failure": "heart failure",
    "chd": "coronary disease",
    "stroke": "stroke",
}


@dataclass(frozen=True, slots=True)
class Models:
    """The models: what they answer to inputs that are not refused, and which versions they are.

    `versions` are PREVENT's. A model of a life may be served, or none.
    """

    prevent: Callable[[PreventInputs], PreventRisks]
    versions: Mapping[str, str] = field(default_factory=dict)
    life: ServedLife | None = None


# What to order or ask where an input is missing; a creatinine brings the eGFR.
TO_OBTAIN: Mapping[str, Code] = {
    **{name: MEASURED[name].code for name in ("sbp", "total_c", "hdl_c", "bmi")},
    "egfr": codes.CREATININE.code,
    "smoking": codes.SMOKING_STATUS,
}


def is_answered(facts: PreventFacts) -> bool:
    """Say whether PREVENT speaks of the patient."""
    return not (facts.disease or refusal_of(facts.inputs))


def questions_of(facts: PreventFacts) -> tuple[PreventInputs, ...]:
    """Give what the model is to be asked: the record, then one input changed at a time."""
    if not is_answered(facts):
        return ()
    return (facts.inputs, *(scenario.inputs for scenario in scenarios_of(facts.inputs)))


def risk_recommendations(facts: PreventFacts, models: Models) -> Iterator[Recommendation]:
    """Give the risk with what would lower it, or say what stands in its way."""
    if facts.disease:
        yield _not_applicable(facts)
    elif refusal := refusal_of(facts.inputs):
        yield _not_given(facts, refusal)
        yield from _tests(facts, refusal)
    else:
        yield _given(facts, models)


def _given(facts: PreventFacts, models: Models) -> Recommendation:
    risks = models.prevent(facts.inputs)
    estimates = [
        RiskEstimate(outcome, years, round(probability, DECIMALS))
        for years, by_outcome in zip(HORIZONS_YEARS, (risks.y10, risks.y30), strict=True)
        for outcome, probability in by_outcome.items()
    ]
    what_if = [(each, models.prevent(each.inputs).y10) for each in scenarios_of(facts.inputs)]
    return Recommendation(
        id="",
        key=KEY,
        subject=SUBJECT,
        action=_in_words(risks),
        strength=FOR_INFORMATION,
        evidence=(prevent_evidence(),),
        reasons=(*facts.reasons, *(Reason(warning) for warning in risks.warnings)),
        would_change_if=tuple(_change_in_words(scenario, y10) for scenario, y10 in what_if),
        risks=(*estimates, *(estimate for each in what_if for estimate in _estimates(*each))),
        versions={
            "PREVENT": prevent_evidence().release,
            "PREVENT equations": str(risks.model),
            **models.versions,
        },
    )


def _in_words(risks: PreventRisks) -> str:
    others = ", ".join(
        f"{OUTCOME_SHOWN[outcome]} {probability:.1%}"
        for outcome, probability in risks.y10.items()
        if outcome != "total_cvd"
    )
    return (
        f"Risk of cardiovascular disease {risks.y10['total_cvd']:.1%} over 10 years and "
        f"{risks.y30['total_cvd']:.1%} over 30 years; over 10 years {others}"
    )


def _change_in_words(scenario: Scenario, y10: Mapping[str, float]) -> str:
    return (
        f"{scenario.text}: 10-year risk of cardiovascular disease {y10['total_cvd']:.1%}, "
        f"heart failure {y10['heart_failure']:.1%} ({CAVEAT})"
    )


def _estimates(scenario: Scenario, y10: Mapping[str, float]) -> Iterator[RiskEstimate]:
    for outcome, probability in y10.items():
        yield RiskEstimate(outcome, 10, round(probability, DECIMALS), scenario.name)


def _not_applicable(facts: PreventFacts) -> Recommendation:
    return Recommendation(
        id="",
        key=KEY,
        subject=SUBJECT,
        action="PREVENT is not computed: it speaks of people without known cardiovascular disease",
        strength=FOR_INFORMATION,
        evidence=(prevent_evidence(),),
        reasons=facts.disease,
        would_change_if=("the cardiovascular disease on the record proves wrong",),
        versions={"PREVENT": prevent_evidence().release},
    )


def _not_given(facts: PreventFacts, refusal: PreventRefusal) -> Recommendation:
    problems = "; ".join(_in_plain(*problem) for problem in refusal.problems.items())
    return Recommendation(
        id="",
        key=KEY,
        subject=SUBJECT,
        action=f"PREVENT is not computed: {problems}",
        strength=FOR_INFORMATION,
        evidence=(prevent_evidence(),),
        reasons=tuple(_problem(facts, *problem) for problem in refusal.problems.items()),
        would_change_if=tuple(
            f"{_shown_input(name)} is recorded within what PREVENT takes"
            for name in refusal.problems
        ),
        versions={"PREVENT": prevent_evidence().release},
    )


def _problem(facts: PreventFacts, name: str, problem: str) -> Reason:
    stated = facts.known[name].reason
    if stated is None:
        return Reason(_in_plain(name, problem))
    return Reason(f"{_in_plain(name, problem)}: {stated.text}", stated.event_ids)


def _in_plain(name: str, problem: str) -> str:
    """Name the input as a clinician does: a problem begins with the name of its field."""
    return f"{_shown_input(name)}{problem.removeprefix(name)}"


def _shown_input(name: str) -> str:
    return (
        MEASURED[name].name if name in MEASURED else {"smoking": "smoking status"}.get(name, name)
    )


def _tests(facts: PreventFacts, refusal: PreventRefusal) -> Iterator[Recommendation]:
    """Order what is missing, for whom PREVENT speaks of by age and sex."""
    if not refusal.problems.keys().isdisjoint({"age", "sex"}):
        return
    for name, code in TO_OBTAIN.items():
        if name in refusal.problems and facts.known[name].value is None:
            yield Recommendation(
                id="",
                key=f"test/prevent/{name}",
                subject=Subject(SubjectKind.TEST, code, code.display),
                action=f"Record the {code.display}: PREVENT cannot be computed without it",
                strength=FOR_INFORMATION,
                evidence=(prevent_evidence(),),
                reasons=(Reason(_in_plain(name, refusal.problems[name])),),
                would_change_if=(f"a {code.display} is recorded",),
                versions={"PREVENT": prevent_evidence().release},
                serves=(SUBJECT,),
            )
