"""Shows what differs between two releases, as it is found, and counts it."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from rich.console import Console
from rich.table import Table

from epione.medicine.pharmacogenomics import Guidelines
from epione.medicine.pharmacogenomics.release_differences import (
    gene_differences,
    statement_differences,
    table_differences,
)
from epione_cli.operating.knowledge_lines import (
    EVIDENCE,
    Line,
    gene_line,
    patient_lines,
    statement_line,
    table_line,
)
from epione_inference.recalling import Compared

MARKS = {
    "added": "+",
    "changed": "~",
    "superseded": "~",
    "removed": "−",
    "retracted": "−",
    EVIDENCE: "=",
}
WIDTH = 200  # where nobody looks
MOST_NAMED = 8  # of what differs in a gene


def release_text(line: Line) -> str:
    """Describe a release to people."""
    known = cast(Mapping[str, str], line["knowledge_as_of"])
    said = (
        str(line["release"]),
        f"based on {line['based_on']}" if line["based_on"] else "",
        f"knowledge as of {', '.join(f'{as_of} ({name})' for name, as_of in known.items())}",
        "pinned" if line["pinned"] else "",
        "served" if line["served"] else "",
    )
    return "  ".join(filter(None, said))


def show_releases(before: Guidelines, after: Guidelines, shown: "Shown") -> None:
    """Show what two releases say otherwise, before anybody is looked at."""
    one, other = before.folder, after.folder
    shown.statements(map(statement_line, statement_differences(one, other)))
    for gene in gene_differences(one, other):
        shown.gene(gene_line(gene))
    for table in table_differences(one, other):
        text = f"{table.name}: rows added: {table.n_added}, removed: {table.n_removed}"
        shown.line(table_line(table), text)


class Shown:
    """Standard output takes what differs: lines and tables for people, JSON for machines."""

    def __init__(self, *, as_json: bool, everything: bool) -> None:
        """Prepare to show.

        Args:
            everything: List, too, what is said alike and rests on other evidence; else it is
                counted.
        """
        self._as_json, self._everything = as_json, everything
        self._console = Console(
            highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDTH
        )
        self._counts: Counter[str] = Counter()
        self._changes: dict[str, Counter[str]] = defaultdict(Counter)  # by drug or test

    def statements(self, lines: Iterable[Line]) -> None:
        """Show statements that differ."""
        listed = []
        for each in lines:
            change = str(each["statement"])
            if change != EVIDENCE:
                self._counts[f"statements {change}"] += 1
            if self._is_listed(change):
                listed.append(each)
        if self._as_json:
            for each in listed:
                self.line(each, "")
        elif listed:
            self._console.print(_statement_table(listed))

    def line(self, line: Line, text: str) -> None:
        """Show one thing that differs."""
        print(json.dumps(line, ensure_ascii=False) if self._as_json else text)

    def gene(self, line: Line) -> None:
        """Show a gene that is known otherwise."""
        self._counts["genes"] += 1
        self.line(line, f"{line['gene']}: {'; '.join(_gene_parts(line))}")

    def genome(self, file: str, sample: str, lines: Sequence[Line]) -> None:
        """Show what changes for a genome."""
        self._counts["genomes"] += 1
        self._counts["genomes that differ"] += bool(lines)
        self._block(f"{file} ({sample})", [{"file": file, "sample": sample, **e} for e in lines])

    def unreadable(self, file: str, reason: str) -> None:
        """Say that a genome cannot be read."""
        self._counts["genomes that cannot be read"] += 1
        if self._as_json:
            self.line({"file": file, "error": reason}, "")
        else:
            print(f"{file}: {reason}", file=sys.stderr)

    def patient(self, compared: Compared) -> bool:
        """Show what changes for a patient, and say whether anything was listed."""
        self._counts["patients"] += 1
        self._counts["patients whose plan changes"] += bool(compared.differences)
        lines = [e for e in patient_lines(compared) if self._is_listed(str(e["change"]))]
        self._block(compared.key, lines)
        return bool(lines)

    def totals(self) -> None:
        """Show how many of what differ, and of whom, by drug and test."""
        if self._as_json:
            changes = {name: dict(found) for name, found in sorted(self._changes.items())}
            self.line({"totals": dict(self._counts), "changes": changes}, "")
            return
        if self._changes:
            self._console.print(_totals_table(self._changes))
        print("; ".join(f"{what}: {n}" for what, n in self._counts.items()) or "nothing differs")

    def _is_listed(self, change: str) -> bool:
        self._counts["other evidence alone"] += change == EVIDENCE
        return self._everything or change != EVIDENCE

    def _block(self, title: str, lines: Sequence[Line]) -> None:
        """Show what changes for one genome or patient, and count it once by drug and test."""
        if lines and not self._as_json:
            print(title)
        for each in lines:
            self.line(each, f"  {_text(each)}")
        subjects = {(each.get("drug") or each.get("test"), each["change"]) for each in lines}
        for subject, change in subjects:
            if subject is not None:
                self._changes[str(subject)][str(change)] += 1


def _text(line: Line) -> str:
    """Write a change: `~ clopidogrel: what was said → what is said`."""
    mark = MARKS[str(line["change"])]
    if line["change"] == EVIDENCE:
        return f"{mark} {line['n']} rest on other evidence"
    subject = line.get("drug") or line.get("test") or line.get("gene")
    whom = f" ({_of_whom(line)})" if "source" in line else ""
    before, after = line["before"], line["after"]
    said = " → ".join(_said(cast(Line, each)) for each in (before, after) if each is not None)
    return f"{mark} {subject}{whom}: {said}"


def _of_whom(line: Line) -> str:
    """Say which guideline speaks, by which genes and of whom: DPWG has an answer for each gene."""
    return f"{line['source']} by {', '.join(cast(list[str], line['genes']))}, {line['population']}"


def _said(said: Line) -> str:
    if "diplotypes" in said:
        called = " or ".join(cast(list[str], said["diplotypes"])) or "no call"
        means = " or ".join(map(str, cast(list[object], said["phenotypes"])))
        return f"{called} ({means})" if means else called
    kind = f"{said['kind']}: " if "kind" in said else ""
    return f"{kind}{said['action']} [{said['strength']}]"


def _gene_parts(line: Line) -> Iterator[str]:
    for part in ("alleles", "functions", "positions", "phenotypes"):
        changes = cast(Mapping[str, list[object]], line.get(part, {}))
        for change, names in changes.items():
            few = ", ".join(_name(name) for name in names[:MOST_NAMED])
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            yield f"{part} {change}: {few}{more}"
    if line["is_called_otherwise"]:
        yield "called by other rules"


def _name(name: object) -> str:
    """Write a name; a rule's is the functions or the score that it is of."""
    return " + ".join(name) if isinstance(name, tuple) else str(name)


def _statement_table(lines: Iterable[Line]) -> Table:
    table = Table("", "drug", "of whom", "results", "before", "after", show_lines=True)
    for each in lines:
        results = cast(Mapping[str, str], each["results"])
        sides = [cast(Line | None, each[side]) for side in ("before", "after")]
        table.add_row(
            MARKS[str(each["statement"])],
            str(each["drug"]),
            f"{each['source']}, {each['population']}",
            ", ".join(f"{gene} {result}" for gene, result in results.items()),
            *(_said(side) if side else "" for side in sides),
        )
    return table


def _totals_table(changes: Mapping[str, Counter[str]]) -> Table:
    kinds = [kind for kind in MARKS if any(kind in found for found in changes.values())]
    table = Table("", *kinds)
    for name, found in sorted(changes.items()):
        table.add_row(name, *(str(found[kind] or "") for kind in kinds))
    return table
