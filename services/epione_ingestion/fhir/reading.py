"""One resource being read: where it stands, and what is found in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from epione.identity import entity_id
from epione.timeline import Body, Code, SourceVersion, Status
from epione_ingestion.envelope import Envelope, version_at
from epione_ingestion.fhir.entries import Contents, Entry
from epione_ingestion.fhir.patients import Patients
from epione_ingestion.findings import Fact, Findings
from epione_ingestion.node import Node
from epione_ingestion.rules import Rules
from epione_ingestion.terminologies import STANDARDS, chosen, coding_of
from epione_ingestion.times import fhir_time

T = TypeVar("T")

NO_CODE = Code("", "")
LONGEST_VERSION = 18  # digits; what is longer does not fit 64 bits


@dataclass(frozen=True, slots=True)
class Reading:
    entry: Entry
    contents: Contents
    patients: Patients
    envelope: Envelope
    rules: Rules
    findings: Findings

    @property
    def resource(self) -> Node:
        return self.entry.resource

    def add(
        self,
        body: Body,
        status: Status = Status.FINAL,
        effective_at: datetime | None = None,
        part: tuple[str, ...] = (),
    ) -> None:
        """Note a fact; `part` tells it from others of the same resource."""
        keys, tenant, base = self.rules.keys, self.envelope.tenant, self.entry.base
        self.findings.facts.append(
            Fact(
                patient=self.patients.of(self.entry),
                entity_id=entity_id(keys, tenant, base, *business_id(self.entry), *part),
                version=self.version(),
                status=status,
                body=body,
                effective_at=effective_at,
            )
        )

    def version(self) -> SourceVersion:
        """Order this version of the resource among its others: by meta, else by its receipt."""
        meta = self.resource.node("meta")
        if meta is None or "lastUpdated" not in meta:
            return self.envelope.receipt
        number = meta.text("versionId")
        usable = number.isdecimal() and number.isascii() and len(number) <= LONGEST_VERSION
        made_at = fhir_time(meta.text("lastUpdated"), self.rules.zone, f"{meta.path}.lastUpdated")
        return version_at(made_at, int(number) if usable else 0)

    def time(self, node: Node | None, name: str) -> datetime | None:
        if node is None or name not in node:
            return None
        return fhir_time(node.text(name), self.rules.zone, f"{node.path}.{name}")

    def period(self, node: Node | None, name: str) -> tuple[datetime | None, datetime | None]:
        period = node.node(name) if node else None
        return self.time(period, "start"), self.time(period, "end")

    def code(
        self, concept: Node | None, kind: type[Body], status: Status = Status.FINAL
    ) -> Code | None:
        """Choose a fact's code; without one the fact is counted as not used.

        One that is withdrawn needs none: to take it back it is enough to name it.
        """
        code = self.chosen(concept, kind)
        if code is None and status is Status.WITHDRAWN:
            return NO_CODE
        if code is None:
            self.skip("without a code")
        return code

    def chosen(self, concept: Node | None, kind: type[Body]) -> Code | None:
        """Choose a concept's code for a fact of this kind; None where it is at most a text."""
        return chosen(codings_of(concept), STANDARDS[kind], self.rules.maps)

    def one_of(self, known: Mapping[str, T], name: str = "status") -> T:
        """Read a required code of a closed list."""
        code = self.resource.text(name)
        if code not in known:
            raise self.resource.refusal(name, f"must be one of {', '.join(known)}")
        return known[code]

    def skip(self, why: str) -> None:
        """Count the resource as not used."""
        self.findings.unused[f"{self.entry.type} {why}"] += 1


def codings_of(concept: Node | None) -> list[Code]:
    codings = concept.nodes("coding") if concept else []
    return [
        coding_of(coding.text("system"), code)
        for coding in codings
        if (code := coding.text("code"))
    ]


def code_in(concept: Node | None) -> str:
    """Give the first code of a concept whose system is implied, or ""."""
    codings = codings_of(concept)
    return codings[0].code if codings else ""


def business_id(entry: Entry) -> tuple[str, ...]:
    """Name a resource: by its address, else by its own identifier, else by what it holds."""
    if entry.name:
        return (entry.name,)
    for identifier in entry.resource.nodes("identifier"):
        if identifier.text("value"):
            return (entry.type, identifier.text("system"), identifier.text("value"))
    return (entry.type, entry.full_url or entry.resource.sha256())
