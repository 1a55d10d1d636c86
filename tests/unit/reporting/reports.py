"""Reports in a line, and what is in a bundle, for the tests of this room."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.unit.reporting.profiles import Fault, Guide, Packet
from tests.unit.reporting.structure import structure_faults

from epione.medicine.pharmacogenomics import RELEASE, Circumstances, Guidelines, Taken
from epione.reporting import Findings, bundle_of, findings_of
from epione.timeline import RXNORM, Code, GeneCall, GenomicFeatures

ISSUED = datetime(2024, 6, 1, 12, 30, tzinfo=UTC)  # when CPIC's tables of 2024-04-23 were young
OLD = datetime(2026, 11, 29, tzinfo=UTC)
PAROXETINE = Taken(Code(RXNORM, "32937", "paroxetine"))
PROFILES = Path("fhir/genomics_reporting/profiles.jsonl.gz")
EXAMPLES = Path("fhir/genomics_reporting/examples.jsonl.gz")

Resource = Mapping[str, Any]


def findings(
    *calls: GeneCall,
    issued: datetime = ISSUED,
    circumstances: Circumstances | None = None,
    left_open: Mapping[str, Sequence[str]] | None = None,
    build: str = "GRCh38",
) -> Findings:
    """Report on calls, by the pinned release."""
    features = GenomicFeatures("", build, RELEASE, calls)
    return findings_of(features, Guidelines(), issued, circumstances, left_open)


def bundle(*calls: GeneCall, **others: Any) -> Resource:
    return bundle_of(findings(*calls, **others))


def resources(bundle: Resource) -> list[Resource]:
    return [entry["resource"] for entry in bundle["entry"]]


def of_profile(bundle: Resource, name: str) -> list[Resource]:
    return [
        resource
        for resource in resources(bundle)
        if any(url.endswith(f"/{name}") for url in resource.get("meta", {}).get("profile", ()))
    ]


def report_in(bundle: Resource) -> Resource:
    (report,) = of_profile(bundle, "genomic-report")
    return report


def genotype_of(bundle: Resource, gene: str) -> Resource:
    """Give the one Observation of a gene's genotype, or of why it has none."""
    (found,) = [
        resource
        for resource in resources(bundle)
        if resource.get("code", {}).get("coding", [{}])[0].get("code") == "84413-4"
        and gene in str(components(resource, "48018-6"))
    ]
    return found


def implications_on(bundle: Resource, drug: str, source: str = "CPIC") -> list[Resource]:
    return [
        each
        for each in of_profile(bundle, "therapeutic-implication")
        if drug_in(each) == drug
        and components(each, "93044-6")[0]["text"].startswith(f"{source}: ")
    ]


def drug_in(implication: Resource) -> str:
    """Name the medicine of an implication: by its code, or in words where it has none."""
    (assessed,) = components(implication, "51963-7")
    return str(assessed["coding"][0]["display"] if "coding" in assessed else assessed["text"])


def tasks_on(bundle: Resource, drug: str, source: str = "CPIC") -> list[Resource]:
    tasks = of_profile(bundle, "medication-recommendation")
    return [task for task in tasks if task["description"].startswith(f"{drug} ({source}, ")]


def components(resource: Resource, code: str) -> list[Any]:
    """Give the values of an Observation's components of a code."""
    return [
        value
        for component in resource.get("component", ())
        if component["code"]["coding"][0]["code"] == code
        for name, value in component.items()
        if name.startswith("value")
    ]


def notes_of(resource: Resource) -> list[str]:
    return [note["text"] for note in resource.get("note", ())]


def faults(bundle: Resource, guide: Guide) -> Iterator[Fault]:
    """Give what R4 and the profiles that its resources claim have against a bundle."""
    yield from structure_faults(bundle)
    packet = Packet([bundle])
    for resource in resources(bundle):
        for profile in guide.claims(resource):
            yield from guide.faults(resource, profile, packet.resolve)
    for reference in references(bundle):
        if packet.resolve(reference) is None:
            yield f"{reference}: is not in the bundle"


def references(value: Any) -> Iterator[str]:
    """Give every reference that stands anywhere in a resource."""
    if isinstance(value, Mapping):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from references(each)
