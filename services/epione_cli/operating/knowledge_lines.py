"""What differs between two releases as JSON, one object a line.

A line is of a `statement`, a `gene`, a `table`, a `file` (what it changes for a genome) or a
`patient`; the last are the `totals`. Of patients there are pseudonyms, and no identity.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from epione.medicine.pharmacogenomics import DrugAdvice, Guidelines, name_of
from epione.medicine.pharmacogenomics.knowledge import RELEASE, base_of
from epione.medicine.pharmacogenomics.release_differences import (
    Changes,
    GeneDifference,
    Said,
    StatementDifference,
    TableDifference,
)
from epione.medicine.recommendation import Recommendation
from epione.timeline import GeneCall
from epione_inference.recalling import Compared

Line = dict[str, object]

EVIDENCE = "evidence"  # said alike, and resting on other evidence
OF_PLANS = {"added": "added", "changed": "superseded", "removed": "retracted"}


def change_of(before: object, after: object) -> str:
    """Say what became of something."""
    if before is None:
        return "added"
    return "removed" if after is None else "changed"


def release_line(guidelines: Guidelines, served: str) -> Line:
    """Describe a release; of each source, the newest date of the knowledge that drugs rest on."""
    newest: dict[str, str] = {}
    for drug in guidelines.drugs():
        for each in guidelines.evidence_of(drug):
            newest[each.source] = max(each.knowledge_as_of, newest.get(each.source, ""))
    based_on = base_of(guidelines.folder)
    return {
        "release": guidelines.release,
        "based_on": based_on and name_of(based_on),
        "knowledge_as_of": newest,
        "pinned": guidelines.release == RELEASE,
        "served": guidelines.release == served,
    }


def statement_line(difference: StatementDifference) -> Line:
    asked, before, after = difference.asked, difference.before, difference.after
    return {
        "statement": EVIDENCE if difference.is_of_evidence else change_of(before, after),
        "drug": asked.drug,
        "source": asked.source,
        "population": asked.population,
        "results": dict(asked.results),
        "before": _statement(before),
        "after": _statement(after),
    }


def gene_line(difference: GeneDifference) -> Line:
    return {
        "gene": difference.gene,
        **{name: _changes(changes) for name, changes in difference.parts.items() if changes},
        "is_called_otherwise": difference.is_called_otherwise,
    }


def table_line(difference: TableDifference) -> Line:
    return {
        "table": difference.name,
        "added": difference.n_added,
        "removed": difference.n_removed,
    }


def call_line(name: str, before: GeneCall | None, after: GeneCall | None) -> Line:
    """Describe a gene of a genome that is called otherwise."""
    return {
        "gene": name,
        "change": change_of(before, after),
        "before": _call(before),
        "after": _call(after),
    }


def advice_line(before: DrugAdvice | None, after: DrugAdvice | None) -> Line:
    """Describe advice that changes for a genome: of DPWG's the gene that it is by is one."""
    about = next(each for each in (before, after) if each is not None)
    return {
        "drug": about.drug.display,
        "source": about.source,
        "population": about.population,
        "genes": list(about.genes),
        "change": change_of(before, after),
        "before": _advice(before),
        "after": _advice(after),
    }


def patient_lines(compared: Compared) -> Iterator[Line]:
    """Describe what changes for a patient, and count what only rests on other evidence."""
    for each in compared.differences:
        yield {
            "patient": compared.key,
            each.subject.kind.value: each.subject.name,
            "key": each.key,
            "change": OF_PLANS[change_of(each.before, each.after)],
            "before": _recommendation(each.before),
            "after": _recommendation(each.after),
        }
    if compared.n_said_alike:
        yield {"patient": compared.key, "change": EVIDENCE, "n": compared.n_said_alike}


def _changes(changes: Changes[object]) -> Mapping[str, list[object]]:
    return {name: list(found) for name, found in asdict(changes).items() if found}


def _statement(said: Said | None) -> Line | None:
    if said is None:
        return None
    statement = said.statement
    return {
        "kind": statement.kind,
        "action": statement.action,
        "strength": statement.strength,
        "sources": [asdict(each) for each in said.evidence],
    }


def _call(call: GeneCall | None) -> Line | None:
    if call is None:
        return None
    return {"diplotypes": list(call.diplotypes), "phenotypes": list(call.phenotypes)}


def _advice(advice: DrugAdvice | None) -> Line | None:
    if advice is None:
        return None
    return {"kind": advice.kind, "action": advice.action, "strength": advice.strength}


def _recommendation(made: Recommendation | None) -> Line | None:
    return None if made is None else {"action": made.action, "strength": made.strength}
