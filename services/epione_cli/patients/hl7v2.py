"""HL7 v2.5.1 laboratory results of a synthetic chart, as a laboratory system would send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from epione_cli.patients.fhir import ASSIGNER, Person


@dataclass(frozen=True, slots=True)
class Result:
    loinc: str
    name: str
    value: float
    unit: str  # UCUM
    status: str = "F"  # OBX-11: F final, C corrected


def oru(
    person: Person,
    control_id: str,
    accession: str,
    sent_at: datetime,
    drawn_at: datetime,
    results: Sequence[Result],
) -> bytes:
    """Give an ORU^R01: one specimen (`accession`), its results in order."""
    status = "C" if any(result.status == "C" for result in results) else "F"
    segments = [
        f"MSH|^~\\&|LAB|NORTH|EPIONE|NORTH|{_time(sent_at)}||ORU^R01^ORU_R01|{control_id}|P|2.5.1",
        f"PID|1||{person.medical_record}^^^NORTH&{ASSIGNER}&ISO^MR"
        f"||{person.family}^{person.given}||{person.birth_date:%Y%m%d}|{person.gender[0].upper()}",
        f"OBR|1||{accession}^LAB|24331-1^Lipid panel^LN|||{_time(drawn_at)}"
        f"|||||||||||||||{_time(sent_at)}||LAB|{status}",
        *(
            f"OBX|{n}|NM|{result.loinc}^{result.name}^LN||{result.value:g}|{result.unit}^^UCUM"
            f"|||||{result.status}|||{_time(drawn_at)}"
            for n, result in enumerate(results, 1)
        ),
    ]
    return ("\r".join(segments) + "\r").encode()


def _time(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S%z")
