"""Observation: what was measured or found, each component as an observation of its own."""

import re
from collections import Counter
from datetime import datetime

from epione.timeline import LOINC, Code, Observation, Quantity, Status
from epione_ingestion.fhir.reading import Reading, code_in, codings_of
from epione_ingestion.node import Node
from epione_ingestion.terminologies import UCUM, chosen_value
from epione_ingestion.units import ucum_of

# R4 observation-status.
STATUSES = {
    "registered": Status.PRELIMINARY,
    "preliminary": Status.PRELIMINARY,
    "final": Status.FINAL,
    "amended": Status.CORRECTED,
    "corrected": Status.CORRECTED,
    "cancelled": Status.WITHDRAWN,
    "entered-in-error": Status.WITHDRAWN,
    "unknown": Status.PRELIMINARY,
}

# Panels whose members are known (LOINC 2.78): a version without a member withdraws that member,
# so that a panel entered in error and sent without its components leaves none behind.
PANELS = {
    "85354-9": ("8480-6", "8462-4"),  # blood pressure panel with all children optional
    "55284-4": ("8480-6", "8462-4"),  # blood pressure systolic and diastolic
}

# R4 data-absent-reason.
ABSENT_REASONS = frozenset(
    {"unknown", "asked-unknown", "temp-unknown", "not-asked", "asked-declined", "masked"}
    | {"not-applicable", "unsupported", "as-text", "error", "not-a-number", "negative-infinity"}
    | {"positive-infinity", "not-performed", "not-permitted"}
)
COMPARATORS = frozenset({"", "<", "<=", ">=", ">"})
INTERPRETATION = re.compile(r"[A-Z]{1,3}|[<>]")  # HL7 table 0078

Value = Quantity | Code | bool | None


def read_observation(reading: Reading) -> None:
    resource = reading.resource
    status = reading.one_of(STATUSES)
    effective_at = _effective_at(reading)
    components = resource.nodes("component")
    panel = reading.code(resource.node("code"), Observation, status)
    if panel is not None and (_has_value(resource) or not components):
        reading.add(_observation_of(reading, resource, panel, status), status, effective_at)
    seen: Counter[Code] = Counter()
    for component in components:
        if (code := reading.code(component.node("code"), Observation)) is not None:
            part = (code.system, code.code, str(seen[code] or ""))
            body = _observation_of(reading, component, code, status)
            reading.add(body, status, effective_at, part)
            seen[code] += 1
    if panel is not None and panel.system == LOINC:
        _withdraw_absent(reading, panel, {code.code for code in seen})


def _observation_of(reading: Reading, node: Node, code: Code, status: Status) -> Observation:
    """Read the value; of what is withdrawn none, so that no fault in it keeps it standing."""
    if status is Status.WITHDRAWN:
        return Observation(code, None, "unknown")
    value, absent_reason = _value_of(reading, node)
    return Observation(code, value, absent_reason, _interpretation_of(node))


def _withdraw_absent(reading: Reading, panel: Code, present: set[str]) -> None:
    for member in PANELS.get(panel.code, ()):
        if member not in present:
            absent = Observation(Code(LOINC, member), None, "unknown")
            reading.add(absent, Status.WITHDRAWN, None, (LOINC, member, ""))


def _has_value(node: Node) -> bool:
    return any(name.startswith("value") for name in node) or "dataAbsentReason" in node


def _value_of(reading: Reading, node: Node) -> tuple[Value, str]:
    """Give a value, or None and why there is none."""
    if (quantity := node.node("valueQuantity")) is not None:
        return _quantity_of(quantity, node)
    if (concept := node.node("valueCodeableConcept")) is not None:
        code = chosen_value(codings_of(concept), reading.rules.maps)
        return (code, "") if code else (None, "free-text")
    if (truth := node.truth("valueBoolean")) is not None:
        return truth, ""
    if (count := node.number("valueInteger")) is not None:
        return Quantity(count, "1"), ""
    if "valueString" in node:
        return None, "free-text"
    others = [name for name in VALUES_NOT_USED if name in node]
    if others:
        reading.skip(others[0])
        return None, "unsupported"
    return None, _absent_reason_of(node)


VALUES_NOT_USED = (
    "valueRange",
    "valueRatio",
    "valueSampledData",
    "valueTime",
    "valueDateTime",
    "valuePeriod",
)


def _quantity_of(quantity: Node, parent: Node) -> tuple[Quantity | None, str]:
    value, comparator = quantity.number("value"), quantity.text("comparator")
    if comparator not in COMPARATORS:
        raise quantity.refusal("comparator", "must be one of <, <=, >=, >")
    if value is None:
        return None, _absent_reason_of(parent)
    in_ucum = quantity.text("system") == UCUM and "code" in quantity
    unit = ucum_of(quantity.text("code") if in_ucum else quantity.text("unit"))
    return Quantity(value, unit, comparator), ""


def _absent_reason_of(node: Node) -> str:
    reason = code_in(node.node("dataAbsentReason"))
    return reason if reason in ABSENT_REASONS else "unknown"


def _interpretation_of(node: Node) -> str:
    interpretations = node.nodes("interpretation")
    code = code_in(interpretations[0]) if interpretations else ""
    return code if INTERPRETATION.fullmatch(code) else ""


def _effective_at(reading: Reading) -> datetime | None:
    resource = reading.resource
    for name in ("effectiveDateTime", "effectiveInstant"):
        if name in resource:
            return reading.time(resource, name)
    start, end = reading.period(resource, "effectivePeriod")
    return start or end or reading.time(resource, "issued")
