"""What hospitals send in the soak, and what must come of each message.

Small messages of many patients, a few of them at a time: their stays. Of every message it is known
whose it is, which facts it states, in which version, and what becomes of it. The version is the
message's serial number, as a time. The same seed sends the same. Nobody in it exists.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from epione.messaging import Topic, topics
from epione.timeline import RXNORM
from epione_cli.patients.vcf import SAMPLE, genome

ASSIGNER = "2.999.7.1"
START = datetime(2025, 1, 6, tzinfo=UTC)  # a million seconds later is still before now
HL7V2, FHIR_JSON, VCF = "x-application/hl7-v2+er7", "application/fhir+json", "text/x-vcf"

ANALYTES = {  # LOINC: unit, lowest value, steps of 0.1 above it; all within what PREVENT takes
    "8480-6": ("mm[Hg]", 95, 800),
    "2093-3": ("mg/dL", 135, 1800),
    "2085-9": ("mg/dL", 25, 700),
    "2160-0": ("mg/dL", 0.7, 6),
    "39156-5": ("kg/m2", 19, 200),
    "8462-4": ("mm[Hg]", 60, 450),
}
NEVER_SMOKED = "266919005^Never smoked^SCT"
DRUGS = ("309362", "312961", "855332")  # RxNorm: clopidogrel, simvastatin, warfarin tablets
GENOTYPES = ({"rs4244285": "G/A"}, {"rs4149056": "T/C"}, {"rs3918290": "C/T"})

STAYS = 40  # at a time
MESSAGES_A_PATIENT = 100
REMEMBERED = 10  # results of a patient that may still be corrected


class Fate(StrEnum):
    USED = "used"
    UNUSED = "unused"  # by its kind; counted, and nothing else
    REFUSED = "refused"  # whole or in part: a dead letter
    REFUSED_LATER = "refused later"  # by genomics: a dead letter of genome.samples.v1


class Fact(NamedTuple):
    """One entry of one log."""

    log: str  # whose: the medical record number, or "alias <number>"
    entity: str  # which fact; of several versions the one of the highest serial number counts
    says: str


class Outgoing(NamedTuple):
    """A message to be sent, and what must come of it."""

    serial: int
    topic: Topic
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    facts: tuple[Fact, ...]
    fate: Fate


@dataclass(slots=True)
class Chart:
    """What the hospital remembers of a patient."""

    number: int
    left: int = MESSAGES_A_PATIENT
    results: list[tuple[int, str]] = field(default_factory=list)  # serial of the first, analyte
    merged: bool = False  # once is enough

    @property
    def record(self) -> str:
        return f"N{self.number:05}"


class Hospital:
    """Sends messages one after the other; each may be sent again, at once or later."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._serial = 0
        self._charts: list[Chart] = []
        self._stays: list[Chart] = []
        self._merges: list[tuple[str, str]] = []  # (retired, survivor), that stand
        self._genomes = [genome(each) for each in GENOTYPES]
        self._kinds: tuple[tuple[Callable[[Chart], Outgoing], float], ...] = (
            (self._result, 66),
            (self._correction, 15),
            (self._withdrawal, 4),
            (self._order, 8),
            (self._rubbish, 1),
            (self._half, 0.5),
            (self._discharge, 1),
            (self._chart, 0.6),
            (self._genome, 0.2),
            (self._broken_genome, 0.05),
            (self._merge, 0.1),
            (self._unmerge, 0.05),
        )

    def messages(self, n: int) -> Iterator[Outgoing]:
        """Give `n` messages, those that are sent again among them."""
        again: list[Outgoing] = []
        kinds, weights = zip(*self._kinds, strict=True)
        for _ in range(n):
            if again and self._chance.random() < 0.01:
                yield again.pop(self._chance.randrange(len(again)))
                continue
            chart = self._next_chart()
            (kind,) = self._chance.choices(kinds, weights)
            message = self._first(chart) if chart.left >= MESSAGES_A_PATIENT - 1 else kind(chart)
            chart.left -= 1
            self._serial += 1
            again = [*again[-49:], message]
            yield message

    def _next_chart(self) -> Chart:
        """Give one of the patients who stay; now and then one who has left."""
        if self._charts and self._chance.random() < 0.03:
            gone = self._chance.choice(self._charts)
            if gone.left < MESSAGES_A_PATIENT - 1:
                return gone
        self._stays = [chart for chart in self._stays if chart.left > 0]
        while len(self._stays) < STAYS:
            self._charts.append(Chart(len(self._charts)))
            self._stays.append(self._charts[-1])
        return self._chance.choice(self._stays)

    def _first(self, chart: Chart) -> Outgoing:
        """Admit a patient, then measure everything once."""
        return self._admission(chart) if chart.left == MESSAGES_A_PATIENT else self._panel(chart)

    def _admission(self, chart: Chart) -> Outgoing:
        born = date(1950 + chart.number % 40, 1 + chart.number % 12, 1 + chart.number % 28)
        sex = "FM"[chart.number % 2]
        lines = [
            self._header("ADT^A01"),
            f"PID|1||{_identified(chart.record)}||Nobody^Number{chart.number}||{born:%Y%m%d}|{sex}",
            f"OBX|1|CWE|72166-2^^LN||{NEVER_SMOKED}||||||F|||{_stamp(self._serial)}",
        ]
        facts = (
            Fact(chart.record, "person", f"born {born.isoformat()}"),
            Fact(chart.record, f"smoking {self._serial}", "final 72166-2 266919005"),
        )
        return self._hl7(chart.record, lines, facts)

    def _panel(self, chart: Chart) -> Outgoing:
        chart.results += [(self._serial, code) for code in ANALYTES]
        return self._results(chart, [(self._serial, code) for code in ANALYTES], "F")

    def _result(self, chart: Chart) -> Outgoing:
        measured = (self._serial, self._chance.choice(tuple(ANALYTES)))
        chart.results = [*chart.results[1 - REMEMBERED :], measured]
        return self._results(chart, [measured], "F")

    def _correction(self, chart: Chart) -> Outgoing:
        return self._results(chart, [self._chance.choice(chart.results)], "C")

    def _withdrawal(self, chart: Chart) -> Outgoing:
        return self._results(chart, [self._chance.choice(chart.results)], "W")

    def _half(self, chart: Chart) -> Outgoing:
        """A good result, and one whose value is none."""
        measured = (self._serial, self._chance.choice(tuple(ANALYTES)))
        broken = "OBX|2|NM|8867-4^^LN||fast|/min|||||F"
        return self._results(chart, [measured], "F", Fate.REFUSED, broken)

    def _results(
        self,
        chart: Chart,
        measured: list[tuple[int, str]],
        status: str,
        fate: Fate = Fate.USED,
        *others: str,
    ) -> Outgoing:
        (first, _), *_ = measured
        lines = [
            self._header("ORU^R01"),
            f"PID|1||{_identified(chart.record)}",
            f"OBR|1||{first}^LAB|24323-8^Panel^LN",
        ]
        facts = []
        for n, (at, code) in enumerate(measured, 1):
            unit, low, steps = ANALYTES[code]
            value = f"{low + self._serial % steps / 10:.1f}"
            lines.append(f"OBX|{n}|NM|{code}^^LN||{value}|{unit}|||||{status}|||{_stamp(at)}")
            said = f"withdrawn {code}" if status == "W" else f"{STATUSES[status]} {code} {value}"
            facts.append(Fact(chart.record, f"result {at} {code}", said))
        return self._hl7(chart.record, [*lines, *others], tuple(facts), fate)

    def _discharge(self, chart: Chart) -> Outgoing:
        lines = [self._header("ADT^A03"), f"PID|1||{_identified(chart.record)}"]
        return self._hl7(chart.record, lines, (), Fate.UNUSED)

    def _rubbish(self, chart: Chart) -> Outgoing:
        topic, kind = self._chance.choice(
            ((topics.HOSPITAL_FHIR, FHIR_JSON), (topics.HOSPITAL_HL7V2, HL7V2))
        )
        return self._message(
            topic, chart.record, self._chance.randbytes(40), kind, (), Fate.REFUSED
        )

    def _merge(self, chart: Chart) -> Outgoing:
        others = [each for each in self._charts[-200:] if not each.merged and each is not chart]
        if chart.merged or not others:
            return self._result(chart)
        survivor = self._chance.choice(others)
        chart.merged = survivor.merged = True
        self._merges.append((chart.record, survivor.record))
        return self._link("A40", "merged", chart.record, survivor.record)

    def _unmerge(self, chart: Chart) -> Outgoing:
        if not self._merges:
            return self._result(chart)
        pair = self._merges.pop(self._chance.randrange(len(self._merges)))
        return self._link("A37", "unmerged", *pair)

    def _link(self, trigger: str, says: str, retired: str, survivor: str) -> Outgoing:
        other = "PID|2||" if trigger == "A37" else "MRG|"
        lines = [
            self._header(f"ADT^{trigger}"),
            f"PID|1||{_identified(survivor)}",
            f"{other}{_identified(retired)}",
        ]
        link = f"link {retired} {survivor}"
        facts = (Fact(retired, link, says), Fact(survivor, link, says))
        return self._hl7(retired, lines, facts)

    def _order(self, chart: Chart) -> Outgoing:
        """A prescription, or its end: what recommendations come and go by."""
        name, resource = self._prescribed(chart)
        resource["subject"] = {"identifier": _identifier(chart.record)}
        facts = (Fact(chart.record, name, _of_order(resource)),)
        return self._fhir(chart, resource, facts)

    def _chart(self, chart: Chart) -> Outgoing:
        """A bundle with a Patient: also known by another server's id, so with a link of its own."""
        name, order = self._prescribed(chart)
        born = f"{1950 + chart.number % 40}"
        who: dict[str, object] = {
            "resourceType": "Patient",
            "id": chart.record,
            "identifier": [_identifier(chart.record)],
            "birthDate": born,
            "meta": {"lastUpdated": _time(self._serial).isoformat()},
        }
        order["subject"] = {"reference": f"Patient/{chart.record}"}
        bundle: dict[str, object] = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {"fullUrl": f"urn:x:Patient/{chart.record}", "resource": who},
                {"fullUrl": f"urn:x:MedicationRequest/{order['id']}", "resource": order},
            ],
        }
        facts = (
            Fact(chart.record, "person by chart", f"born {born}"),
            Fact(f"alias {chart.record}", "chart link", "merged"),
            Fact(chart.record, "chart link", "merged"),
            Fact(chart.record, name, _of_order(order)),
        )
        return self._fhir(chart, bundle, facts)

    def _prescribed(self, chart: Chart) -> tuple[str, dict[str, object]]:
        name = f"order {chart.number}-{self._chance.randrange(3)}"
        code = self._chance.choice(DRUGS)
        return name, {
            "resourceType": "MedicationRequest",
            "id": name.replace(" ", "-"),
            "meta": {"lastUpdated": _time(self._serial).isoformat()},
            "status": self._chance.choice(("active", "active", "stopped", "entered-in-error")),
            "intent": "order",
            "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}]},
            "authoredOn": _time(self._serial).isoformat(),
        }

    def _genome(self, chart: Chart) -> Outgoing:
        facts = (Fact(chart.record, "genome", "genome"),)
        return self._vcf(chart, self._chance.choice(self._genomes), facts, Fate.USED)

    def _broken_genome(self, chart: Chart) -> Outgoing:
        header, _, rows = self._genomes[0].partition(b"SAMPLE\n")
        unsorted = b"\n".join(reversed(rows.strip().split(b"\n")))
        content = header + b"SAMPLE\n" + unsorted + b"\n"
        return self._vcf(chart, content, (), Fate.REFUSED_LATER)

    def _vcf(self, chart: Chart, content: bytes, facts: tuple[Fact, ...], fate: Fate) -> Outgoing:
        named = (
            ("ce_patientassigner", f"urn:oid:{ASSIGNER}".encode()),
            ("ce_patientidentifier", chart.record.encode()),
            ("ce_sample", SAMPLE.encode()),
            ("ce_time", _time(self._serial).isoformat().encode()),
        )
        message = self._message(topics.HOSPITAL_GENOME, chart.record, content, VCF, facts, fate)
        return message._replace(headers=(*message.headers, *named))

    def _fhir(self, chart: Chart, resource: dict[str, object], facts: tuple[Fact, ...]) -> Outgoing:
        content = json.dumps(resource).encode()
        return self._message(topics.HOSPITAL_FHIR, chart.record, content, FHIR_JSON, facts)

    def _hl7(
        self, key: str, lines: list[str], facts: tuple[Fact, ...], fate: Fate = Fate.USED
    ) -> Outgoing:
        content = ("\r".join(lines) + "\r").encode()
        return self._message(topics.HOSPITAL_HL7V2, key, content, HL7V2, facts, fate)

    def _message(
        self,
        topic: Topic,
        key: str,
        content: bytes,
        content_type: str,
        facts: tuple[Fact, ...],
        fate: Fate = Fate.USED,
    ) -> Outgoing:
        headers = (("ce_source", b"urn:nowhere"), ("content-type", content_type.encode()))
        return Outgoing(self._serial, topic, key.encode(), content, headers, facts, fate)

    def _header(self, kind: str) -> str:
        stamp = _stamp(self._serial)
        return f"MSH|^~\\&|TESTLAB|NOWHERE|EPIONE||{stamp}||{kind}|{self._serial}|P|2.5.1"


STATUSES = {"F": "final", "C": "corrected"}


def version_us(serial: int) -> int:
    """Give the version that a message of this number states: its time, in µs since 1970."""
    return int(_time(serial).timestamp()) * 1_000_000


def _time(serial: int) -> datetime:
    return START + timedelta(seconds=serial)


def _stamp(serial: int) -> str:
    return f"{_time(serial):%Y%m%d%H%M%S}+0000"


def _identified(record: str) -> str:
    return f"{record}^^^NOWHERE&{ASSIGNER}&ISO^MR"


def _identifier(record: str) -> dict[str, object]:
    kind = {"coding": [{"code": "MR"}]}
    return {"type": kind, "system": f"urn:oid:{ASSIGNER}", "value": record}


def _of_order(order: dict[str, object]) -> str:
    """Say what a prescription must say: one entered in error is withdrawn."""
    if order["status"] == "entered-in-error":
        return "withdrawn order"
    return f"order {order['status']} {json.dumps(order['medicationCodeableConcept'])[-10:-4]}"
