"""Maps from a sender's codes to standard ones, as an operator gives them.

A CSV file has the columns source system, source code, target system, target code, without a
heading or with one that starts with "system"; a FHIR R4 ConceptMap is JSON. Systems are written as
`epione unmapped` lists them.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from epione.errors import MalformedEvent, Misconfigured
from epione.timeline import Code
from epione_ingestion.node import Node, parsed_json

# Of FHIR's concept-map-equivalence, those by which a fact stays true under the target's code.
USABLE = frozenset({"equivalent", "equal", "wider", "subsumes"})


@dataclass(frozen=True, slots=True)
class CodeMap:
    """Standard codes by (system, code) of the sender."""

    targets: Mapping[tuple[str, str], Code] = field(default_factory=dict)

    def target_of(self, code: Code) -> Code | None:
        return self.targets.get((code.system, code.code))


def read_maps(paths: Iterable[Path]) -> CodeMap:
    """Read maps; where two name the same code, the later file counts.

    Raises:
        Misconfigured: A file cannot be read as a map; it is said which, and where.
    """
    targets: dict[tuple[str, str], Code] = {}
    for path in paths:
        try:
            targets.update(_entries(path))
        except (OSError, MalformedEvent, ValueError) as fault:
            raise Misconfigured(f"map {path.name}: {fault}") from fault
    return CodeMap(targets)


def _entries(path: Path) -> Iterator[tuple[tuple[str, str], Code]]:
    if path.suffix == ".json":
        return _of_concept_map(parsed_json(path.read_bytes()))
    return _of_csv(path.read_text(encoding="utf-8-sig").splitlines())


def _of_csv(lines: Iterable[str]) -> Iterator[tuple[tuple[str, str], Code]]:
    for number, row in enumerate(csv.reader(lines), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0].lower().startswith("system")):
            continue
        if len(cells) != 4 or not (cells[1] and cells[2] and cells[3]):
            raise ValueError(f"line {number} is not system,code,system,code")
        yield (cells[0], cells[1]), Code(cells[2], cells[3])


def _of_concept_map(resource: Node) -> Iterator[tuple[tuple[str, str], Code]]:
    if resource.text("resourceType") != "ConceptMap":
        raise ValueError(f"a {json.dumps(resource.text('resourceType'))}, not a ConceptMap")
    for group in resource.nodes("group"):
        for element in group.nodes("element"):
            for target in element.nodes("target"):
                if target.text("equivalence") in USABLE and target.text("code"):
                    source = (group.text("source"), element.text("code"))
                    yield source, Code(group.text("target"), target.text("code"))
                    break
