"""Code systems: their names, and which of a concept's codings to keep.

A coding keeps its system and code alone: what a sender writes beside them may be anything.
"""

import re
from collections.abc import Iterable, Sequence

from epione.timeline import (
    ICD10CM,
    LOINC,
    RXNORM,
    SNOMED,
    Allergy,
    Body,
    Code,
    Condition,
    Medication,
    Observation,
    Procedure,
)
from epione_ingestion.maps import CodeMap

UCUM = "http://unitsofmeasure.org"

# Names of code systems to the URI that FHIR R4 gives them ("Using Codes", table of systems):
# OIDs, and the mnemonics of HL7 table 0396 (v2.9) with spellings that senders use.
URI_OF = {
    "LN": LOINC,
    "LOINC": LOINC,
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "SCT": SNOMED,
    "SNOMED": SNOMED,
    "SNOMED-CT": SNOMED,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "RXNORM": RXNORM,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "I10C": ICD10CM,
    "ICD-10-CM": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "urn:oid:2.16.840.1.113883.6.3": "http://hl7.org/fhir/sid/icd-10",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "urn:oid:2.16.840.1.113883.6.103": "http://hl7.org/fhir/sid/icd-9-cm",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "UCUM": UCUM,
    "urn:oid:2.16.840.1.113883.6.8": UCUM,
}

CODE_SYSTEM = re.compile(r"https?://|urn:(?:oid|uuid):|urn:id:(?:L$|99)")

# What Epione's knowledge is written in, by the kind of fact; the first is preferred.
STANDARDS: dict[type, tuple[str, ...]] = {
    Observation: (LOINC,),
    Condition: (SNOMED, ICD10CM),
    Medication: (RXNORM,),
    Allergy: (RXNORM, SNOMED),
    Procedure: (SNOMED,),
}


def uri_of(name: str) -> str:
    """Give a code system's URI; a name that no table has is a sender's own: "urn:id:<name>"."""
    if not name or ":" in name:
        return URI_OF.get(name, name)
    table = name.removeprefix("HL7")
    if table != name and len(table) == 4 and table.isdecimal():
        return f"http://terminology.hl7.org/CodeSystem/v2-{table}"
    return URI_OF.get(name.upper(), f"urn:id:{name}")


def coding_of(system: str, code: str) -> Code:
    return Code(uri_of(system), code)


def chosen(codings: Sequence[Code], standards: Iterable[str], maps: CodeMap) -> Code | None:
    """Choose a concept's code: a standard one, else one that a map makes so, else the first.

    Returns:
        None where the concept has no code at all, but at most a text.
    """
    for standard in standards:
        for coding in codings:
            if coding.system == standard:
                return coding
    for coding in codings:
        if (target := maps.target_of(coding)) is not None:
            return target
    return codings[0] if codings else None


def chosen_value(codings: Iterable[Code], maps: CodeMap) -> Code | None:
    """Choose the code of a coded answer; None where no code system vouches for it.

    Senders put names and sentences where a code should be. A system is a URI, or by HL7 table 0396
    "L" or "99…" for a sender's own.
    """
    vouched = [coding for coding in codings if CODE_SYSTEM.match(coding.system)]
    return chosen(vouched, (SNOMED, LOINC), maps)


def unmapped_code(body: Body) -> Code | None:
    """Give a fact's code where it is not a standard one, so that no rule can read it."""
    match body:
        case Observation(code=code) | Condition(code=code) | Procedure(code=code):
            pass
        case Medication(drug=code) | Allergy(substance=code):
            pass
        case _:
            return None
    return None if code.system in STANDARDS[type(body)] or not code.code else code
