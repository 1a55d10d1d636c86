"""What in a FHIR bundle could name its patient, or those around them (45 CFR 164.514(e)(2))."""

import re
from collections.abc import Iterator

# Elements of FHIR R4 whose text names a person or a place, and the shortest text that does.
NAMING = {
    "family": 2,
    "given": 2,
    "line": 2,
    "city": 2,
    "postalCode": 2,
    "birthDate": 2,
    "reference": 9,
    "id": 9,
    "fullUrl": 9,
}
VALUED = {"identifier": 5, "telecom": 5}


def identifiers_of(node: object) -> Iterator[str]:
    """Give each text that must not come out, in the ways it may be written."""
    if isinstance(node, list):
        for item in node:
            yield from identifiers_of(item)
    if not isinstance(node, dict):
        return
    for element, value in node.items():
        texts = value if isinstance(value, list) else [value]
        if element in NAMING:
            found = [text for text in texts if isinstance(text, str)]
            yield from (s for text in found for s in _spellings(text, NAMING[element]))
        elif element in VALUED:
            found = [str(each["value"]) for each in texts if "value" in each]
            yield from (s for text in found for s in _spellings(text, VALUED[element]))
        yield from identifiers_of(value)


def _spellings(text: str, shortest: int) -> Iterator[str]:
    bare = re.sub(r"[-\s().+:]", "", text)
    for spelling in {text, text.upper(), bare, text.removeprefix("urn:uuid:")}:
        if len(spelling) >= shortest:
            yield spelling


def leaks(bundle: object, said: str) -> list[str]:
    """Give what stands in a text as a word of its own; an underscore parts words."""
    return sorted(
        text
        for text in set(identifiers_of(bundle))
        if re.search(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])", said)
    )
