"""Messages that real systems and specifications made: each is used, counted or refused.

Sources, licences and what the expected facts are: the reference data's README.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import cast

import pytest
from tests.unit.ingestion.given import RULES, Json, bodies, events, record

from epione.errors import Rejected
from epione.messaging import Record, topics
from epione.timeline import Body, Demographics, Observation, PatientsMerged, Quantity
from epione_ingestion import translate

pytestmark = pytest.mark.reference


def synthea(reference_data: Path) -> Iterator[Record]:
    for n, path in enumerate(sorted((reference_data / "fhir/synthea_r4").glob("*.json.gz"))):
        yield record(topics.HOSPITAL_FHIR.name, gzip.decompress(path.read_bytes()), n)


def examples(reference_data: Path) -> Iterator[Record]:
    lines = gzip.decompress((reference_data / "fhir/r4_spec_examples.ndjson.gz").read_bytes())
    for n, line in enumerate(lines.splitlines()):
        yield record(topics.HOSPITAL_FHIR.name, line, n)


def hl7_index(reference_data: Path) -> list[Json]:
    lines = (reference_data / "hl7v2/index.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def hl7(reference_data: Path, row: Json, n: int = 0) -> Record:
    value = (reference_data / str(row["file"])).read_bytes()
    return record(topics.HOSPITAL_HL7V2.name, value, n)


def fate_of(sent: Record) -> str:
    try:
        translation = translate(sent, RULES)
    except Rejected:
        return "refused"
    return "used" if translation.messages else "counted" if translation.unused else "lost"


def test_every_synthea_bundle_is_used_without_a_refusal(reference_data: Path) -> None:
    translations = [translate(sent, RULES) for sent in synthea(reference_data)]

    assert len(translations) == 24
    assert not [each.refusal for each in translations if each.refusal]
    assert sum((each.unmapped for each in translations), Counter()) == {}
    assert sum(each.unconverted for each in translations) == 0


def test_every_resource_of_synthea_is_a_fact_or_counted(reference_data: Path) -> None:
    sent = list(synthea(reference_data))
    resources = [
        cast(Json, entry["resource"])
        for each in sent
        for entry in json.loads(cast(bytes, each.value))["entry"]
    ]

    n_unused = sum(translate(each, RULES).unused.total() for each in sent)
    facts = {
        event.entity_id
        for each in sent
        for event in events(each)
        if not isinstance(event.body, PatientsMerged)
    }

    panels = sum(
        len(cast(list[Json], r.get("component", []))) - 1 for r in resources if "component" in r
    )
    assert len(facts) + n_unused == len(resources) + panels


def test_vito_cole_s_bundle_holds_every_input_of_prevent(reference_data: Path) -> None:
    (path,) = (reference_data / "fhir/synthea_r4").glob("Vito_Cole_*.json.gz")

    found = bodies(record(topics.HOSPITAL_FHIR.name, gzip.decompress(path.read_bytes())))

    units = {
        body.code.code: body.value.unit
        for body in found
        if isinstance(body, Observation) and isinstance(body.value, Quantity)
    }
    wanted = {"8480-6": "mm[Hg]", "2093-3": "mg/dL", "2085-9": "mg/dL", "38483-4": "mg/dL"}
    wanted |= {"39156-5": "kg/m2", "4548-4": "%"}
    assert wanted.items() <= units.items()
    assert [body.birth_date for body in found if isinstance(body, Demographics)] == ["1970-04-21"]


def test_every_example_of_the_specification_is_used_counted_or_refused(
    reference_data: Path,
) -> None:
    fates = Counter(fate_of(sent) for sent in examples(reference_data))

    assert fates.total() == 316
    assert set(fates) <= {"used", "counted", "refused"}
    assert fates["used"] > 100


def test_every_hl7_message_is_used_counted_or_refused(reference_data: Path) -> None:
    rows = hl7_index(reference_data)

    fates = Counter(fate_of(hl7(reference_data, row, n)) for n, row in enumerate(rows))

    assert fates.total() == 544
    assert set(fates) <= {"used", "counted", "refused"}
    assert fates["used"] > 50


@pytest.mark.parametrize(
    "name",
    ["Hl7v2_LAB-ORU-1", "Hl7v2_LAB-ORU-2", "Hl7v2_ORU-R01-01"],
)
def test_an_hl7_result_says_what_another_converter_reads_in_it(
    reference_data: Path, name: str
) -> None:
    (row,) = [row for row in hl7_index(reference_data) if str(row["id"]).endswith(f"{name}.hl7")]
    expected = cast(Json, row["facts"])["observations"]

    found = {
        event.body.code.code: event.body.value.value
        for event in events(hl7(reference_data, row))
        if isinstance(event.body, Observation) and isinstance(event.body.value, Quantity)
    }

    numbers = {
        code: value
        for code, value, *_ in cast(list[tuple[str, object, object]], expected)
        if isinstance(value, int | float)
    }
    assert found == numbers


def test_an_hl7_patient_is_who_another_converter_says(reference_data: Path) -> None:
    compared = 0
    for row in hl7_index(reference_data):
        facts = cast(dict[str, dict[str, str]], row.get("facts") or {})
        if str(row["type"]) not in ("ADT_A01", "ADT_A04", "ADT_A08") or "patient" not in facts:
            continue
        for body in translated(hl7(reference_data, row)):
            if isinstance(body, Demographics):
                assert body.birth_date == facts["patient"]["birthDate"]
                assert body.gender == facts["patient"]["gender"]
                compared += 1

    assert compared >= 5


def translated(sent: Record) -> list[Body]:
    try:
        return bodies(sent, replace(RULES, zone=UTC))
    except Rejected:
        return []
