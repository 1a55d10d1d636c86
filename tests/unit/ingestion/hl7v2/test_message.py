import pytest
from tests.unit.ingestion.given import RULES, only
from tests.unit.ingestion.hl7v2.messages import PID, hl7, obx

from epione.errors import MalformedEvent
from epione.timeline import SourceVersion
from epione_ingestion import translate


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param("VXU^V04^VXU_V04", "VXU_V04", id="another type"),
        pytest.param("ADT^A03", "ADT_A03", id="another event"),
        pytest.param("ORU^X99", "message of unknown type", id="an event of the sender's own"),
        pytest.param("ORU", "message of unknown type", id="no event"),
        pytest.param("Cole^Vito", "message of unknown type", id="anything else"),
    ],
)
def test_a_message_of_another_type_is_counted_by_its_name(kind: str, name: str) -> None:
    translation = translate(hl7(kind, PID), RULES)

    assert translation.messages == ()
    assert translation.unused == {name: 1}


@pytest.mark.parametrize("structure", ["ORU^R01", "ORU^R01^ORU_R01"])
def test_the_type_is_known_with_and_without_its_structure(structure: str) -> None:
    assert only(hl7(structure, PID, obx()))


def test_a_version_is_the_time_of_the_message() -> None:
    event = only(hl7("ORU^R01", PID, obx(), sent="19700101000002.5+0000"))

    assert event.version == SourceVersion(2_500_000, 1)


def test_without_a_time_a_version_is_its_receipt() -> None:
    event = only(hl7("ORU^R01", PID, obx(), sent="", offset=3))

    assert event.version == SourceVersion(1_772_366_400_003_000, 3)


def test_a_message_of_a_malformed_time_is_refused() -> None:
    with pytest.raises(MalformedEvent, match=r"MSH\[1\]-7 must be YYYY"):
        translate(hl7("ORU^R01", PID, obx(), sent="1 March"), RULES)
