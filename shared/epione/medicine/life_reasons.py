"""Why a risk of a life is what it is, in words: who shares age and sex, and what moved it.

Factors are told in steps (`life/steps.py`), and each reason cites the events that state it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from epione.medicine.life import (
    LifeQuestion,
    LifeRisk,
    Mover,
    base_of,
    percent,
    range_of,
    steps_between,
    steps_of,
    times_of,
    told,
)
from epione.medicine.recommendation import Reason
from epione.timeline.names import other_name, words_of
from epione.timeline.tokens import Entry
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import Kind, Vocabulary

PEOPLE = {Vocabulary.FEMALE: "women", Vocabulary.MALE: "men"}
# As the lesser reasons read, which follow without a new id.
SAME_AGE = "of the same age in the cohort"
TOGETHER = "all that the record holds and does not hold, together"
NOT_UNDERSTOOD = "not understood by the model"


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved a risk, in words, by how many steps, and the events that state it."""

    steps: int
    words: str
    at: str
    event_ids: tuple[str, ...]


def reasons_of(
    risk: LifeRisk, moved: Iterable[Moved], question: LifeQuestion, not_understood: Sequence[str]
) -> Iterator[Reason]:
    """Give the reasons: of age and sex, of the whole record, and of what moved the risk."""
    yield _of_age_and_sex(risk, question)
    yield _of_the_whole(risk)
    yield from _of_history(moved)
    yield from _of_genome(risk, question.entries)
    yield from of_not_understood(not_understood)


def is_lesser(reason: Reason) -> bool:
    """Say whether a reason says no more than the figures do, and follows without a new id."""
    return any(words in reason.text for words in (SAME_AGE, TOGETHER, NOT_UNDERSTOOD))


def moved_of(moved_by: Iterable[Mover], entries: Sequence[Entry]) -> Sequence[Moved]:
    """Give what moved a risk by a step and more, the most first."""
    found = [
        _named(mover, steps, entries) for mover in moved_by if (steps := steps_of(mover.times))
    ]
    return sorted(found, key=lambda each: (-abs(each.steps), each.words, each.at))


def _named(mover: Mover, steps: int, entries: Sequence[Entry]) -> Moved:
    """Find the entries that a mover stands for, by their names or by the other that they have.

    One without an age was so from the first day.
    """
    name = base_of(mover.name)
    named = [each for each in entries if name in (each.name, other_name(each.name))]
    dated = [each for each in named if each.age_days == mover.age_days]
    stated = dated or [each for each in named if each.age_days is None]
    words = next((each.words for each in stated if each.words), words_of(name))
    since = "known since" if dated and all(each.is_since for each in dated) else "at"
    return Moved(
        steps,
        " ".join(filter(None, (words, range_of(mover.name)))),
        f", {since} {int(mover.age_days / YEAR_DAYS)}" if dated or not stated else "",
        _events_of(stated),
    )


def _events_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.event_id for each in entries if each.event_id))


def _of_age_and_sex(risk: LifeRisk, question: LifeQuestion) -> Reason:
    sex = [each for each in question.entries if each.kind is Kind.SEX]
    people = next((PEOPLE[each.name] for each in sex), "people")
    _, probability = risk.parts[0]
    return Reason(
        f"{people} {SAME_AGE}: {percent(told(probability))} within {risk.horizons_years[-1]} years",
        _events_of(sex),
    )


def _of_the_whole(risk: LifeRisk) -> Reason:
    """Say how many times that of their age and sex is what is told, by the figures told."""
    (_, usual), whole = risk.parts[0], risk.risks[-1]
    return Reason(f"{TOGETHER}: rate {times_of(steps_between(told(usual), told(whole)))} of theirs")


def _of_history(moved: Iterable[Moved]) -> Iterator[Reason]:
    """Say what moved the risk; what reads the same is said once."""
    said: dict[str, tuple[str, ...]] = {}
    for each in moved:
        text = f"{each.words}{each.at}: {_times(each.steps)}"
        said[text] = tuple(dict.fromkeys((*said.get(text, ()), *each.event_ids)))
    return (Reason(text, event_ids) for text, event_ids in said.items())


def _of_genome(risk: LifeRisk, entries: Iterable[Entry]) -> Iterator[Reason]:
    steps = steps_of(risk.genome_times) if risk.genome_times is not None else 0
    if steps:
        genes = _events_of(each for each in entries if each.kind is Kind.GENOME)
        yield Reason(f"the genome: {_times(steps)}", genes)


def _times(steps: int) -> str:
    return f"rate {times_of(steps)} of the same record without it"


def of_not_understood(names: Sequence[str]) -> Iterator[Reason]:
    """Say how many codes of the record the model does not understand, if any."""
    if names:
        entries = "1 code" if len(names) == 1 else f"{len(names)} codes"
        yield Reason(
            f"{entries} of the record {'is' if len(names) == 1 else 'are'} {NOT_UNDERSTOOD}"
        )
