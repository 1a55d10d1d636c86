"""What a timeline says is true of a patient at a time, each fact with the event that states it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from epione.timeline.age import age_years, next_birthday
from epione.timeline.codes import ConditionGroup, DrugGroup, Measurement
from epione.timeline.events import (
    LOINC,
    Body,
    Code,
    Condition,
    Consent,
    Demographics,
    Gender,
    GenomicFeatures,
    Medication,
    Observation,
    PatientEvent,
    Procedure,
    Quantity,
    Status,
)
from epione.timeline.merges import facts_of
from epione.timeline.timeline import Timeline, origin_of

T = TypeVar("T")

ACTIVE_CONDITION = frozenset({"active", "recurrence", "relapse", ""})  # FHIR condition-clinical
SURE_CONDITION = frozenset({"confirmed", ""})  # FHIR condition-ver-status
# FHIR medicationrequest-status and medication-statement-status of what is, or was, given
GIVEN = frozenset({"active", "completed", "stopped", "on-hold"})


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """A value, when it was true, and the delivery that states it."""

    value: T
    at: datetime
    event_id: str
    preliminary: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The facts that are known of one patient at `now`, each list in order of time."""

    now: datetime
    demographics: Stated[Demographics] | None = None
    deceased: Stated[Demographics] | None = None
    observations: Mapping[str, tuple[Stated[Observation], ...]] = field(default_factory=dict)
    conditions: tuple[Stated[Condition], ...] = ()
    medications: tuple[Stated[Medication], ...] = ()  # current ones
    given: tuple[Stated[Medication], ...] = ()  # those, and the ones that ended
    procedures: tuple[Stated[Procedure], ...] = ()
    consents: tuple[Stated[Consent], ...] = ()
    genomes: tuple[Stated[GenomicFeatures], ...] = ()
    upcoming: tuple[datetime, ...] = ()  # when one of these begins or ends

    @property
    def sex(self) -> Gender:
        """The chart's administrative gender."""
        return self.demographics.value.gender if self.demographics else Gender.UNKNOWN

    @property
    def age(self) -> int | None:
        """Whole years, surely completed."""
        return (
            age_years(self.demographics.value.birth_date, self.now) if self.demographics else None
        )

    def readings(self, measurement: Measurement) -> tuple[Stated[float], ...]:
        """Give every reading in the measurement's unit; those of another, or "<5", are left out."""
        found = [
            reading
            for code in measurement.loinc
            for observed in self.observations.get(code, ())
            if (reading := _reading(observed, measurement)) is not None
        ]
        return tuple(sorted(found, key=lambda reading: reading.at))

    def latest(self, measurement: Measurement) -> Stated[float] | None:
        """Give the last of the readings, without reading the others."""
        latest: Stated[float] | None = None
        for code in measurement.loinc:
            results = reversed(self.observations.get(code, ()))
            read = (_reading(observed, measurement) for observed in results)
            last = next((reading for reading in read if reading is not None), None)
            if last is not None and (latest is None or last.at >= latest.at):
                latest = last
        return latest

    def unread(self, measurement: Measurement) -> Stated[Observation] | None:
        """Give the last result that is no number in the measurement's unit, where none is one."""
        if self.latest(measurement) is not None:
            return None
        results = [each for code in measurement.loinc for each in self.observations.get(code, ())]
        return max(results, key=lambda result: result.at, default=None)

    def latest_answer(self, question: Code) -> Stated[Code] | None:
        """Give the last coded answer to a question that LOINC numbers."""
        answers = [
            Stated(observed.value.value, observed.at, observed.event_id, observed.preliminary)
            for observed in self.observations.get(question.code, ())
            if isinstance(observed.value.value, Code)
        ]
        return answers[-1] if answers else None

    def active(self, group: ConditionGroup) -> tuple[Stated[Condition], ...]:
        """Give the conditions of the group that are present now."""
        return tuple(
            stated
            for stated in self.ever(group)
            if stated.value.clinical_status in ACTIVE_CONDITION
            and (stated.value.abated_at is None or stated.value.abated_at > self.now)
        )

    def ever(self, group: ConditionGroup) -> tuple[Stated[Condition], ...]:
        """Give the conditions of the group that were ever sure, resolved ones included."""
        return tuple(stated for stated in self.conditions if group.holds(stated.value.code))

    def taking(self, group: DrugGroup) -> tuple[Stated[Medication], ...]:
        """Give the medicines of the group that are being taken now."""
        return tuple(
            stated
            for stated in self.medications
            if group.holds(stated.value.drug)
            and (stated.value.starts_at is None or stated.value.starts_at <= self.now)
        )

    def denial(self, scope: str) -> Stated[Consent] | None:
        """Give the latest word on consent, where it is no; a draft is no word yet."""
        words = [
            consent
            for consent in self.consents
            if consent.value.scope == scope and not consent.preliminary
        ]
        return words[-1] if words and not words[-1].value.permitted else None


def _reading(observed: Stated[Observation], measurement: Measurement) -> Stated[float] | None:
    """Give a result as a number of the measurement's unit; None where it is no such number."""
    value = observed.value.value
    if not isinstance(value, Quantity) or value.unit != measurement.unit or value.comparator:
        return None
    return Stated(value.value, observed.at, observed.event_id, observed.preliminary)


def history_of(timeline: Timeline, now: datetime) -> History:
    """Read a timeline as of a time; what begins later is not yet known to be so."""
    facts = sorted(facts_of(timeline), key=_by_time)
    past: dict[type[Body], list[PatientEvent]] = {}
    for event in facts:
        if _at(event) <= now:
            past.setdefault(type(event.body), []).append(event)
    persons = past.get(Demographics, [])
    return History(
        now=now,
        demographics=_who(timeline, persons),
        deceased=next((p for p in _stated(persons, Demographics) if p.value.deceased_at), None),
        observations=_by_loinc(past.get(Observation, [])),
        conditions=tuple(
            each
            for each in _stated(past.get(Condition, []), Condition)
            if _is_sure(each.value, now)
        ),
        medications=tuple(
            each
            for each in _stated(past.get(Medication, []), Medication)
            if _is_current(each.value, now)
        ),
        given=tuple(
            each
            for each in _stated(past.get(Medication, []), Medication)
            if each.value.state in GIVEN and (each.value.starts_at or now) <= now
        ),
        procedures=tuple(_stated(past.get(Procedure, []), Procedure)),
        consents=tuple(_stated(past.get(Consent, []), Consent)),
        genomes=tuple(_stated(past.get(GenomicFeatures, []), GenomicFeatures)),
        upcoming=tuple(sorted(time for time in _turning_points(facts, now) if time > now)),
    )


def _who(timeline: Timeline, persons: Sequence[PatientEvent]) -> Stated[Demographics] | None:
    """Give the survivor's own demographics before those of a record merged into it.

    Several sources speak of one person; one that leaves out the birth date or the sex, as an
    update of an address does, takes neither back.
    """
    own = [event for event in persons if origin_of(event) == timeline.patient]
    known = _stated(own or persons, Demographics)
    whole = [
        stated
        for stated in known
        if stated.value.birth_date and stated.value.gender is not Gender.UNKNOWN
    ]
    return (whole or known)[-1] if known else None


def _stated(events: Sequence[PatientEvent], kind: type[T]) -> list[Stated[T]]:
    return [
        Stated(event.body, _at(event), event.delivery_id, event.status is Status.PRELIMINARY)
        for event in events
        if isinstance(event.body, kind)
    ]


def _by_loinc(
    observed: Sequence[PatientEvent],
) -> Mapping[str, tuple[Stated[Observation], ...]]:
    by_code: dict[str, list[Stated[Observation]]] = {}
    for stated in _stated(observed, Observation):
        if stated.value.code.system == LOINC:
            by_code.setdefault(stated.value.code.code, []).append(stated)
    return {code: tuple(group) for code, group in by_code.items()}


def _is_sure(condition: Condition, now: datetime) -> bool:
    begun = condition.onset_at is None or condition.onset_at <= now
    return begun and condition.verification in SURE_CONDITION


def _is_current(medication: Medication, now: datetime) -> bool:
    return medication.state == "active" and (medication.ends_at is None or medication.ends_at > now)


def _turning_points(facts: list[PatientEvent], now: datetime) -> Iterator[datetime]:
    for event in facts:
        yield _at(event)
        match event.body:
            case Medication(starts_at=first, ends_at=last) if event.body.state == "active":
                yield from (time for time in (first, last) if time)
            case Condition(onset_at=first, abated_at=last):
                yield from (time for time in (first, last) if time)
            case Demographics(birth_date=birth_date):
                birthday = next_birthday(birth_date, now)
                yield from () if birthday is None else (birthday,)


def _at(event: PatientEvent) -> datetime:
    return event.effective_at or event.recorded_at


def _by_time(event: PatientEvent) -> tuple[datetime, int, int, str]:
    return _at(event), event.version.time_us, event.version.sequence, event.entity_id
