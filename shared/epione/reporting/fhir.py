"""A genome's report as a FHIR R4 Bundle, after HL7's Genomics Reporting guide.

Profiles: genomic-report, genotype, haplotype, therapeutic-implication and medication-recommendation
of the guide's 4.0.0 continuous build (HL7, CC0). The bundle holds one Patient, without a name or
number, for whoever knows the person to fill in: everything refers to it, and to nobody outside.

Every resource is named by a UUID (version 5, RFC 9562) of what the report says and when: the same
report gives the same names, and two people with the same genotype do not share them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from uuid import NAMESPACE_URL, uuid5

from epione.reporting._codes import REPORT
from epione.reporting._elements import (
    ABSENT_EXTENSION,
    GUIDE,
    Element,
    Json,
    coding,
    concept,
    element,
    profile,
    reference,
)
from epione.reporting._genes import CATEGORIES, Addresses, gene_observations
from epione.reporting._implications import action_of, implications, recommendations, task_key
from epione.reporting.findings import Findings, no_change, old_knowledge, unmet

NAMESPACE = uuid5(NAMESPACE_URL, "https://epione.example/reports")
DISCLAIMER = (
    "Not a medical device. Made by software from a genome file and published guidelines, for "
    "clinicians to judge; a result that changes treatment is to be confirmed."
)
METHOD = (
    "Named alleles were matched to the genotypes at the positions that define them; a position "
    "that was not read is never taken for the reference. Small variants alone: copies and hybrids "
    "of CYP2D6 and HLA types come from other callers."
)


def bundle_of(findings: Findings) -> Element:
    """Give the report as a Bundle of type "collection"."""
    seed = uuid5(NAMESPACE, json.dumps(asdict(findings), default=str, sort_keys=True))

    def address(key: str) -> str:
        return f"urn:uuid:{uuid5(seed, key)}"

    observed = [*gene_observations(findings, address), *implications(findings, address)]
    resources = [
        ("report", _report(findings, address, [key for key, _ in observed])),
        ("patient", _nobody()),
        *observed,
        *recommendations(findings, address),
    ]
    return element(
        resourceType="Bundle",
        id=str(seed),
        type_="collection",
        timestamp=findings.issued.isoformat(),
        entry=tuple(_entry(key, resource, address) for key, resource in resources),
    )


def _entry(key: str, resource: Element, address: Addresses) -> Element:
    url = address(key)
    named = {"resourceType": resource["resourceType"], "id": url.removeprefix("urn:uuid:")}
    return element(fullUrl=url, resource=named | dict(resource))


def _nobody() -> Element:
    """Give the Patient whom the report speaks of and does not name."""
    masked = element(url=ABSENT_EXTENSION, valueCode="masked")
    return element(resourceType="Patient", identifier=(element(extension=(masked,)),))


def _report(findings: Findings, address: Addresses, observed: Sequence[str]) -> Element:
    return element(
        resourceType="DiagnosticReport",
        meta=profile("genomic-report"),
        extension=(
            *(
                _extension("recommended-action", valueReference=reference(address(task_key(each))))
                for each in findings.to_do_differently
            ),
            *(_note(text, kind) for text, kind in _notes(findings)),
        ),
        status="final",
        category=(CATEGORIES[-1],),
        code=concept(REPORT),
        subject=reference(address("patient")),
        issued=findings.issued.isoformat(),
        result=tuple(reference(address(key)) for key in observed),
        conclusion=_conclusion(findings),
    )


def _notes(findings: Findings) -> Iterator[tuple[str, str]]:
    """Give each note with its kind, by the guide's codes of notes; "" for a kind of no code."""
    yield DISCLAIMER, "test-disclaimer"
    yield f"{METHOD} Genes by the knowledge of {findings.knowledge_release}.", "test-methodology"
    yield from ((f"Taken into account: {given}.", "") for given in findings.beside)
    yield from ((f"No advice on {why}.", "") for why in unmet(findings))


def _note(text: str, kind: str) -> Element:
    code = concept(coding(f"{GUIDE}/CodeSystem/coded-annotation-types-cs", kind)) if kind else None
    kinds = (_extension("annotation-code", valueCodeableConcept=code),) if code else ()
    return _extension("genomic-report-note", valueAnnotation=element(extension=kinds, text=text))


def _extension(name: str, **value: Json) -> Element:
    return element(url=f"{GUIDE}/StructureDefinition/{name}", **value)


def _conclusion(findings: Findings) -> str:
    todo = [
        f"{each.drug.display} ({each.source}): {action_of(each)}"
        for each in findings.to_do_differently
    ]
    return "\n".join([*todo, *no_change(findings), *old_knowledge(findings)])
