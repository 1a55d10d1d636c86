"""A hospital's traffic of any number of patients: panels of results, prescriptions, genomes.

Deterministic: the same seed sends the same bytes. Nobody in it exists.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from epione.messaging import Message, Topic, topics
from epione.timeline import RXNORM
from epione_cli.patients.vcf import SAMPLE, genome

ASSIGNER = "2.999.7.1"
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
HL7V2, FHIR_JSON, VCF = "x-application/hl7-v2+er7", "application/fhir+json", "text/x-vcf"
NEVER_SMOKED = "266919005^Never smoked^SCT"

ANALYTES = (  # LOINC, unit, lowest and highest value
    ("8480-6", "mm[Hg]", 100, 175),
    ("8462-4", "mm[Hg]", 60, 105),
    ("2093-3", "mg/dL", 140, 300),
    ("2085-9", "mg/dL", 25, 90),
    ("2160-0", "mg/dL", 0.5, 2.0),
    ("39156-5", "kg/m2", 19, 39),
)
DRUGS = ("309362", "312961", "855332")  # RxNorm: clopidogrel, simvastatin, warfarin tablets
ORDERS, GENOMES = 0.1, 0.01  # for each panel


def admissions(n_patients: int) -> Iterator[Message]:
    """Say who the patients are."""
    for patient in range(n_patients):
        born = date(1950 + patient % 40, 1 + patient % 12, 1 + patient % 28)
        who = f"PID|1||{_number(patient)}||Nobody^Nil||{born:%Y%m%d}|{'FM'[patient % 2]}"
        smokes = f"OBX|1|CWE|72166-2^^LN||{NEVER_SMOKED}||||||F|||{_stamp(START)}"
        yield _hl7(patient, [_header("ADT^A01", START), who, smokes])


def traffic(n_patients: int, seed: int = 7) -> Iterator[Message]:
    """Send, without end, panels of patients by chance, and now and then something else."""
    chance = random.Random(seed)
    n = 0
    while True:
        patient, at = chance.randrange(n_patients), START + timedelta(minutes=n)
        yield panel(chance, patient, n, at)
        if chance.random() < ORDERS:
            yield _order(chance, patient, at)
        if chance.random() < GENOMES:
            yield _genome(patient)
        n += 1


def panel(chance: random.Random, patient: int, n: int, at: datetime) -> Message:
    """Give the `n`-th panel: a result of each analyte."""
    lines = [
        _header("ORU^R01", at),
        f"PID|1||{_number(patient)}",
        f"OBR|1||{n}^LAB|24323-8^Panel^LN|||{_stamp(at)}",
    ]
    for number, (loinc, unit, low, high) in enumerate(ANALYTES, 1):
        value = round(chance.uniform(low, high), 1)
        lines.append(f"OBX|{number}|NM|{loinc}^^LN||{value}|{unit}|||||F|||{_stamp(at)}")
    return _hl7(patient, lines)


def _order(chance: random.Random, patient: int, at: datetime) -> Message:
    order = {
        "resourceType": "MedicationRequest",
        "id": f"order-{patient}-{chance.randrange(3)}",
        "meta": {"lastUpdated": at.isoformat()},
        "status": chance.choice(("active", "active", "stopped")),
        "intent": "order",
        "subject": {
            "identifier": {
                "type": {"coding": [{"code": "MR"}]},
                "system": f"urn:oid:{ASSIGNER}",
                "value": f"N{patient:06}",
            }
        },
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": chance.choice(DRUGS)}]},
        "authoredOn": at.isoformat(),
    }
    return _message(topics.HOSPITAL_FHIR, patient, json.dumps(order).encode(), FHIR_JSON)


def _genome(patient: int) -> Message:
    named = (
        ("ce_patientassigner", f"urn:oid:{ASSIGNER}".encode()),
        ("ce_patientidentifier", f"N{patient:06}".encode()),
        ("ce_sample", SAMPLE.encode()),
    )
    message = _message(topics.HOSPITAL_GENOME, patient, genome({"rs4149056": "T/C"}), VCF)
    return message._replace(headers=(*message.headers, *named))


def _hl7(patient: int, lines: list[str]) -> Message:
    content = ("\r".join(lines) + "\r").encode()
    return _message(topics.HOSPITAL_HL7V2, patient, content, HL7V2)


def _message(topic: Topic, patient: int, content: bytes, content_type: str) -> Message:
    headers = (("ce_source", b"urn:nowhere"), ("content-type", content_type.encode()))
    return Message(topic, b"N%06d" % patient, content, headers)


def _number(patient: int) -> str:
    return f"N{patient:06}^^^NOWHERE&{ASSIGNER}&ISO^MR"


def _header(kind: str, at: datetime) -> str:
    return f"MSH|^~\\&|TESTLAB|NOWHERE|EPIONE||{_stamp(at)}||{kind}|1|P|2.5.1"


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}+0000"
