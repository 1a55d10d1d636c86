"""Risks of a life by a model of lives: what each is, what moved it, or why none is given.

Where PREVENT foresees the same within ten years, both are said, and what they come to together.
The model's figures are told in steps (`life/steps.py`), PREVENT's as `risk/prevent` tells them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from epione.medicine.life import (
    DECIMALS,
    HAD,
    OUTCOMES,
    TOLD_STEP,
    LifeAnswer,
    LifeCard,
    LifeQuestion,
    LifeRisk,
    ServedLife,
    code_of,
    combined,
    far_apart,
    percent,
    told,
    told_interval,
)
from epione.medicine.life_reasons import (
    Moved,
    is_lesser,
    moved_of,
    of_not_understood,
    reasons_of,
)
from epione.medicine.recommendation import (
    Evidence,
    Reason,
    Recommendation,
    RiskEstimate,
    Subject,
    SubjectKind,
)
from epione.medicine.risk import prevent_evidence
from epione.medicine.risk_recommendations import FOR_INFORMATION, OUTCOME, OUTCOME_SHOWN
from epione.timeline import Code, codes
from epione.timeline.codes import ConditionGroup
from epione.timeline.names import words_of
from epione.timeline.tokens import NoLife

KEY = "risk/life"
SUBJECT = Subject(SubjectKind.RISK, Code(OUTCOME, "life", "what a record foretells"), "life")
FOR_DEMONSTRATION = "for demonstration"
PREVENT_YEARS = 10
NEARLY_CERTAIN = 1 - 1e-9  # of which there is a hazard
# Of whom had it, the model's first event is none: by what PREVENT takes for it.
GROUPS: Mapping[str, ConditionGroup] = {
    "heart_failure": codes.HEART_FAILURE,
    "stroke": codes.STROKE,
    "chd": codes.ATHEROSCLEROSIS,
}
# What would have the model speak, by what the reason for its silence says.
WOULD_SPEAK: Mapping[str, str] = {
    NoLife.NO_BIRTH_DATE: "a birth date is recorded",
    NoLife.BORN_IN_THE_FUTURE: "the birth date is corrected",
    NoLife.EMPTY: "what was found, measured, given or done is recorded",
    "not enough history": "a diagnosis or a medicine that the model understands is recorded",
    "sex is not known": "the sex is recorded as female or male",
    "the cohort holds": "a model of a larger cohort is served",
    "death is on the record": "the death on the record proves wrong",
    "the model has no code": "a model that has a code of it is served",
    HAD.removeprefix("it "): "what is on the record of it proves wrong",
}
PARTS = {"age and sex", "lifts", "transformer", "genome", "meanwhile", "calibration"}


@dataclass(frozen=True, slots=True)
class Prevented:
    """What PREVENT foresees within ten years, by outcome, and the versions that say it."""

    risks: Mapping[str, float]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Both:
    """What is told of one outcome by one horizon by PREVENT and the model, and what that comes to.

    The last follows from the figures that are told, so that a reader can check it.
    """

    equation: float
    model: float

    @property
    def combined(self) -> float:
        return round(combined(self.equation, self.model), DECIMALS)


def life_recommendations(
    question: LifeQuestion,
    served: ServedLife,
    prevent: Prevented | None,
    had: Mapping[str, tuple[str, ...]],
) -> Iterator[Recommendation]:
    """Give each risk that the model speaks of, then what it is silent of.

    Args:
        question: Asked of the record.
        served: What answers it.
        prevent: None where PREVENT is not computed.
        had: The outcomes of PREVENT that are on the record, with the events that state them.
    """
    answer = _of_the_first(served.answer(question), had)
    for risk in answer.risks:
        yield _given(risk, answer.not_understood, question, served.card, prevent)
    if answer.refused or answer.silent:
        yield _silent(answer, served.card, had)


def lasting(recommendation: Recommendation) -> Recommendation:
    """Give what the id of a risk of a life hangs on: what a reader would act on.

    Left out are the parts, the shorter horizons and the reasons that say no more than these; they
    follow without a new id. What is told of any other matter is given as it is.
    """
    if not recommendation.key.startswith(KEY):
        return recommendation
    last = max((each.horizon_years for each in recommendation.risks), default=0)
    return replace(
        recommendation,
        reasons=tuple(each for each in recommendation.reasons if not is_lesser(each)),
        risks=tuple(
            each
            for each in recommendation.risks
            if each.by not in PARTS and (each.by or each.horizon_years == last)
        ),
    )


def _of_the_first(answer: LifeAnswer, had: Iterable[str]) -> LifeAnswer:
    """Be silent of what the record already has: the model foretells what comes first."""
    again = {risk.outcome: _had(risk.outcome) for risk in answer.risks if risk.outcome in had}
    risks = tuple(risk for risk in answer.risks if risk.outcome not in again)
    return replace(answer, risks=risks, silent={**answer.silent, **again})


def _had(outcome: str) -> str:
    """Say that it is on the record, or what wider disease is: of the legs' arteries, say."""
    name = GROUPS[outcome].name
    return HAD if name == OUTCOME_SHOWN[outcome] else HAD.replace("it", name, 1)


def _given(
    risk: LifeRisk,
    not_understood: Sequence[str],
    question: LifeQuestion,
    card: LifeCard,
    prevent: Prevented | None,
) -> Recommendation:
    both = _both(risk, prevent)
    moved = moved_of(risk.moved_by, question.entries)
    return Recommendation(
        id="",
        key=f"{KEY}/{risk.outcome}",
        subject=_subject(risk.outcome),
        action=f"{_in_words(risk, both, card)}{_caveat(card)}",
        strength=_strength(card),
        evidence=(_evidence(card), *((prevent_evidence(),) if both else ())),
        reasons=tuple(reasons_of(risk, moved, question, not_understood)),
        would_change_if=tuple(_changes(risk, moved, card)),
        risks=(*_own(risk), *_parts(risk), *_beside(risk, both, card)),
        versions={**_versions(card), **(prevent.versions if prevent and both else {})},
    )


def _both(risk: LifeRisk, prevent: Prevented | None) -> Both | None:
    """Give what both say, where both speak of it."""
    model = dict(zip(risk.horizons_years, risk.risks, strict=True)).get(PREVENT_YEARS)
    if prevent is None or model is None or risk.outcome not in OUTCOMES:
        return None
    equation = round(prevent.risks[risk.outcome], DECIMALS)
    return Both(equation, min(told(model), NEARLY_CERTAIN))


def _subject(outcome: str) -> Subject:
    if outcome in OUTCOMES:
        shown = OUTCOME_SHOWN[outcome]
        return Subject(SubjectKind.RISK, Code(OUTCOME, outcome, shown), shown)
    return Subject(SubjectKind.RISK, code_of(outcome), words_of(outcome))


def _in_words(risk: LifeRisk, both: Both | None, card: LifeCard) -> str:
    shown = _subject(risk.outcome).name
    counted = "" if risk.codes == (shown,) else f" ({', '.join(risk.codes)})"
    *_, last = _own(risk)
    return (
        f"Risk of {shown}{counted} before death {percent(last.probability)} within "
        f"{last.horizon_years} years ({_interval(last)}){_beside_in_words(risk, both, card)}"
    )


def _interval(estimate: RiskEstimate) -> str:
    low, high = (percent(each) for each in (estimate.low or 0.0, estimate.high or 0.0))
    return low if low == high else f"{low} to {high}"


def _beside_in_words(risk: LifeRisk, both: Both | None, card: LifeCard) -> str:
    """Say what PREVENT says of it, and which of the two moves the other how."""
    if both is None:
        return "; PREVENT is not computed" if risk.outcome in OUTCOMES else ""
    equation, model, one = map(percent, (both.equation, both.model, both.combined))
    verb = "raises" if both.combined > both.equation else "lowers"
    moves = "they agree" if one == equation else f"the record {verb} what PREVENT says"
    doubt = "; they differ more than threefold: the combined figure is uncertain"
    return (
        f"; PREVENT {equation}, the record {model}, {_combined_by(card)} {one}: {moves}"
        f"{doubt if far_apart(both.equation, both.model) else ''}"
    )


def _combined_by(card: LifeCard) -> str:
    """Name what comes of both; a paper of PREVENT's speaks for nothing that is invented."""
    return f"combined {FOR_DEMONSTRATION}" if card.is_planted else "combined"


def _own(risk: LifeRisk) -> tuple[RiskEstimate, ...]:
    rows = zip(risk.horizons_years, risk.risks, risk.intervals, strict=True)
    return tuple(
        RiskEstimate(risk.outcome, years, told(p), "", *told_interval(*interval, p))
        for years, p, interval in rows
    )


def _parts(risk: LifeRisk) -> Iterator[RiskEstimate]:
    for name, probability in risk.parts:
        yield RiskEstimate(risk.outcome, risk.horizons_years[-1], told(probability), by=name)


def _beside(risk: LifeRisk, both: Both | None, card: LifeCard) -> Iterator[RiskEstimate]:
    if both is not None:
        yield RiskEstimate(risk.outcome, PREVENT_YEARS, both.equation, by="PREVENT")
        yield RiskEstimate(risk.outcome, PREVENT_YEARS, both.combined, by=_combined_by(card))


def _changes(risk: LifeRisk, moved: Iterable[Moved], card: LifeCard) -> Iterator[str]:
    yield from dict.fromkeys(f"{each.words} proves wrong" for each in moved)
    if risk.genome_times is None and card.reads_genomes:
        yield "a genome is read"
    yield "more of the history is known"
    yield f"a figure moves by about a quarter: figures are told in steps of x{TOLD_STEP}"


def _silent(
    answer: LifeAnswer, card: LifeCard, had: Mapping[str, tuple[str, ...]]
) -> Recommendation:
    """Say why the model does not speak of the person, or of some outcomes."""
    whys = [
        Reason(f"{_subject(each).name}: {why}", had.get(each, ()))
        for each, why in sorted(answer.silent.items())
    ]
    said = "; ".join(each.text for each in whys)
    because = [answer.refused] if answer.refused else [*answer.silent.values()]
    return Recommendation(
        id="",
        key=KEY,
        subject=SUBJECT,
        action="The model of lives does not speak of "
        f"{f'this person: {answer.refused}' if answer.refused else said}{_caveat(card)}",
        strength=_strength(card),
        evidence=(_evidence(card),),
        reasons=(
            *([Reason(answer.refused)] if answer.refused else whys),
            *of_not_understood(answer.not_understood),
        ),
        would_change_if=tuple(dict.fromkeys(map(_would_speak, sorted(because)))),
        versions=_versions(card),
    )


def _would_speak(why: str) -> str:
    found = (change for says, change in WOULD_SPEAK.items() if says in why)
    return next(found, "the record or the model changes")


def _caveat(card: LifeCard) -> str:
    return " (for demonstration: the model learned from invented people)" if card.is_planted else ""


def _strength(card: LifeCard) -> str:
    return FOR_DEMONSTRATION if card.is_planted else FOR_INFORMATION


def _evidence(card: LifeCard) -> Evidence:
    """Cite the card; of what day the cohort's knowledge is, no card says."""
    release = f"{card.version} of {card.made_on}" if card.made_on else card.version
    return Evidence("life model", release, card.reference, "")


def _versions(card: LifeCard) -> Mapping[str, str]:
    return {"life": card.version}
