"""Lines of JSON to records, for `epione risk life`."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from epione.errors import MalformedEvent
from epione.medicine.life import LifeQuestion
from epione.timeline.events import Gender
from epione.timeline.tokens import SEXES, Entry
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import Kind, Vocabulary

FIELDS = ("sex", "events", "now_age", "now_age_days")
UNSAID = (Kind.PADDING, Kind.NO_EVENT, Kind.SEX)


@dataclass(frozen=True, slots=True)
class Asked:
    """One line that can be answered."""

    question: LifeQuestion
    now_days: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that cannot, and why."""

    error: str


class Codes:
    """The codes that a model knows, by their whole names or by what stands before the first space.

    So "J41 (simple and mucopurulent chronic bronchitis)" is J41 too, if no other code begins so.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        firsts = [name.split(" ")[0] for name in vocabulary.names]
        alone = {first: n for n, first in enumerate(firsts) if firsts.count(first) == 1}
        self._tokens = {**alone, **vocabulary.by_name}

    def token_of(self, code: str) -> int | None:
        """Give the token of a code that happens to people or is said of them, if it is known."""
        token = self._tokens.get(code)
        is_said = token is not None and self.vocabulary.kinds[token] not in UNSAID
        return token if is_said else None

    def entry_of(self, code: str, age_days: float, value: float | None, unit: str) -> Entry:
        """Give what a code states; one that is not known keeps its name.

        Raises:
            MalformedEvent: It is known, and nothing that happens or is said of a life.
        """
        if code in self.vocabulary.scales or code not in self._tokens:
            return Entry(age_days, code, value=value, unit=unit)
        if (token := self.token_of(code)) is None:
            raise MalformedEvent(f"{code} is no event")
        return Entry(age_days, self.vocabulary.names[token], self.vocabulary.kinds[token])


def asked_in(line: bytes, codes: Codes) -> Asked | Refused:
    """Read a line, or say why it cannot be answered."""
    try:
        fields = json.loads(line)
    except ValueError:
        return Refused("the line is not JSON")
    if not isinstance(fields, dict):
        return Refused("the line is not a JSON object")
    try:
        sex = _sex_in(fields)
        now_days = _age_in(fields, "now_age", "the line")
        events = _events_in(fields, codes)
        _refuse_contradictions(events, now_days)
    except MalformedEvent as fault:
        return Refused(str(fault))
    warnings = tuple(f"not read: {name}" for name in fields if name not in FIELDS)
    return Asked(LifeQuestion((*sex, *events), int(now_days)), now_days, warnings)


def _sex_in(fields: dict[str, Any]) -> tuple[Entry, ...]:
    sex = fields.get("sex")
    if sex is None:
        return ()
    if sex not in (Gender.FEMALE, Gender.MALE):
        raise MalformedEvent("sex is neither female nor male")
    return (Entry(None, SEXES[Gender(sex)], Kind.SEX),)


def _age_in(fields: dict[str, Any], name: str, of: str) -> float:
    """Read an age in days, or one in years, from birth."""
    for key, unit in ((f"{name}_days", 1.0), (name, YEAR_DAYS)):
        value = fields.get(key)
        if value is None:
            continue
        if not _is_number(value) or value < 0:
            raise MalformedEvent(f"{key} of {of} is not an age")
        return float(value) * unit
    raise MalformedEvent(f"{of} has no {name}: ages are counted from birth")


def _events_in(fields: dict[str, Any], codes: Codes) -> list[Entry]:
    events = fields.get("events")
    if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
        raise MalformedEvent("events is not a list of objects")
    found = []
    for number, each in enumerate(events, 1):
        of = f"event {number}"
        if not isinstance(each.get("code"), str):
            raise MalformedEvent(f"{of} has no code")
        age_days, value, unit = _age_in(each, "age", of), each.get("value"), each.get("unit", "")
        if value is not None and not _is_number(value):
            raise MalformedEvent(f"value of {of} is not a number")
        if not isinstance(unit, str):
            raise MalformedEvent(f"unit of {of} is not a text")
        found.append(codes.entry_of(each["code"], age_days, value, unit))
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refuse_contradictions(events: Sequence[Entry], now_days: float) -> None:
    """Refuse what cannot be; ages are said, and nothing that names a person.

    Raises:
        MalformedEvent: See each message.
    """
    deaths = [each.age_days or 0.0 for each in events if each.kind is Kind.DEATH]
    died = min(deaths, default=math.inf)
    for name, age_days in ((each.name, each.age_days or 0.0) for each in events):
        if age_days > now_days:
            raise MalformedEvent(f"{name} at {age_days:g} days is after now, {now_days:g} days")
        if age_days > died:
            raise MalformedEvent(f"{name} at {age_days:g} days is after death, {died:g} days")
    if died <= now_days:
        raise MalformedEvent(f"the history ends with death at {died:g} days")
