"""DPWG's statements, each for a gene by itself, as rows for the results that our calls have.

ClinPGx's annotations are CC BY-SA: their texts are not in the reference data, and no wording was
taken. What each asks for was read there by a person (`dpwg_readings.tsv` keeps which of our actions
that is, by drug, gene, result, and what the data have of the statement: the words that a machine
found in it, and its flags). The words alone do not do: "reduced effectiveness" is no lower dose.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from epione_training.knowledge.genes import read_tsv
from epione_training.knowledge.statements import Annotation, Row

SOURCE = "DPWG"
SILENT, NO_RECOMMENDATION = "dpwg-silent", "No recommendation"
SILENT_ON_BOTH = "dpwg-carbamazepine-both"  # and not on either allele by itself
NOT_GRADED = "not graded here"
AT_LEAST = "≥"
TWO_DECREASED = "Decreased function/Decreased function"

# The results of our calls that are one of DPWG's. Source: what functions each result stands for in
# ClinPGx's annotations, such as PA166104956 (CYP2C19: one increased and one normal allele are
# normal), PA166104984 (CYP2C9) and PA166104963 (DPYD): by the score alone one lost strand and two
# decreased ones are alike, and DPWG keeps them apart.
OURS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("CYP2C19", "Normal Metabolizer"): ("Normal Metabolizer", "Rapid Metabolizer"),
    ("CYP2C19", "Intermediate Metabolizer"): (
        "Intermediate Metabolizer",
        "Likely Intermediate Metabolizer",
    ),
    ("CYP2C19", "Poor Metabolizer"): ("Poor Metabolizer", "Likely Poor Metabolizer"),
    ("CYP2C9", "Normal Metabolizer"): ("2.0",),
    ("CYP2C9", "Intermediate Metabolizer"): ("1.5", "1.0"),
    ("CYP2C9", "Poor Metabolizer"): (TWO_DECREASED, "0.5", "0.0"),
    ("DPYD", "2.0 (Normal Metabolizer)"): ("2.0",),
    ("DPYD", "1.5 (Intermediate Metabolizer)"): ("1.5",),
    ("DPYD", "1.0 (Intermediate Metabolizer)"): ("1.0",),
    ("DPYD", "1.0 (Phenotyping)"): (TWO_DECREASED,),
    ("DPYD", "0.5 (Phenotyping)"): ("0.5",),
    ("DPYD", "0.0 (Poor Metabolizer)"): ("0.0",),
    # Asked of two alleles, with whatever is known of the other.
    ("HLA-B", "*15:11 positive"): ("*15:11 positive", "*15:02 negative & *15:11 positive"),
    ("HLA-B", "1511 and 1502"): ("*15:02 positive & *15:11 positive",),
}
# Of *15:02 this holds for the one drug whose statements ask for *15:11, too.
BESIDE_1511 = ("*15:02 positive", "*15:02 positive & *15:11 negative")


def dpwg_rows(statements: Iterable[dict[str, Any]], as_of: str, scores: list[str]) -> list[Row]:
    """Give each statement as rows.

    Args:
        statements: Of the reference data, of whichever form.
        as_of: When they were published, in ISO 8601.
        scores: How calls of CYP2D6 are looked up: "1.75", "≥3.0", "n/a".
    """
    readings: dict[tuple[str, ...], str] = {
        (row["drug"], row["gene"], row["statement"], result): row["action"]
        for row in read_tsv(Path(__file__).with_name("dpwg_readings.tsv"))
        for result in row["results"].split(";")
    }
    mine = _mine(statements)
    asks_for_two = {_drug(each) for each in mine if _asked(each)[1].startswith("*15:11")}
    rows = [
        _row(_drug(each), gene, ours, _action(each, readings), as_of)
        for each in mine
        for gene, result in [_asked(each)]
        for ours in _ours(gene, result, asks_for_two=_drug(each) in asks_for_two)
    ]
    return _with_every_score(rows, scores)


def dpwg_annotations(
    published: Iterable[dict[str, Any]], later: Iterable[dict[str, Any]]
) -> Iterator[Annotation]:
    """Give each drug and gene with its publications; held in part where `later` alone has it."""
    pairs: dict[tuple[str, str], Annotation] = {}
    for held, statements in (("whole", published), ("part", later)):
        for each in _mine(statements):
            drug, (gene, _) = _drug(each), _asked(each)
            papers = (f"PMID {pmid}" for pmid in each.get("pmids", ()))
            references = ";".join((*papers, f"ClinPGx {each['guideline_id']}"))
            pairs.setdefault((drug, gene), Annotation(SOURCE, drug, gene, references, held))
    yield from pairs.values()


def _mine(statements: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in statements if each["source"].startswith(SOURCE)]


def _drug(statement: dict[str, Any]) -> str:
    return str(statement["drug"] if "drug" in statement else statement["drugs"][0])


def _asked(statement: dict[str, Any]) -> tuple[str, str]:
    """Give the gene and its result; a pair of alleles as a diplotype."""
    ((gene, result),) = statement["lookup"][0].items()
    if isinstance(result, dict):
        result = "/".join(star for star, n in sorted(result.items()) for _ in range(int(n)))
    return gene, result


def _ours(gene: str, result: str, *, asks_for_two: bool) -> tuple[str, ...]:
    if asks_for_two and result == BESIDE_1511[0]:
        return BESIDE_1511
    return OURS.get((gene, result), (result,))


def _action(statement: dict[str, Any], readings: Mapping[tuple[str, ...], str]) -> str:
    if statement["classification"] == NO_RECOMMENDATION:
        return SILENT
    gene, result = _asked(statement)
    flags = (name for name, is_set in statement["flags"].items() if is_set)
    said = f"{','.join(statement['actions'])}|{','.join(flags)}"
    asked = _drug(statement), gene, said, result
    if asked not in readings:
        raise ValueError(f"nobody has read this statement of {SOURCE}: {asked}")
    return readings[asked]


def _row(drug: str, gene: str, result: str, action: str, as_of: str) -> Row:
    strength = NO_RECOMMENDATION if action in (SILENT, SILENT_ON_BOTH) else NOT_GRADED
    return Row(SOURCE, drug, "general", strength, action, f"{gene}={result}", as_of)


def _with_every_score(rows: list[Row], scores: list[str]) -> list[Row]:
    """Add the scores of CYP2D6 that no statement names and that those around it decide alike.

    "1.75" is as "1.5" and "2.0" are; "≥3.75" as "≥3.5", the highest limit that it reaches. Of
    "2.75" nothing is said where "2.5" and "3.0" differ: the annotations end the one class at 2.5
    and begin the other at 3. This is this project's own rule.
    """
    by_drug: dict[str, dict[str, Row]] = {}
    for row in rows:
        gene, _, result = row.results.partition("=")
        if gene == "CYP2D6":
            by_drug.setdefault(row.drug, {})[result] = row
    added = (
        alike._replace(results=f"CYP2D6={score}")
        for known in by_drug.values()
        for score in scores
        if score not in known and (alike := _around(known, score)) is not None
    )
    return [*rows, *added]


def _around(known: Mapping[str, Row], score: str) -> Row | None:
    if score.startswith(AT_LEAST):
        limits = [limit for limit in known if limit.startswith(AT_LEAST)]
        reached = [limit for limit in limits if _number(limit) <= _number(score)]
        return known[max(reached, key=_number)] if reached else None
    if not score[0].isdigit():
        return None
    exact = [each for each in known if each[0].isdigit()]
    below = [each for each in exact if _number(each) < _number(score)]
    above = [each for each in exact if _number(each) > _number(score)]
    if not below or not above:
        return None
    one, other = known[max(below, key=_number)], known[min(above, key=_number)]
    return one if one.action == other.action else None


def _number(score: str) -> float:
    return float(score.removeprefix(AT_LEAST))
