"""Risks of a life by a model of lives: what each is, what moved it, or why none is given.

Where PREVENT foresees the same within ten years, both are said, and what they come to together.
Figures are told in steps (`life/steps.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from epione.medicine.life import (
    OUTCOMES,
    TOLD_STEP,
    LifeAnswer,
    LifeCard,
    LifeQuestion,
    LifeRisk,
    Mover,
    ServedLife,
    base_of,
    code_of,
    combined,
    far_apart,
    range_of,
    steps_between,
    steps_of,
    times_of,
    told,
    told_interval,
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
from epione.timeline import Code
from epione.timeline.names import other_name
from epione.timeline.tokens import DEATH, Entry
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import Kind, Vocabulary

KEY = "risk/life"
SUBJECT = Subject(SubjectKind.RISK, Code(OUTCOME, "life", "what a record foretells"), "life")
FOR_DEMONSTRATION = "for demonstration"
MOST_MOVERS = 5  # of the history, that are told
PREVENT_YEARS = 10
NEARLY_CERTAIN = 1 - 1e-9  # of which there is a hazard
PEOPLE = {Vocabulary.FEMALE: "women", Vocabulary.MALE: "men"}


@dataclass(frozen=True, slots=True)
class Prevented:
    """What PREVENT foresees within ten years, by outcome, and the versions that say it."""

    risks: Mapping[str, float]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Both:
    """What PREVENT and the model say of one outcome by one horizon, and what that comes to."""

    equation: float
    model: float

    @property
    def combined(self) -> float:
        return combined(self.equation, self.model)


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved a risk, in words, by how many steps, and the events that state it."""

    steps: int
    words: str
    at: str
    event_ids: tuple[str, ...]


def life_recommendations(
    question: LifeQuestion, served: ServedLife, prevent: Prevented | None
) -> Iterator[Recommendation]:
    """Give each risk that the model speaks of, then what it is silent of.

    Args:
        question: Asked of the record.
        served: What answers it.
        prevent: None where PREVENT is not computed.
    """
    answer = served.answer(question)
    for risk in answer.risks:
        yield _given(risk, question, served.card, prevent)
    if answer.refused or answer.silent:
        yield _silent(answer, served.card)


def _given(
    risk: LifeRisk, question: LifeQuestion, card: LifeCard, prevent: Prevented | None
) -> Recommendation:
    both = _both(risk, prevent)
    moved = _moved(risk.moved_by, question.entries)
    return Recommendation(
        id="",
        key=f"{KEY}/{risk.outcome}",
        subject=_subject(risk.outcome),
        action=f"{_in_words(risk, both)}{_caveat(card)}",
        strength=_strength(card),
        evidence=(_evidence(card), *((prevent_evidence(),) if both else ())),
        reasons=(
            _of_age_and_sex(risk, question),
            *_of_history(moved),
            *_of_genome(risk, question.entries),
        ),
        would_change_if=tuple(_changes(risk, moved, card)),
        risks=(*_own(risk), *_parts(risk), *_beside(risk, both)),
        versions={**_versions(card), **(prevent.versions if prevent and both else {})},
    )


def _both(risk: LifeRisk, prevent: Prevented | None) -> Both | None:
    """Give what both say, where both speak of it."""
    model = dict(zip(risk.horizons_years, risk.risks, strict=True)).get(PREVENT_YEARS)
    if prevent is None or model is None or risk.outcome not in OUTCOMES:
        return None
    return Both(prevent.risks[risk.outcome], min(model, NEARLY_CERTAIN))


def _subject(outcome: str) -> Subject:
    if outcome in OUTCOMES:
        shown = OUTCOME_SHOWN[outcome]
        return Subject(SubjectKind.RISK, Code(OUTCOME, outcome, shown), shown)
    if _is_death(outcome):
        return Subject(SubjectKind.RISK, Code(OUTCOME, "death", "death"), "death")
    named = " ".join(filter(None, (base_of(outcome), range_of(outcome))))
    return Subject(SubjectKind.RISK, code_of(outcome), named)


def _is_death(outcome: str) -> bool:
    return outcome.upper() == DEATH


def _in_words(risk: LifeRisk, both: Both | None) -> str:
    shown = _subject(risk.outcome).name
    counted = f" ({', '.join(risk.codes)})" if risk.outcome in OUTCOMES else ""
    before = "" if _is_death(risk.outcome) else " before death"
    *sooner, last = _own(risk)
    earlier = "".join(
        f", {each.probability:.1%} within {each.horizon_years}" for each in reversed(sooner)
    )
    return (
        f"Risk of {shown}{counted}{before} {last.probability:.1%} within {last.horizon_years} "
        f"years ({last.low:.1%} to {last.high:.1%}){earlier}{_beside_in_words(risk, both)}"
    )


def _beside_in_words(risk: LifeRisk, both: Both | None) -> str:
    """Say what PREVENT says of it, and which of the two moves the other how."""
    if both is None:
        return "; PREVENT is not computed" if risk.outcome in OUTCOMES else ""
    steps = steps_between(both.equation, both.combined)
    verb = "raises" if steps > 0 else "lowers"
    moves = f"the record {verb} what PREVENT says {times_of(steps)}" if steps else "they agree"
    apart = far_apart(both.equation, both.model)
    doubt = "; so far apart, neither was right of planted lives" if apart else ""
    return (
        f"; PREVENT {told(both.equation):.1%}, the record {told(both.model):.1%}, "
        f"combined {told(both.combined):.1%}: {moves}{doubt}"
    )


def _own(risk: LifeRisk) -> tuple[RiskEstimate, ...]:
    rows = zip(risk.horizons_years, risk.risks, risk.intervals, strict=True)
    return tuple(
        RiskEstimate(risk.outcome, years, told(p), "", *told_interval(*interval, p))
        for years, p, interval in rows
    )


def _parts(risk: LifeRisk) -> Iterator[RiskEstimate]:
    for name, probability in risk.parts:
        yield RiskEstimate(risk.outcome, risk.horizons_years[-1], told(probability), by=name)


def _beside(risk: LifeRisk, both: Both | None) -> Iterator[RiskEstimate]:
    if both is not None:
        for name, probability in (("PREVENT", both.equation), ("combined", both.combined)):
            yield RiskEstimate(risk.outcome, PREVENT_YEARS, told(probability), by=name)


def _moved(moved_by: Iterable[Mover], entries: Sequence[Entry]) -> Sequence[Moved]:
    """Give what moved a risk by a step and more, the most first."""
    found = [
        _named(mover, steps, entries) for mover in moved_by if (steps := steps_of(mover.times))
    ]
    return sorted(found, key=lambda each: (-abs(each.steps), each.words, each.at))[:MOST_MOVERS]


def _named(mover: Mover, steps: int, entries: Sequence[Entry]) -> Moved:
    """Find the entries that a mover stands for, by their names or by the other that they have.

    One without an age was so from the first day.
    """
    name = base_of(mover.name)
    named = [each for each in entries if name in (each.name, other_name(each.name))]
    dated = [each for each in named if each.age_days == mover.age_days]
    stated = dated or [each for each in named if each.age_days is None]
    words = next((each.words for each in stated if each.words), name)
    return Moved(
        steps,
        " ".join(filter(None, (words, range_of(mover.name)))),
        f", at {int(mover.age_days / YEAR_DAYS)}" if dated or not stated else "",
        _events_of(stated),
    )


def _events_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.event_id for each in entries if each.event_id))


def _of_age_and_sex(risk: LifeRisk, question: LifeQuestion) -> Reason:
    sex = [each for each in question.entries if each.kind is Kind.SEX]
    people = next((PEOPLE[each.name] for each in sex), "people")
    _, probability = risk.parts[0]
    return Reason(
        f"{people} of the same age in the cohort: {told(probability):.1%} within "
        f"{risk.horizons_years[-1]} years",
        _events_of(sex),
    )


def _of_history(moved: Iterable[Moved]) -> Iterator[Reason]:
    """Say what moved the risk; what reads the same is said once."""
    said: dict[str, tuple[str, ...]] = {}
    for each in moved:
        text = f"{each.words}{each.at}: rate {times_of(each.steps)}"
        said[text] = tuple(dict.fromkeys((*said.get(text, ()), *each.event_ids)))
    return (Reason(text, event_ids) for text, event_ids in said.items())


def _of_genome(risk: LifeRisk, entries: Iterable[Entry]) -> Iterator[Reason]:
    steps = steps_of(risk.genome_times) if risk.genome_times is not None else 0
    if steps:
        genes = _events_of(each for each in entries if each.kind is Kind.GENOME)
        yield Reason(f"the genome: rate {times_of(steps)}", genes)


def _changes(risk: LifeRisk, moved: Iterable[Moved], card: LifeCard) -> Iterator[str]:
    yield from dict.fromkeys(f"{each.words} proves wrong" for each in moved)
    if risk.genome_times is None and card.reads_genomes:
        yield "a genome is read"
    yield "more of the history is known"
    yield f"a figure moves by about a quarter: figures are told in steps of x{TOLD_STEP}"


def _silent(answer: LifeAnswer, card: LifeCard) -> Recommendation:
    """Say why the model does not speak of the person, or of some outcomes."""
    whys = [f"{_subject(each).name}: {why}" for each, why in sorted(answer.silent.items())]
    said = f"this person: {answer.refused}" if answer.refused else "; ".join(whys)
    return Recommendation(
        id="",
        key=KEY,
        subject=SUBJECT,
        action=f"The model of lives does not speak of {said}{_caveat(card)}",
        strength=_strength(card),
        evidence=(_evidence(card),),
        reasons=tuple(map(Reason, [answer.refused] if answer.refused else whys)),
        would_change_if=("more of the history is known",),
        versions=_versions(card),
    )


def _caveat(card: LifeCard) -> str:
    return " (the model's cohort is invented: it tells of no people)" if card.is_planted else ""


def _strength(card: LifeCard) -> str:
    return FOR_DEMONSTRATION if card.is_planted else FOR_INFORMATION


def _evidence(card: LifeCard) -> Evidence:
    return Evidence("life model", card.version, card.reference, card.knowledge_as_of)


def _versions(card: LifeCard) -> Mapping[str, str]:
    return {"life": card.version}
