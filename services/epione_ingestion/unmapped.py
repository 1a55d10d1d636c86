"""Which codes no map knows, counted from the log: what `epione unmapped` lists."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from epione.timeline import PatientEvent
from epione_ingestion.terminologies import unmapped_code


class UnmappedCode(NamedTuple):
    kind: str  # of fact: "Observation", "Medication" …
    system: str
    code: str


def count_unmapped(events: Iterable[PatientEvent]) -> Counter[UnmappedCode]:
    """Count the facts whose code, in the last of their versions, is not a standard one."""
    code_of_fact: dict[str, UnmappedCode] = {}
    for event in events:
        code = unmapped_code(event.body)
        if code is None:
            code_of_fact.pop(event.entity_id, None)
        else:
            kind = type(event.body).__name__
            code_of_fact[event.entity_id] = UnmappedCode(kind, code.system, code.code)
    return Counter(code_of_fact.values())
