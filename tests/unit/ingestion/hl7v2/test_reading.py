import pytest
from tests.unit.ingestion.given import KEYS, only
from tests.unit.ingestion.hl7v2.messages import hl7, obx

from epione.identity import MedicalRecord, pseudonym
from epione_ingestion.hl7v2.reading import assigner_of


@pytest.mark.parametrize(
    ("pid", "record"),
    [
        pytest.param("7^^^WEST^MR", MedicalRecord("WEST", "7"), id="its authority"),
        pytest.param(
            "7^^^W&2.16.840.1.1&ISO^MR", MedicalRecord("urn:oid:2.16.840.1.1", "7"), id="by OID"
        ),
        pytest.param("7^^^^MR^CLINIC", MedicalRecord("CLINIC", "7"), id="the assigning facility"),
        pytest.param("7^^^^MR", MedicalRecord("HOSP", "7"), id="the sending facility"),
        pytest.param("7", MedicalRecord("HOSP", "7"), id="nothing but a number"),
        pytest.param("9^^^USSSA^SS~7^^^WEST", MedicalRecord("WEST", "7"), id="beside another"),
    ],
)
def test_a_patient_is_known_by_number_and_assigner(pid: str, record: MedicalRecord) -> None:
    event = only(hl7("ORU^R01", f"PID|1||{pid}", obx()))

    assert event.patient == pseudonym(KEYS, "north", record)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("LAB", "2.16.1", "ISO"), "urn:oid:2.16.1"),
        (("LAB", "lab.example", "DNS"), "lab.example"),
        (("LAB", "", ""), "LAB"),
        (("", "", ""), ""),
    ],
)
def test_an_authority_is_named_as_fhir_would(parts: tuple[str, str, str], name: str) -> None:
    assert assigner_of(*parts) == name
