"""One name for a code, whatever the source, and as vocabularies have it."""

import re
from collections.abc import Callable, Mapping

from epione.timeline.events import ICD10CM, LOINC, RXNORM, SNOMED, Code

ICD10 = "http://hl7.org/fhir/sid/icd-10"
ATC = "http://www.whocc.no/atc"
# As names begin; the first of a system is ours, the others are OMOP's, which MEDS files have.
TERMINOLOGIES = {
    "LOINC": LOINC,
    "SNOMED": SNOMED,
    "RXNORM": RXNORM,
    "RxNorm": RXNORM,
    "ICD10CM": ICD10CM,
    "ICD10": ICD10,
    "ATC": ATC,
}
CATEGORY = 3  # characters of an ICD-10 code that name its category

IngredientOf = Callable[[Code], Code | None]  # of a drug; None where no map knows it


def name_of(code: Code, ingredient_of: IngredientOf = lambda _: None) -> str:
    """Name a code as vocabularies do.

    >>> name_of(Code(ICD10CM, "E11.9")), name_of(Code("urn:oid:2.999", "X-1"))
    ('ICD10CM/E11', 'urn:oid:2.999/X-1')
    """
    if code.system == RXNORM and (ingredient := ingredient_of(code)) and ingredient.code:
        code = ingredient
    said = code.code[:CATEGORY].upper() if code.system in (ICD10CM, ICD10) else code.code
    return f"{_NAMES.get(code.system, code.system)}/{said}"


def standard_name(name: str, ingredient_of: IngredientOf = lambda _: None) -> str:
    """Name a code that is written with its terminology, as OMOP and MEDS do.

    >>> standard_name("RxNorm/32968"), standard_name("ICD10CM//E11.9"), standard_name("HR//bpm")
    ('RXNORM/32968', 'ICD10CM/E11', 'HR//bpm')
    """
    written = _WRITTEN.fullmatch(name)
    if written is None:
        return name
    return name_of(Code(TERMINOLOGIES[written["terminology"]], written["code"]), ingredient_of)


_NAMES: Mapping[str, str] = {system: name for name, system in reversed(TERMINOLOGIES.items())}
_WRITTEN = re.compile(rf"(?P<terminology>{'|'.join(TERMINOLOGIES)})//?(?P<code>[^/=\s]+)")
