"""One name for a code, whatever the source, and as vocabularies have it.

What hospitals state in SNOMED CT many vocabularies have by its category in ICD-10-CM, a product by
its ingredient (`knowledge/` says which, with where each row was seen), and a quantity by the code
that laboratories are asked for (`codes.py`).
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files

from epione.timeline.codes import MEASUREMENTS
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
RELEASE = "2026-11"  # of the knowledge
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


def is_medicine(name: str) -> bool:
    """Say whether a name is that of a medicine, in RxNorm or ATC.

    >>> is_medicine("RXNORM/32968"), is_medicine("ATC/B01AC04"), is_medicine("ICD10CM/I63")
    (True, True, False)
    """
    return TERMINOLOGIES.get(name.partition("/")[0]) in (RXNORM, ATC)


def other_name(name: str) -> str:
    """Name a SNOMED CT condition by its ICD-10-CM category, a quantity by its first LOINC code.

    >>> other_name("SNOMED/59621000"), other_name("LOINC/38483-4"), other_name("ICD10CM/I10")
    ('ICD10CM/I10', 'LOINC/2160-0', '')

    Returns:
        The other name; "" where none is known.
    """
    return _other_names().get(name, "")


def words_of(name: str) -> str:
    """Give a name as a clinician reads it; itself where no words of it are known.

    >>> words_of("SNOMED/195967001"), words_of("LOINC/62238-1"), words_of("ICD10CM/X00")
    ('asthma', 'eGFR', 'ICD10CM/X00')
    """
    return _words().get(name, name)


def ingredient_of_product(code: Code) -> Code | None:
    """Give the ingredient of an RxNorm product of `products.tsv`."""
    ingredient = _ingredients().get(code.code) if code.system == RXNORM else None
    return Code(RXNORM, ingredient) if ingredient else None


@cache
def _other_names() -> Mapping[str, str]:
    conditions = {
        f"SNOMED/{row['snomed']}": f"ICD10CM/{row['icd10cm']}" for row in _rows("conditions.tsv")
    }
    quantities = {
        f"LOINC/{other}": f"LOINC/{first}"
        for first, *others in (measurement.loinc for measurement in MEASUREMENTS)
        for other in others
    }
    return conditions | quantities


@cache
def _words() -> Mapping[str, str]:
    conditions = {f"SNOMED/{row['snomed']}": row["name"] for row in _rows("conditions.tsv")}
    categories = {f"ICD10CM/{row['icd10cm']}": row["title"] for row in _rows("categories.tsv")}
    quantities = {f"LOINC/{code}": each.name for each in MEASUREMENTS for code in each.loinc}
    return conditions | categories | quantities


@cache
def _ingredients() -> Mapping[str, str]:
    return {row["product"]: row["ingredient"] for row in _rows("products.tsv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    lines = files(__package__).joinpath("knowledge", RELEASE, name).read_text("utf-8").splitlines()
    return csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


_NAMES: Mapping[str, str] = {system: name for name, system in reversed(TERMINOLOGIES.items())}
_WRITTEN = re.compile(rf"(?P<terminology>{'|'.join(TERMINOLOGIES)})//?(?P<code>[^/=\s]+)")
