"""Names of a vocabulary as a clinician reads them."""

from epione.timeline import Code
from epione.timeline.names import TERMINOLOGIES, words_of
from epione.timeline.vocabulary import RANGE

LEAST_SHOWN = 0.001


def base_of(name: str) -> str:
    """Give a name without the range of a measurement.

    >>> base_of("LOINC/4548-4 [5.7, 6.5) %"), base_of("ICD10CM/E11")
    ('LOINC/4548-4', 'ICD10CM/E11')
    """
    found = RANGE.fullmatch(name)
    return found["name"] if found else name


def range_of(name: str) -> str:
    """Give the range of a measurement in words, "" where a name has none.

    >>> [range_of(f"LOINC/4548-4 {each}") for each in ("[, 5.7) %", "[5.7, 6.5) %", "[6.5, ) %")]
    ['below 5.7 %', '5.7 to below 6.5 %', '6.5 % or more']
    """
    found = RANGE.fullmatch(name)
    if found is None:
        return ""
    low, high, unit = found["low"], found["high"], f" {found['unit']}" if found["unit"] else ""
    if not low:
        return f"below {high}{unit}"
    return f"{low} to below {high}{unit}" if high else f"{low}{unit} or more"


def code_of(name: str) -> Code:
    """Give the code that a name stands for; one without a terminology is of no system.

    >>> code_of("ICD10CM/E11")
    Code(system='http://hl7.org/fhir/sid/icd-10-cm', code='E11', display='Type 2 diabetes mellitus')
    """
    terminology, slash, code = name.rpartition("/")
    if not slash:
        return Code("", name, name)
    return Code(TERMINOLOGIES.get(terminology, terminology), code, words_of(name))


def percent(probability: float) -> str:
    """Write a probability; of less than 0.1 % it is said that it is less.

    >>> percent(0.0425), percent(0.0004)
    ('4.2%', 'less than 0.1%')
    """
    return f"{probability:.1%}" if probability >= LEAST_SHOWN else f"less than {LEAST_SHOWN:.1%}"
