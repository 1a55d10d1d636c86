"""The table of R4 that the tests hold bundles to: it knows good from bad."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.reporting.profiles import read_lines
from tests.unit.reporting.reports import Resource
from tests.unit.reporting.structure import RESOURCES, structure_faults

OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
    "issued": "2024-06-01T12:30:00+00:00",
    "valueCodeableConcept": {"text": "CYP2C19*1/*2"},
    "note": [{"text": "seen"}],
    "component": [{"code": {"text": "gene"}, "valueString": "CYP2C19"}],
}
BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"fullUrl": "urn:uuid:1", "resource": OBSERVATION}],
}
TASK: dict[str, Any] = {"resourceType": "Task", "status": "requested", "intent": "proposal"}


@pytest.mark.reference
def test_the_examples_of_the_specification_are_good(reference_data: Path) -> None:
    every = read_lines(reference_data / "fhir/r4_spec_examples.ndjson.gz")
    known = [each for each in every if each["resourceType"] in RESOURCES]

    found = {str(each["id"]): list(structure_faults(each)) for each in known}

    assert len(known) > 100
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.reference
def test_the_examples_of_the_guide_are_good(examples: list[Resource]) -> None:
    assert [fault for each in examples for fault in structure_faults(each)] == []


@pytest.mark.parametrize("good", [OBSERVATION, BUNDLE, TASK], ids=["observation", "bundle", "task"])
def test_what_the_table_is_tried_on_is_good(good: dict[str, Any]) -> None:
    assert list(structure_faults(good)) == []


@pytest.mark.parametrize(
    ("good", "spoil", "fault"),
    [
        pytest.param(OBSERVATION, lambda r: r.pop("status"), "status: is missing", id="no status"),
        pytest.param(OBSERVATION, lambda r: r.pop("code"), "code: is missing", id="no code"),
        pytest.param(
            OBSERVATION, lambda r: r.update(status="done"), "no code of it", id="unknown status"
        ),
        pytest.param(OBSERVATION, lambda r: r.update(colour="red"), "unknown", id="unknown name"),
        pytest.param(
            OBSERVATION, lambda r: r.update(note={"text": "x"}), "no list", id="one for a list"
        ),
        pytest.param(OBSERVATION, lambda r: r.update(note=[]), "no list", id="an empty list"),
        pytest.param(OBSERVATION, lambda r: r.update(subject={}), "no Reference", id="empty"),
        pytest.param(
            OBSERVATION, lambda r: r["note"][0].update(text=""), "no markdown", id="an empty text"
        ),
        pytest.param(
            OBSERVATION, lambda r: r.update(issued="2024-06-01"), "no instant", id="a day"
        ),
        pytest.param(OBSERVATION, lambda r: r.update(valueString="x"), "twice", id="two values"),
        pytest.param(
            OBSERVATION, lambda r: r.update(valueAddress={"city": "x"}), "unknown", id="wrong type"
        ),
        pytest.param(
            OBSERVATION,
            lambda r: r.update(dataAbsentReason={"text": "x"}),
            "obs-6",
            id="a value and why there is none",
        ),
        pytest.param(
            OBSERVATION,
            lambda r: r["component"][0].update(code=r["code"]),
            "obs-7",
            id="a component of the same code",
        ),
        pytest.param(
            OBSERVATION, lambda r: r["component"][0].pop("code"), "missing", id="nameless component"
        ),
        pytest.param(
            OBSERVATION,
            lambda r: r.update(extension=[{"url": "http://x.example"}]),
            "ext-1",
            id="an extension of nothing",
        ),
        pytest.param(BUNDLE, lambda r: r.pop("type"), "missing", id="a bundle of no type"),
        pytest.param(
            BUNDLE, lambda r: r["entry"].append(r["entry"][0]), "bdl-7", id="an address twice"
        ),
        pytest.param(
            BUNDLE, lambda r: r["entry"][0]["resource"].pop("status"), "missing", id="bad within"
        ),
        pytest.param(TASK, lambda r: r.pop("intent"), "missing", id="no intent"),
        pytest.param(
            TASK,
            lambda r: r.update(reasonReference=[{"reference": "x"}]),
            "is a list",
            id="a list for one",
        ),
    ],
)
def test_what_r4_refuses_is_found(
    good: dict[str, Any], spoil: Callable[[dict[str, Any]], object], fault: str
) -> None:
    bad = copy.deepcopy(good)
    spoil(bad)

    assert any(fault in found for found in structure_faults(bad))
