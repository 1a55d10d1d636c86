"""Observations: the OBX segments of a result (ORU) or an admission (ADT)."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from epione.errors import MalformedEvent, Rejected
from epione.timeline import Code, Observation, Quantity, Status
from epione_ingestion.hl7v2.demographics import read_demographics
from epione_ingestion.hl7v2.er7 import Composite, Segment
from epione_ingestion.hl7v2.reading import Reading, Subject, assigner_of, codings_of
from epione_ingestion.hl7v2.vocabulary import observation_name
from epione_ingestion.terminologies import UCUM, chosen_value, uri_of
from epione_ingestion.units import ucum_of

# HL7 table 0085 (v2.9), observation result status.
STATUSES = {
    "P": Status.PRELIMINARY,
    "R": Status.PRELIMINARY,  # entered, not verified
    "S": Status.PRELIMINARY,  # partial
    "F": Status.FINAL,
    "U": Status.FINAL,  # from preliminary to final, without sending the result again
    "V": Status.FINAL,  # verified
    "C": Status.CORRECTED,
    "A": Status.CORRECTED,  # amended
    "B": Status.CORRECTED,  # appended to
    "D": Status.WITHDRAWN,  # deleted
    "W": Status.WITHDRAWN,  # posted as wrong, for instance of another patient
    "X": Status.WITHDRAWN,  # cannot be obtained
}
WITHOUT_RESULT = frozenset({"I", "N", "O"})  # pending in the laboratory, not asked, order only
STATUSES_OF_ORDER = {  # HL7 table 0123, for an OBX that states none of its own
    "F": Status.FINAL,
    "C": Status.CORRECTED,
    "X": Status.WITHDRAWN,
}

COMPARED_NUMBER = re.compile(r"(<=|>=|<|>)? *([+-]?(?:\d+(?:\.\d*)?|\.\d+))", re.ASCII)
COMPARATORS = frozenset({"", "<", "<=", ">=", ">"})
INTERPRETATION = re.compile(r"[A-Z]{1,3}|[<>]")  # HL7 table 0078
TEXTS = frozenset({"ST", "TX", "FT"})
CODED = frozenset({"CE", "CWE", "CNE"})

Value = Quantity | Code | bool | None


@dataclass
class Order:
    """The order that results belong to; without one, they are the patient's alone."""

    request: Segment | None = None  # OBR
    control: Segment | None = None  # ORC
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)

    @cached_property
    def name(self) -> tuple[str, str]:
        """Give (assigner, number): the filler's, else the placer's, else nothing."""
        for number, segment in (
            (3, self.request),
            (3, self.control),
            (2, self.request),
            (2, self.control),
        ):
            if segment is not None and (entity := segment.first(number)).text():
                return assigner_of(*(entity.text(part) for part in (2, 3, 4))), entity.text()
        return "", ""


def read_results(reading: Reading) -> None:
    """Read the OBX of a message, each by the PID, ORC and OBR before it."""
    subject: Subject | None = None
    order, of_specimen, n_patients = Order(), False, 0
    for segment in reading.segments:
        match segment.name:
            case "PID":
                n_patients += 1
                subject, order, of_specimen = _subject(reading, segment), Order(), False
            case "ORC":
                order, of_specimen = Order(control=segment), False
            case "OBR":
                control = order.control if order.request is None else None
                order, of_specimen = Order(segment, control), False
            case "SPM":
                of_specimen = True
            case "OBX" if of_specimen:
                reading.skip("OBX of a specimen")
            case "OBX" if subject is not None:
                _attempt(reading, subject, order, segment)
            case "OBX" if not n_patients:
                reading.findings.refuse(
                    MalformedEvent("stands before any PID"), segment.place + " "
                )
    if not n_patients:
        reading.findings.refuse(MalformedEvent("no PID"), "")


def _subject(reading: Reading, segment: Segment) -> Subject | None:
    """Name the patient of what follows; None where PID does not, so that it is no one else's."""
    try:
        subject = reading.subject(segment, 3)
    except Rejected as fault:
        reading.findings.refuse(fault, f"{segment.place}: ")
        return None
    try:
        if segment.text(7) and segment.text(8):
            read_demographics(reading, subject, segment, "PID of results")
    except Rejected as fault:
        reading.findings.refuse(fault, "")
    return subject


def _attempt(reading: Reading, subject: Subject, order: Order, segment: Segment) -> None:
    try:
        read_observation(reading, subject, order, segment)
    except Rejected as fault:
        reading.findings.refuse(fault, "")


def read_observation(reading: Reading, subject: Subject, order: Order, segment: Segment) -> None:
    """Read one OBX.

    Raises:
        MalformedEvent: A part of it is not what its type says.
    """
    status = _status_of(segment, order)
    code = reading.code(segment.first(3), Observation)
    if status is None:
        reading.skip(f"OBX with status {segment.text(11)}")
    elif code is None:
        reading.skip("OBX without a code")
    elif segment.text(11) == "U" and not segment.first(5):
        reading.skip("OBX with status U")
    else:
        value, absent_reason = _value_of(reading, segment, status)
        observation = Observation(code, value, absent_reason, _interpretation_of(segment))
        at = reading.time(segment, 14) or (
            reading.time(order.request, 7) if order.request else None
        )
        reading.add(subject, _entity_of(reading, subject, order, segment), observation, status, at)


def _status_of(segment: Segment, order: Order) -> Status | None:
    """Give the status, None where the segment reports no result yet."""
    stated = segment.text(11)
    if stated in WITHOUT_RESULT:
        return None
    if not stated:
        of_order = order.request.text(25) if order.request else ""
        return STATUSES_OF_ORDER.get(of_order, Status.PRELIMINARY)
    if stated not in STATUSES:
        raise MalformedEvent(f"{segment.path(11)} must be of HL7 table 0085")
    return STATUSES[stated]


def _entity_of(reading: Reading, subject: Subject, order: Order, segment: Segment) -> str:
    """Name the observation: by its order, its code as sent, and its sub-id.

    The time tells apart those that agree in all of that, and those without an order.
    """
    coding = codings_of(segment.first(3))[0]
    assigner, number = order.name
    name = (coding.system, coding.code, segment.text(4))
    nth, order.seen[name] = order.seen[name], order.seen[name] + 1
    at = segment.text(14) or (order.request.text(7) if order.request else "")
    if not number:
        record = subject.record
        at = at or reading.segments[0].text(7)
        return reading.entity("", "OBX", record.assigner, record.number, *name, at, str(nth))
    if nth:
        return reading.entity(assigner, "OBX", number, *name, at, str(nth))
    return reading.entity(assigner, "OBX", number, *name)


def _value_of(reading: Reading, segment: Segment, status: Status) -> tuple[Value, str]:
    """Give the value of OBX-5 by the type in OBX-2, or None and why there is none.

    Of what is withdrawn nothing is read: "not performed" often stands where a number should.
    """
    if status is Status.WITHDRAWN:
        return None, "unknown"
    values = [value for value in segment.repetitions(5) if value]
    kind = segment.text(2)
    if not values:
        return None, "unknown"
    if kind in TEXTS or not kind:
        return _of_text(segment, values)
    if kind not in ("NM", "SN") and kind not in CODED:
        reading.skip(observation_name(kind))
        return None, "unsupported"
    if len(values) > 1:
        reading.skip("OBX with several values")
        return None, "unsupported"
    if kind in CODED:
        code = chosen_value(codings_of(values[0]), reading.rules.maps)
        return (code, "") if code else (None, "free-text")
    return (_of_number if kind == "NM" else _of_structured)(segment, values[0])


def _of_text(segment: Segment, values: list[Composite]) -> tuple[Value, str]:
    """Read a text with a unit beside it as the number that it is; any other text is not kept."""
    match = COMPARED_NUMBER.fullmatch(values[0].text())
    if match is None or len(values) > 1 or not segment.first(6):
        return None, "free-text"
    return _quantity_of(segment, match[2], match[1] or ""), ""


def _of_number(segment: Segment, value: Composite) -> tuple[Value, str]:
    match = COMPARED_NUMBER.fullmatch(value.text())
    if match is None:
        raise MalformedEvent(f"{segment.path(5)} must be a number")
    return _quantity_of(segment, match[2], match[1] or ""), ""


def _of_structured(segment: Segment, value: Composite) -> tuple[Value, str]:
    """Read an SN: a comparator and one number; a range or a ratio is no quantity."""
    comparator, separator = value.text(1).removeprefix("="), value.text(3)
    match = COMPARED_NUMBER.fullmatch(value.text(2))
    if separator or value.text(4):
        return None, "unsupported"
    if match is None or match[1] or comparator not in COMPARATORS:
        raise MalformedEvent(f"{segment.path(5)} must be a comparator and a number")
    return _quantity_of(segment, match[2], comparator), ""


def _quantity_of(segment: Segment, number: str, comparator: str) -> Quantity:
    value, unit = float(number), segment.first(6)
    if not math.isfinite(value):
        raise MalformedEvent(f"{segment.path(5)} must be a finite number")
    in_ucum = uri_of(unit.text(6)) == UCUM and unit.text(4)
    return Quantity(value, ucum_of(unit.text(4) if in_ucum else unit.text(1)), comparator)


def _interpretation_of(segment: Segment) -> str:
    flag = segment.text(8)
    return flag if INTERPRETATION.fullmatch(flag) else ""
