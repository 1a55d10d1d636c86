"""Lines of JSON to histories, for `epione risk life`."""

import json
import math
from dataclasses import dataclass
from typing import Any

from epione.errors import MalformedEvent
from epione_inference.lives import SEXES, YEAR_DAYS, Codes, Event, Life, life_of

FIELDS = ("sex", "events", "now_age", "now_age_days")


@dataclass(frozen=True, slots=True)
class Asked:
    """One line that can be answered."""

    life: Life
    not_understood: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that cannot, and why."""

    error: str


def asked_in(line: bytes, codes: Codes, longest: int, *, from_birth: bool) -> Asked | Refused:
    """Read a line, or say why it cannot be answered; see `life_of`."""
    try:
        fields = json.loads(line)
    except ValueError:
        return Refused("the line is not JSON")
    if not isinstance(fields, dict):
        return Refused("the line is not a JSON object")
    try:
        sex = _sex_in(fields)
        now_days = _age_in(fields, "now_age", "the line")
        events = _events_in(fields)
        life, not_understood = life_of(codes, sex, events, now_days, longest, from_birth=from_birth)
    except MalformedEvent as fault:
        return Refused(str(fault))
    warnings = [] if sex else ["sex is not known: rates are those of everyone"]
    warnings += [f"not read: {name}" for name in fields if name not in FIELDS]
    return Asked(life, not_understood, tuple(warnings))


def _sex_in(fields: dict[str, Any]) -> str | None:
    sex = fields.get("sex")
    if sex is not None and (not isinstance(sex, str) or sex not in SEXES):
        raise MalformedEvent("sex is neither female nor male")
    return sex


def _age_in(fields: dict[str, Any], name: str, of: str) -> float:
    """Read an age in days, or one in years, from birth."""
    for key, unit in ((f"{name}_days", 1.0), (name, YEAR_DAYS)):
        value = fields.get(key)
        if value is None:
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or value < 0:
            raise MalformedEvent(f"{key} of {of} is not an age")
        return float(value) * unit
    raise MalformedEvent(f"{of} has no {name}: ages are counted from birth")


def _events_in(fields: dict[str, Any]) -> list[Event]:
    events = fields.get("events")
    if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
        raise MalformedEvent("events is not a list of objects")
    found = []
    for number, each in enumerate(events, 1):
        if not isinstance(each.get("code"), str):
            raise MalformedEvent(f"event {number} has no code")
        found.append(Event(each["code"], _age_in(each, "age", f"event {number}")))
    return found
