"""HL7 v2 messages for tests: a header, then segments as they are written."""

from tests.unit.ingestion.given import KEYS, record

from epione.identity import MedicalRecord, pseudonym
from epione.messaging import Record, topics

SENT = "20260301120000+0000"
PID = "PID|1||12345^^^HOSP^MR||COLE^VITO"
ALSO = "PID|1||67890^^^HOSP^MR||COLE^VITO"
PATIENT = pseudonym(KEYS, "north", MedicalRecord("HOSP", "12345"))
OTHER = pseudonym(KEYS, "north", MedicalRecord("HOSP", "67890"))


def hl7(kind: str, *segments: str, sent: str = SENT, offset: int = 0) -> Record:
    """Give a record of a message, e.g. of kind "ORU^R01"."""
    header = f"MSH|^~\\&|LAB|HOSP|||{sent}||{kind}|1|P|2.5.1"
    return record(topics.HOSPITAL_HL7V2.name, "\r".join((header, *segments)).encode(), offset)


def oru(*segments: str, sent: str = SENT, offset: int = 0) -> Record:
    return hl7("ORU^R01", PID, *segments, sent=sent, offset=offset)


def obx(value: str = "NM|2093-3^Cholesterol^LN||210|mg/dL", status: str = "F") -> str:
    """Give an OBX from OBX-2 on; five fields stand between the unit and the status."""
    return f"OBX|1|{value}|||||{status}"
