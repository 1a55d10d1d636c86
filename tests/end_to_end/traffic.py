"""A hospital's traffic of many patients: results, corrections, orders, genomes, merges, rubbish.

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

ANALYTES = (  # LOINC, unit, lowest and highest value
    ("8480-6", "mm[Hg]", 100, 175),
    ("8462-4", "mm[Hg]", 60, 105),
    ("2093-3", "mg/dL", 140, 300),
    ("2085-9", "mg/dL", 25, 90),
    ("2160-0", "mg/dL", 0.5, 2.5),
    ("39156-5", "kg/m2", 19, 39),
)
DRUGS = ("309362", "312961", "855332")  # RxNorm: clopidogrel, simvastatin, warfarin tablets
GENOTYPES = ({"rs4244285": "G/A"}, {"rs4149056": "T/C"}, {"rs3918290": "C/T"})


def traffic(n_patients: int, n_rounds: int, seed: int) -> Iterator[Message]:
    """Give `n_rounds` rounds of results of each patient, and everything else between them."""
    chance = random.Random(seed)
    for patient in range(n_patients):
        yield _hl7(_admission(patient, "A01", START))
    for round_ in range(n_rounds):
        for patient in chance.sample(range(n_patients), n_patients):
            at = START + timedelta(days=round_, minutes=patient)
            yield _hl7(_result(chance, patient, round_, at, "F"))
            if chance.random() < 0.1:
                yield _hl7(_result(chance, patient, round_, at + timedelta(hours=1), "C"))
            if chance.random() < 0.02:
                yield _hl7(_result(chance, patient, round_, at + timedelta(hours=2), "W"))
            if chance.random() < 0.1:
                yield _order(chance, patient, at)
            if chance.random() < 0.01:
                yield _genome(chance, patient)
            if chance.random() < 0.01:
                yield _rubbish(chance)
            if chance.random() < 0.01:
                yield _hl7(_admission(patient, "A03", at))  # a discharge, which no plan uses
        if round_ in (1, 2):
            for retired in range(round_, n_patients, 25):
                at = START + timedelta(days=round_, hours=12)
                yield _hl7(_merge(retired, (retired + 7) % n_patients, at, "A40"))
        if round_ == n_rounds - 2:
            for retired in range(1, n_patients, 75):
                at = START + timedelta(days=round_, hours=18)
                yield _hl7(_merge(retired, (retired + 7) % n_patients, at, "A37"))


def _admission(patient: int, trigger: str, at: datetime) -> str:
    born = date(1950 + patient % 40, 1 + patient % 12, 1 + patient % 28)
    who = f"PID|1||{_number(patient)}||Nobody^Number{patient}||{born:%Y%m%d}|{'FM'[patient % 2]}"
    return f"{_header(f'ADT^{trigger}', at)}\r{who}\r"


def _result(chance: random.Random, patient: int, round_: int, at: datetime, status: str) -> str:
    lines = [
        _header("ORU^R01", at),
        f"PID|1||{_number(patient)}",
        f"OBR|1||{patient}-{round_}^LAB|24323-8^Panel^LN|||{at:%Y%m%d%H%M%S}+0000",
    ]
    for n, (loinc, unit, low, high) in enumerate(ANALYTES, 1):
        value = round(chance.uniform(low, high), 1)
        lines.append(f"OBX|{n}|NM|{loinc}^^LN||{value}|{unit}|||||{status}")
    return "\r".join(lines) + "\r"


def _merge(retired: int, survivor: int, at: datetime, trigger: str) -> str:
    lines = [_header(f"ADT^{trigger}", at), f"PID|1||{_number(survivor)}"]
    lines.append(f"{'PID|2||' if trigger == 'A37' else 'MRG|'}{_number(retired)}")
    return "\r".join(lines) + "\r"


def _header(kind: str, at: datetime) -> str:
    stamp = f"{at:%Y%m%d%H%M%S}+0000"
    return f"MSH|^~\\&|TESTLAB|NOWHERE|EPIONE||{stamp}||{kind}|{kind[-3:]}{stamp}|P|2.5.1"


def _number(patient: int) -> str:
    return f"N{patient:05}^^^NOWHERE&{ASSIGNER}&ISO^MR"


def _order(chance: random.Random, patient: int, at: datetime) -> Message:
    who = {
        "resourceType": "Patient",
        "id": f"p{patient}",
        "identifier": [
            {
                "type": {"coding": [{"code": "MR"}]},
                "system": f"urn:oid:{ASSIGNER}",
                "value": f"N{patient:05}",
            }
        ],
        "gender": ("female", "male")[patient % 2],
        "birthDate": f"{1950 + patient % 40}-{1 + patient % 12:02}-{1 + patient % 28:02}",
        "meta": {"lastUpdated": START.isoformat()},
    }
    order = {
        "resourceType": "MedicationRequest",
        "id": f"order-{patient}-{chance.randrange(3)}",
        "meta": {"lastUpdated": at.isoformat()},
        "status": chance.choice(("active", "active", "stopped", "entered-in-error")),
        "intent": "order",
        "subject": {"reference": f"Patient/p{patient}"},
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": chance.choice(DRUGS)}]},
        "authoredOn": at.isoformat(),
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:x:Patient/p{patient}", "resource": who},
            {"fullUrl": f"urn:x:MedicationRequest/{order['id']}", "resource": order},
        ],
    }
    return _message(topics.HOSPITAL_FHIR, json.dumps(bundle).encode(), FHIR_JSON)


def _genome(chance: random.Random, patient: int) -> Message:
    named = (
        ("ce_patientassigner", f"urn:oid:{ASSIGNER}".encode()),
        ("ce_patientidentifier", f"N{patient:05}".encode()),
        ("ce_sample", SAMPLE.encode()),
    )
    content = genome(chance.choice(GENOTYPES))
    return _message(topics.HOSPITAL_GENOME, content, VCF, named)


def _rubbish(chance: random.Random) -> Message:
    topic, content_type = chance.choice(
        ((topics.HOSPITAL_FHIR, FHIR_JSON), (topics.HOSPITAL_HL7V2, HL7V2))
    )
    return _message(topic, chance.randbytes(40), content_type)


def _hl7(text: str) -> Message:
    return _message(topics.HOSPITAL_HL7V2, text.encode(), HL7V2)


def _message(
    topic: Topic, content: bytes, content_type: str, named: tuple[tuple[str, bytes], ...] = ()
) -> Message:
    headers = (("ce_source", b"urn:nowhere"), ("content-type", content_type.encode()), *named)
    return Message(topic, content[-16:], content, headers)
