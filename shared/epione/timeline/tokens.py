"""From what is stated of a person to a life in tokens: one way for training and for serving.

An entry is a name, an age and, of a measurement, a number. Names are alike whatever the source:
"ICD10CM/E11" (to the category of three characters), "SNOMED/44054006", "RXNORM/32968" (the
ingredient, where a map knows the product), "LOINC/4548-4" (its range is the vocabulary's),
"LOINC/883-9=…" (a coded answer), "Tobacco/smokes", "CYP2C19/Poor Metabolizer", "DEATH".

What does not become a token is given back with its reason; nothing is dropped unsaid.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from epione.timeline.age import age_days
from epione.timeline.codes import SMOKES, SMOKES_NOT, SMOKING_STATUS
from epione.timeline.events import RXNORM, Code, Condition, Gender, GeneCall, Observation, Quantity
from epione.timeline.genome import Genome
from epione.timeline.history import History, Stated
from epione.timeline.names import IngredientOf, name_of, words_of
from epione.timeline.vocabulary import NO_EVENT, PADDING, PREDICTED, Kind, Vocabulary

DEATH, QUIET = "DEATH", "No event"
SMOKER, NO_SMOKER = "Tobacco/smokes", "Tobacco/smokes not"
INDETERMINATE = "indeterminate"
SEXES = {Gender.FEMALE: Vocabulary.FEMALE, Gender.MALE: Vocabulary.MALE}


class Omission(StrEnum):
    """Why an entry is not in a life."""

    UNKNOWN_CODE = "a code that the vocabulary does not know"
    NO_NUMBER = "a measurement without a number"
    OTHER_UNIT = "a measurement in another unit than the vocabulary's"
    BEFORE_BIRTH = "before birth"
    AFTER_DEATH = "after death"
    IN_THE_FUTURE = "in the future"
    TOO_MUCH = "more than the model reads"


class NoLife(StrEnum):
    """Why there is no life of a person."""

    NO_BIRTH_DATE = "no birth date"
    BORN_IN_THE_FUTURE = "born in the future"
    EMPTY = "an empty history"
    DENIED = "consent to research is denied"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stated of a person; without an age it was so from the first day on.

    Which delivery states it, and how a clinician reads it, makes no other entry of it.
    """

    age_days: float | None  # from birth
    name: str
    kind: Kind = Kind.EVENT
    value: float | None = None
    unit: str = ""  # UCUM
    event_id: str = field(default="", compare=False)
    words: str = field(default="", compare=False)
    is_since: bool = field(default=False, compare=False)  # known from then on; when it began is not


@dataclass(frozen=True, slots=True)
class Lived:
    """A life in tokens of a vocabulary, and the entries that are not in it.

    Of one day, what is not predicted comes first and death last; each token is there once a day.
    The first row is where observation begins, and the last where it ends.
    """

    ages_days: npt.NDArray[np.int64]  # (n,), ascending
    tokens: npt.NDArray[np.int64]  # (n,)
    omitted: Counter[tuple[Omission, str]]  # by name


def lived(
    entries: Iterable[Entry],
    vocabulary: Vocabulary,
    until_days: float | None = None,
    *,
    from_birth: bool = False,
) -> Lived | NoLife:
    """Give the life that entries tell of.

    Args:
        entries: In any order.
        vocabulary: What knows names and ranges.
        until_days: How old the person is now, who was observed until then; without it, observation
            ends with the last entry.
        from_birth: Whether it began at birth, as a model of lives from birth reads every record;
            else with the first entry.

    Returns:
        The life, or why there is none.
    """
    entries = list(entries)
    omitted: Counter[tuple[Omission, str]] = Counter()
    deaths = [e.age_days for e in entries if e.kind is Kind.DEATH and e.age_days is not None]
    died = min((age for age in deaths if 0 <= age <= _or_never(until_days)), default=None)
    kept, undated = [], []
    for entry in entries:
        if entry.age_days is None:
            undated.append(entry)
        elif (why := _misplaced(entry.age_days, died, until_days)) is not None:
            omitted[why, entry.name] += 1
        else:
            kept.append(entry)
    if not kept:
        return NoLife.EMPTY
    ages = [int(entry.age_days or 0) for entry in kept]
    begin = 0 if from_birth else min(ages)
    end = max(ages) if died is not None or until_days is None else int(until_days)
    rows: set[tuple[int, int]] = set()
    for age, entry in (*zip(ages, kept, strict=True), *((begin, entry) for entry in undated)):
        token = _token_of(entry, vocabulary)
        if isinstance(token, Omission):
            omitted[token, entry.name] += 1
        else:
            rows.add((age, token))
    rows |= {(age, NO_EVENT) for age in {begin, end} - {age for age, _ in rows}}
    return _in_order(rows, vocabulary, omitted)


def entries_of(
    history: History, genome: Genome, ingredient_of: IngredientOf
) -> tuple[Entry, ...] | NoLife:
    """Give what a history and a genome state, by age.

    Observation begins with the first thing that was measured, given or done: a condition whose
    onset is told to have been before that is known from that day on.
    """
    now = _age_at(history, history.now)
    if now is None:
        return NoLife.NO_BIRTH_DATE
    if now < 0:
        return NoLife.BORN_IN_THE_FUTURE
    seen = tuple(_contacts(history, ingredient_of))
    onsets = tuple(_onset(each, history) for each in history.conditions)
    entries = (*seen, *known_from(onsets, first_age(seen)), *_death(history))
    if not entries:
        return NoLife.EMPTY
    return (*_undated(history, genome), *entries)


def known_from(entries: Iterable[Entry], first_days: float | None) -> Iterator[Entry]:
    """Move what is told of the time before observation to its first day."""
    for entry in entries:
        if first_days is not None and entry.age_days is not None and entry.age_days >= 0:
            moved = entry.age_days < first_days
            is_since = entry.is_since or moved
            yield replace(entry, age_days=max(entry.age_days, first_days), is_since=is_since)
        else:
            yield entry


def first_age(entries: Iterable[Entry]) -> float | None:
    """Give the age in days at the first dated entry from birth on."""
    return min(
        (e.age_days for e in entries if e.age_days is not None and e.age_days >= 0), default=None
    )


def _misplaced(age: float, died: float | None, until_days: float | None) -> Omission | None:
    if age < 0:
        return Omission.BEFORE_BIRTH
    if age > _or_never(until_days):
        return Omission.IN_THE_FUTURE
    return Omission.AFTER_DEATH if died is not None and age > died else None


def _or_never(days: float | None) -> float:
    return np.inf if days is None else days


def _token_of(entry: Entry, vocabulary: Vocabulary) -> int | Omission:
    if entry.kind is Kind.NO_EVENT:
        return NO_EVENT
    if entry.kind is Kind.DEATH and vocabulary.death is not None:
        return vocabulary.death
    name = vocabulary.known_as(entry.name)
    scale = vocabulary.scales.get(name)
    if scale is not None and entry.value is not None:
        return scale.token_of(entry.value) if entry.unit == scale.unit else Omission.OTHER_UNIT
    unknown = Omission.UNKNOWN_CODE if scale is None else Omission.NO_NUMBER
    return vocabulary.by_name.get(name, PADDING) or unknown


def _in_order(
    rows: Iterable[tuple[int, int]], vocabulary: Vocabulary, omitted: Counter[tuple[Omission, str]]
) -> Lived:
    kinds = vocabulary.kinds

    def place(row: tuple[int, int]) -> tuple[int, bool, bool, int]:
        age, token = row
        return age, kinds[token] in PREDICTED, kinds[token] is Kind.DEATH, token

    ages, tokens = np.array(sorted(rows, key=place), np.int64).T
    return Lived(ages, tokens, omitted)


def _age_at(history: History, at: datetime) -> int | None:
    if history.demographics is None:
        return None
    return age_days(history.demographics.value.birth_date, at.date())


def _contacts(history: History, ingredient_of: IngredientOf) -> Iterator[Entry]:
    """Give what was measured, given and done."""
    for results in history.observations.values():
        for result in results:
            yield _result(result, _age_at(history, result.at))
    for given in history.given:
        age = _age_at(history, given.value.starts_at or given.at)
        yield _entry(given.event_id, given.value.drug, age, ingredient_of)
    for done in history.procedures:
        age = _age_at(history, done.value.performed_at or done.at)
        yield _entry(done.event_id, done.value.code, age)


def _entry(
    event_id: str, code: Code, age: int | None, ingredient_of: IngredientOf = lambda _: None
) -> Entry:
    name = name_of(code, ingredient_of)
    return Entry(
        age, name, event_id=event_id, words=code.display or _words(code, name, ingredient_of)
    )


def _words(code: Code, name: str, ingredient_of: IngredientOf) -> str:
    ingredient = ingredient_of(code) if code.system == RXNORM else None
    return (ingredient.display if ingredient else "") or words_of(name)


def _onset(stated: Stated[Condition], history: History) -> Entry:
    onset_at = stated.value.onset_at
    entry = _entry(stated.event_id, stated.value.code, _age_at(history, onset_at or stated.at))
    return replace(entry, is_since=onset_at is None)


def _result(stated: Stated[Observation], age: int | None) -> Entry:
    """Give a result by its number or its coded answer; "<5" is no number."""
    entry, value = _entry(stated.event_id, stated.value.code, age), stated.value.value
    match value:
        case Quantity(amount, unit, ""):
            return replace(entry, value=amount, unit=unit)
        case Code(system, code) if stated.value.code.code == SMOKING_STATUS.code:
            smokes = (system, code) in SMOKES
            known = smokes or (system, code) in SMOKES_NOT
            if not known:
                return replace(_answered(entry, value), kind=Kind.LIFESTYLE)
            name, words = (SMOKER, "smokes tobacco") if smokes else (NO_SMOKER, "does not smoke")
            return replace(entry, name=name, kind=Kind.LIFESTYLE, words=words)
        case Code():
            return _answered(entry, value)
        case bool():
            return replace(entry, name=f"{entry.name}={str(value).lower()}")
        case _:
            return entry


def _answered(entry: Entry, answer: Code) -> Entry:
    name = name_of(answer)
    words = f"{entry.words}: {answer.display or words_of(name)}"
    return replace(entry, name=f"{entry.name}={name}", words=words)


def _undated(history: History, genome: Genome) -> Iterator[Entry]:
    """Give the sex, and what the called genes mean."""
    if history.demographics and history.sex in SEXES:
        by = history.demographics.event_id
        yield Entry(None, SEXES[history.sex], Kind.SEX, event_id=by, words=history.sex)
    for gene, call in genome.calls.items():
        if call.value.is_called:
            name = f"{gene}/{_phenotype(call.value)}"
            words = name.replace("/", " ")
            yield Entry(None, name, Kind.GENOME, event_id=call.event_id, words=words)


def _phenotype(call: GeneCall) -> str:
    """Give the one phenotype of a call; of several, or of none assigned, that it is open."""
    one = call.phenotypes[0] if len(call.phenotypes) == 1 else None
    return one or INDETERMINATE


def _death(history: History) -> Iterator[Entry]:
    if history.deceased and history.deceased.value.deceased_at:
        age = _age_at(history, history.deceased.value.deceased_at)
        yield Entry(age, DEATH, Kind.DEATH, event_id=history.deceased.event_id, words="death")
