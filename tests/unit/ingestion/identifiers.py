"""What of a message tells who someone is: the direct identifiers of 45 CFR 164.514(e)(2)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import cast

FHIR_NAMES = frozenset({"family", "given", "text", "prefix", "suffix"})
FHIR_ADDRESS = frozenset({"line", "city", "district", "postalCode", "text"})
FHIR_ANYWHERE = frozenset({"fullUrl", "reference", "div", "valueString", "id", "comment"})

# HL7 v2 fields that name, number, place or call persons and their things.
HL7_FIELDS = {
    "PID": (2, 3, 4, 5, 6, 9, 11, 12, 13, 14, 18, 19, 20, 21, 23),
    "MRG": (1, 2, 3, 4, 5, 6, 7),
    "NK1": (2, 4, 5, 6, 12, 13, 26, 30, 31, 32, 33, 37),
    "GT1": (2, 3, 4, 5, 6, 7, 12, 16, 17, 18, 19),
    "IN1": (2, 5, 6, 7, 16, 19, 36, 49),
    "IN2": (1, 2, 3, 6, 8, 9, 61, 63),
    "PV1": (3, 5, 6, 7, 8, 9, 17, 19, 50, 52),
    "ORC": (2, 3, 4, 10, 11, 12, 14, 21, 22, 23, 24),
    "OBR": (2, 3, 10, 16, 17, 18, 19, 20, 21, 28, 32),
    "MSH": (10,),
    "NTE": (3,),
}
CODES = {"OBX": (3, 6), "DG1": (3,), "AL1": (3,)}

# What senders of tests write where a name should stand, and Epione says of elements.
PLACEHOLDERS = frozenset(
    {"fhir", "identifier", "identifiers", "location", "name", "patient", "specimen", "type"}
)


def of_fhir(value: bytes) -> set[str]:
    """Find them in a resource or bundle, less what it gives as the code of something too."""
    found = list(_walked(json.loads(value), "", ""))
    codes = {text for text, name in found if name == "code"}
    return {text for text, name in found if name != "code" and _tells(text)} - codes


def of_hl7(value: bytes) -> set[str]:
    """Find them in a message, less what it gives as the code of an observation too."""
    text = value.decode("utf-8", errors="replace").lstrip("\ufeff")
    lines = re.split(r"[\r\n]+", text)
    codes = {part for line in lines for part in _parts(line, CODES)}
    return {part for line in lines for part in _parts(line, HL7_FIELDS) if _tells(part)} - codes


def _walked(node: object, name: str, parent: str) -> Iterator[tuple[str, str]]:
    """Give the identifying texts and the codes below an element, which stands under `parent`."""
    if isinstance(node, list):
        for each in node:
            yield from _walked(each, name, parent)
    elif isinstance(node, dict):
        for inner, each in cast(dict[str, object], node).items():
            yield from _walked(each, inner, name)
    elif isinstance(node, str) and (name == "code" or _identifies(name, parent)):
        yield node, name


def _identifies(name: str, parent: str) -> bool:
    return (
        (parent == "name" and name in FHIR_NAMES)
        or (parent == "address" and name in FHIR_ADDRESS)
        or (parent in ("identifier", "telecom") and name == "value")
        or (parent in ("subject", "patient", "performer", "individual") and name == "display")
        or name in FHIR_ANYWHERE
    )


def _parts(line: str, of_fields: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    fields = line.split("|")
    shift = 1 if fields[0] == "MSH" else 0
    for number in of_fields.get(fields[0].strip(), ()):
        if number - shift < len(fields):
            yield from re.split(r"[\^~&]", fields[number - shift])


def _tells(text: str) -> bool:
    """Say whether a text is long enough to be found by, and of anyone."""
    return len(text.strip()) > 3 and text.strip().casefold() not in PLACEHOLDERS
