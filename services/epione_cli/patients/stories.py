"""Three synthetic people, and what their hospital sends of them over ten days.

Every date is counted back from `now`, so that a reading of last month is one of last month
whenever the demonstration runs; for one `now` the bytes are always the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from epione_cli.patients import fhir
from epione_cli.patients.fhir import Person, Resource
from epione_cli.patients.hl7v2 import Result, oru
from epione_cli.patients.vcf import genome

CYP2C19_1_1 = {"rs3758581": "G/G"}  # the reference of GRCh38 is *38
CYP2C19_2_2 = {"rs3758581": "G/G", "rs4244285": "A/A", "rs12769205": "G/G"}


class Kind(StrEnum):
    FHIR = "fhir"
    HL7V2 = "hl7v2"
    GENOME = "genome"
    OUTSIDE_CALLS = "outside_calls"  # of a genome, by another caller


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that a hospital sends: what, when, and the bytes of the file."""

    at: datetime
    title: str
    kind: Kind
    content: bytes
    person: Person


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    title: str
    sent: tuple[Sent, ...]


def stories(now: datetime) -> tuple[Story, ...]:
    """Give every story, to end at `now` (aware, UTC)."""
    return (high_blood_pressure(now), before_capecitabine(now), hardly_known(now))


def _born(now: datetime, years: int, days: int) -> date:
    return now.date().replace(year=now.year - years, day=min(now.day, 28)) - timedelta(days=days)


def _years_before(at: datetime, years: int) -> datetime:
    return at - timedelta(days=365 * years)


def high_blood_pressure(now: datetime) -> Story:
    """Everything shows: drugs by genes, risk, what lowers it, and a result put right."""
    who = Person("700001", "Testwell", "Amara", "female", _born(now, 57, 120))
    chart, drawn = now - timedelta(days=9), now - timedelta(days=3)
    lipids = (
        Result("2093-3", "Cholesterol", 7.9, "mmol/L"),
        Result("2085-9", "HDL", 1.1, "mmol/L"),
    )
    right = (Result("2093-3", "Cholesterol", 6.2, "mmol/L", status="C"),)
    visit = now - timedelta(hours=1)
    return Story(
        "high-blood-pressure",
        "a woman of 57 with high blood pressure",
        (
            Sent(chart, "her chart", Kind.FHIR, fhir.bundle(_hypertension(who, chart)), who),
            Sent(
                now - timedelta(days=6),
                "her genome",
                Kind.GENOME,
                genome(CYP2C19_2_2 | {"rs4149056": "T/C"}),  # SLCO1B1 *1/*5
                who,
            ),
            Sent(
                now - timedelta(days=2),
                "her lipids",
                Kind.HL7V2,
                oru(who, "LAB-1", "L-4401", now - timedelta(days=2), drawn, lipids),
                who,
            ),
            Sent(
                now - timedelta(days=1),
                "her cholesterol, corrected by the laboratory",
                Kind.HL7V2,
                oru(who, "LAB-2", "L-4401", now - timedelta(days=1), drawn, right),
                who,
            ),
            Sent(
                visit,
                "clopidogrel ordered, for she does not tolerate aspirin",
                Kind.FHIR,
                fhir.bundle(_clopidogrel(who, visit)),
                who,
            ),
        ),
    )


def _hypertension(who: Person, at: datetime) -> Sequence[Resource]:
    year_ago = _years_before(at, 1)
    pressures = ((420, 148, 92), (270, 152, 94), (90, 150, 88), (0, 146, 90))
    return (
        fhir.patient(who, at),
        fhir.seen(who, at),
        *(
            fhir.blood_pressure(who, at - timedelta(days=days), systolic, diastolic)
            for days, systolic, diastolic in pressures
        ),
        fhir.measured(who, at, "8867-4", "Heart rate", 78, "/min"),
        fhir.measured(who, at, "29463-7", "Body weight", 86.5, "kg"),
        fhir.measured(who, at, "8302-2", "Body height", 166, "cm"),
        fhir.measured(who, at, "39156-5", "Body mass index", 31.4, "kg/m2"),
        fhir.measured(who, year_ago, "2093-3", "Cholesterol", 228, "mg/dL"),
        fhir.measured(who, year_ago, "2085-9", "HDL cholesterol", 44, "mg/dL"),
        fhir.measured(who, year_ago, "13457-7", "LDL cholesterol", 148, "mg/dL"),
        fhir.measured(who, at, "2160-0", "Creatinine", 0.94, "mg/dL"),
        fhir.measured(who, at, "14959-1", "Albumin/Creatinine in urine", 42, "mg/g"),
        fhir.measured(who, at, "4548-4", "Hemoglobin A1c", 6.1, "%"),
        fhir.found(who, at, "72166-2", "Tobacco smoking status", "449868002", "Smokes daily"),
        *(
            fhir.diagnosed(who, year_ago, snomed, name, since=_years_before(at, years))
            for years, snomed, name in (
                (12, "87522002", "Iron deficiency anemia"),
                (9, "59621000", "Essential hypertension"),
                (7, "55822004", "Hyperlipidemia"),
                (3, "239873007", "Osteoarthritis of knee"),
            )
        ),
        fhir.ordered(who, _years_before(at, 9), "197361", "amlodipine 5 MG Oral Tablet"),
        fhir.ordered(who, _years_before(at, 7), "198211", "simvastatin 40 MG Oral Tablet"),
        fhir.allergic(who, year_ago, "1191", "aspirin"),
    )


def _clopidogrel(who: Person, at: datetime) -> Sequence[Resource]:
    return (
        fhir.patient(who, at),
        fhir.seen(who, at),
        fhir.ordered(who, at, "309362", "clopidogrel 75 MG Oral Tablet"),
    )


def before_capecitabine(now: datetime) -> Story:
    """A test that is due before a dangerous drug, and what its answer changes."""
    who = Person("700002", "Sampleson", "Jorge", "male", _born(now, 64, 45))
    chart = now - timedelta(days=5)
    return Story(
        "before-capecitabine",
        "a man of 64 who is to take capecitabine",
        (
            Sent(chart, "his chart", Kind.FHIR, fhir.bundle(_colon_cancer(who, chart)), who),
            Sent(
                now - timedelta(days=1),
                "his genome",
                Kind.GENOME,
                genome(CYP2C19_1_1 | {"rs3918290": "C/T"}),  # DPYD c.1905+1G>A, once
                who,
            ),
        ),
    )


def _colon_cancer(who: Person, at: datetime) -> Sequence[Resource]:
    return (
        fhir.patient(who, at),
        fhir.seen(who, at),
        fhir.blood_pressure(who, at, 128, 78),
        fhir.measured(who, at, "2160-0", "Creatinine", 1.02, "mg/dL"),
        fhir.measured(who, at, "39156-5", "Body mass index", 26.8, "kg/m2"),
        fhir.measured(who, _years_before(at, 10), "39156-5", "Body mass index", 27.5, "kg/m2"),
        *(
            fhir.diagnosed(who, at, snomed, name, since=_years_before(at, years))
            for years, snomed, name in (
                (10, "235595009", "Gastroesophageal reflux disease"),
                (4, "266569009", "Benign prostatic hyperplasia"),
            )
        ),
        fhir.diagnosed(who, at, "87522002", "Iron deficiency anemia"),
        fhir.diagnosed(who, at, "363406005", "Malignant tumor of colon"),
        fhir.ordered(who, at, "200328", "capecitabine 500 MG Oral Tablet"),
    )


def hardly_known(now: datetime) -> Story:
    """What Epione says where the record does not say enough: no guess."""
    who = Person("700003", "Placeholder", "Wren", "female", _born(now, 45, 200))
    chart = now - timedelta(days=4)
    return Story(
        "hardly-known",
        "a woman of 45 of whom little is recorded",
        (
            Sent(chart, "her chart", Kind.FHIR, fhir.bundle(_little(who, chart)), who),
            Sent(
                now - timedelta(days=2),
                "her genome, from a panel with gaps",
                Kind.GENOME,
                genome(CYP2C19_1_1, missing=("rs4149056", "rs4244285")),
                who,
            ),
        ),
    )


def _little(who: Person, at: datetime) -> Sequence[Resource]:
    return (
        fhir.patient(who, at),
        fhir.blood_pressure(who, at, 138, 86),
        fhir.found(who, at, "72166-2", "Tobacco smoking status", "266919005", "Never smoked"),
        fhir.ordered(who, at, "312961", "simvastatin 20 MG Oral Tablet"),
    )
