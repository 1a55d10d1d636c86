"""What the demonstration plays: the shipped people, or the user's own files."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from epione.errors import MalformedEvent
from epione.genomes import Allowed
from epione.identity import MedicalRecord, keys_of
from epione.settings import LifeAccess, settings_of
from epione_cli.files import Parcel, parcels_in
from epione_cli.hospital import (
    Owner,
    genome_message,
    message_of,
    only_patient,
    only_sample,
    record_named,
)
from epione_cli.patients import Kind, Sent, stories
from epione_cli.patients.fhir import ASSIGNER
from epione_cli.patients.vcf import SAMPLE
from epione_cli.replay import Delivery
from epione_inference.lives.serving import shipped
from epione_ingestion.rules import Rules

NOBODYS_SECRET = "synthetic people have nothing that could be told"


@dataclass(frozen=True, slots=True)
class Played:
    """Deliveries, the rules by which they are read, and the model of a life that is served."""

    name: str
    title: str
    deliveries: Sequence[Delivery]
    rules: Rules
    life: Path | None = None


def shipped_stories(now: datetime | None = None) -> list[Played]:
    """Give the synthetic people, as of now; the model that is shipped is as invented as they."""
    rules = Rules(keys=keys_of(NOBODYS_SECRET))
    return [
        Played(story.name, story.title, [_delivery(sent) for sent in story.sent], rules, shipped())
        for story in stories(now or datetime.now(UTC).replace(microsecond=0))
    ]


def own_story(
    fhir: Path | None, vcf: Path | None, hl7v2: Path | None, patient: str, sample: str
) -> Played:
    """Read the user's own files; pseudonyms are of this run alone.

    Served is the model of a life that the settings name, and none that is invented by default.

    Raises:
        Rejected: A file cannot be read, or no one says whose the genome is.
    """
    now = datetime.now(UTC)
    genomes = Allowed(roots=(PurePosixPath(vcf.resolve().parent),) if vcf else ())
    rules = Rules(
        keys=keys_of(secrets.token_hex(32)), zone=now.astimezone().tzinfo, genomes=genomes
    )
    parcels = [*_of(Kind.FHIR, fhir, "--fhir"), *_of(Kind.HL7V2, hl7v2, "--hl7v2")]
    deliveries = [
        Delivery(now, f"{_NAME[each.kind]}, {n} of {len(parcels)}", [message])
        for n, each in enumerate(parcels, 1)
        for message in [message_of(each.kind, each.content)]
    ]
    if vcf:
        record = record_named(patient) if patient else only_patient(parcels, rules.assigners)
        deliveries += _genomes(vcf, record, sample, now)
    return Played("own", "your own files", deliveries, rules, settings_of(LifeAccess).life_folder)


def _genomes(vcf: Path, record: MedicalRecord, sample: str, now: datetime) -> list[Delivery]:
    files = [parcel.file for parcel in _of(Kind.GENOME, vcf, "--vcf") if parcel.file]
    return [
        Delivery(now, "genome", [genome_message(file, Owner(record, only_sample(file, sample)))])
        for file in files
    ]


def _of(kind: Kind, path: Path | None, option: str) -> list[Parcel]:
    """Give the messages of one kind; another kind there is a mistake."""
    parcels = list(parcels_in(path)) if path else []
    if any(parcel.kind is not kind for parcel in parcels):
        raise MalformedEvent(f"{option} holds what is not {_NAME[kind]}")
    return parcels


_NAME = {
    Kind.FHIR: "FHIR JSON",
    Kind.HL7V2: "HL7 v2",
    Kind.GENOME: "VCF",
    Kind.OUTSIDE_CALLS: "calls",
}


def _delivery(sent: Sent) -> Delivery:
    owner = Owner(MedicalRecord(f"urn:oid:{ASSIGNER}", sent.person.medical_record), SAMPLE)
    message = message_of(sent.kind, sent.content, owner if sent.kind is Kind.GENOME else None)
    return Delivery(sent.at, sent.title, [message])
