"""The pieces of FHIR R4 that resources are made of. Source: HL7 FHIR 4.0.1, data types (CC0)."""

from collections.abc import Iterable, Mapping, Sequence

from epione.medicine.recommendation import Evidence

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]
Element = Mapping[str, Json]

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting"
TO_BE_DETERMINED = f"{GUIDE}/CodeSystem/tbd-codes-cs"
HGNC = "http://www.genenames.org"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
CITATION = "http://hl7.org/fhir/StructureDefinition/workflow-relatedArtifact"


EMPTY: tuple[Json, ...] = (None, "", (), [], {})


def element(**fields: Json) -> Element:
    """Make an element of what is there: FHIR knows no empty text, list or object.

    A trailing underscore is dropped from names that Python keeps for itself.
    """
    return {name.rstrip("_"): value for name, value in fields.items() if value not in EMPTY}


def coding(system: str, code: str, display: str = "") -> Element:
    return element(system=system, code=code, display=display)


def concept(*codings: Element, text: str = "") -> Element:
    return element(coding=codings, text=text)


def component(code: Element, value: Element) -> Element:
    return element(code=concept(code), valueCodeableConcept=value)


def conclusion(text: str) -> Element:
    """Give the component in which the guide's Observations sum up in words."""
    code = coding(TO_BE_DETERMINED, "conclusion-string", "Conclusion Text")
    return element(code=concept(code), valueString=text)


def notes(texts: Iterable[str]) -> tuple[Element, ...]:
    return tuple(element(text=text) for text in dict.fromkeys(texts))


def reference(url: str) -> Element:
    return element(reference=url)


def profile(name: str) -> Element:
    """Give the `meta` of a resource that keeps to a profile of the guide."""
    return element(profile=(f"{GUIDE}/StructureDefinition/{name}",))


def citation(evidence: Evidence) -> Element:
    """Give the extension that names a publication, with its release and date."""
    artifact = element(
        type_="citation",
        label=f"{evidence.source} {evidence.release}",
        citation=f"{evidence.source} {evidence.release}, as of {evidence.knowledge_as_of}: "
        f"{evidence.reference}",
        url=_address(evidence.reference),
    )
    return element(url=CITATION, valueRelatedArtifact=artifact)


def _address(published: str) -> str:
    """Give where a publication is read; "" where several are named at once.

    >>> _address("PMID 35034351"), _address("doi:10.1056/NEJMoa0809329")
    ('https://pubmed.ncbi.nlm.nih.gov/35034351/', 'https://doi.org/10.1056/NEJMoa0809329')
    """
    kind, _, number = published.replace("doi:", "doi ").partition(" ")
    if " " in number or not number:
        return published if published.startswith("https://") else ""
    if kind == "PMID":
        return f"https://pubmed.ncbi.nlm.nih.gov/{number}/"
    if kind == "ClinPGx":
        return f"https://www.clinpgx.org/guidelineAnnotation/{number}"
    return f"https://doi.org/{number}" if kind == "doi" else ""
