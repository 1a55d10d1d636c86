"""Drugs' files: which drugs a guideline speaks of, and what its tables say for which results.

No wording is taken over: each statement is reduced to its gist, and `readings.tsv` says, by the
gist's digest and the genes it speaks of ("avoid use" has another reason for another gene), which
action of ours (`actions.tsv`) a person read in it. A statement that nobody has read stops the
import.
"""

import gzip
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from epione_training.knowledge.dpwg import dpwg_annotations, dpwg_rows
from epione_training.knowledge.genes import read_tsv
from epione_training.knowledge.statements import CONFIRMED, PUBLISHED, Annotation, Row, renewed

CPIC = "CPIC"
DRUG_COLUMNS = ("drug", "rxnorm", "genes", "pmids", "as_of")
# Levels at which CPIC sees a prescribing action.
ACTIONABLE = frozenset({"A", "A/B", "B"})
POPULATIONS: Mapping[str, str] = {
    "general": "general",
    "adults": "adults",
    "pediatrics": "children",
    "child >40kg_adult": "adults and children above 40 kg",
    "CVI ACS PCI": "acute coronary syndrome or PCI",
    "CVI non-ACS non-PCI": "cardiovascular disease without acute coronary syndrome or PCI",
    "NVI": "neurovascular disease",
    "PHT naive": "never took phenytoin",
    "PHT use >3mos": "took phenytoin for more than 3 months",
    "CBZ naive": "never took carbamazepine",
    "CBZ-no alternatives": "never took carbamazepine and has no alternative",
    "CBZ use >3mos": "took carbamazepine for more than 3 months",
    "OXC naive": "never took oxcarbazepine",
    "OXC use >3 mos": "took oxcarbazepine for more than 3 months",
}
# The results of CFTR say whom they are about, where the statement says everyone.
OF_ONE_DISEASE = (" in CF patients", "cystic fibrosis")
# A copy number that is not a result, but a question back to whoever typed it.
NO_RESULT = "xN combinations"

_GENE = r"(?:nudt15|tpmt|cyp2c9|slco1b1|abcg2|cyp2c19|cyp2b6)"
_BASIS = re.compile(rf"^based (?:on )?{_GENE}(?: status| genotype| phenotype)?,? ?")
_NOT_KNOWN = re.compile(
    rf"\. (?:however, )?{_GENE} (?:phenotype could not|status could not|genotype)\b.*$"
)

_WATCH = "monitor closely for toxicity"


def base_files(data: Path) -> Iterator[tuple[str, str]]:
    """Give the files of the release that holds what was published in 2024 by CPIC alone."""
    levels = read_tsv(data / "gene_drug_cpic_level.tsv")
    statements = _published(data)
    yield "linked_genes.tsv", _tsv(("gene",), sorted({(row["gene"],) for row in levels}))
    yield "drugs.tsv", _tsv(DRUG_COLUMNS, _drugs(levels, statements))
    yield "advice.tsv", _tsv(Row._fields, sorted(cpic_rows(statements, PUBLISHED)))
    yield "annotations.tsv", _tsv(Annotation._fields, ())


def current_files(data: Path) -> Iterator[tuple[str, str]]:
    """Give those of the release after it: what 2025 confirms, changes or adds, and DPWG."""
    levels = read_tsv(data / "gene_drug_cpic_level.tsv")
    published, later = _published(data), _later(data)
    scores = list(json.loads((data / "phenotype_rules.json").read_text())["CYP2D6"]["rules"])
    rows = renewed(
        [*cpic_rows(published, PUBLISHED), *dpwg_rows(published, PUBLISHED, scores)],
        [*cpic_rows(later, CONFIRMED), *dpwg_rows(later, CONFIRMED, [])],
    )
    annotations = (*_only_later(published, later), *dpwg_annotations(published, later))
    yield "drugs.tsv", _tsv(DRUG_COLUMNS, _with_others(_drugs(levels, published), rows, levels))
    yield "advice.tsv", _tsv(Row._fields, rows)
    yield "annotations.tsv", _tsv(Annotation._fields, sorted(annotations))


def cpic_rows(statements: Iterable[dict[str, Any]], as_of: str) -> list[Row]:
    """Give CPIC's statements as rows."""
    readings = read_tsv(Path(__file__).with_name("readings.tsv"))
    action_of = {(row["statement"], row["genes"]): row["action"] for row in readings}
    return [_statement(each, action_of, as_of) for each in statements if _is_taken_over(each)]


def gist_of(text: str, drug: str) -> str:
    """Reduce a statement to what it asks for: no remarks, references, drug's name or gene's excuse.

    What is asked for because a gene is not known is no excuse: it is kept.

    >>> gist_of("Based on TPMT status, use X as usual. NUDT15 genotype is not available.", "x")
    'use {drug} as usual'
    >>> gist_of("Use X. TPMT genotype is not available. Monitor closely for toxicity.", "x")
    'use {drug} and watch for toxicity'
    """
    text = text.lower().split(" other considerations")[0].replace("amitripyline", "amitriptyline")
    text = re.sub(r"\((pmid|see)[^)]*\)", "", text)
    for name in ("phenytoin", "fosphenytoin") if "phenytoin" in drug else (drug,):
        text = re.sub(rf"\b(a )?{name}\b", "{drug}", text)
    text = _NOT_KNOWN.sub(_kept, _BASIS.sub("", text))
    text = re.sub(r"[^a-z0-9≤≥<>%{}*]+", " ", text).strip()
    return re.sub(r"([≤≥<>]) ", r"\1", text)


def _kept(excuse: re.Match[str]) -> str:
    return " and watch for toxicity" if _WATCH in excuse[0] else ""


def _published(data: Path) -> list[dict[str, Any]]:
    with gzip.open(data / "recommendations.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _later(data: Path) -> list[dict[str, Any]]:
    """Read the later statements in the form of those of 2024."""
    lines = (data / "recommendations_2025_examples.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        {
            **each,
            "source": each["source"].split()[0],
            "drugs": [each["drug"]],
            "population": each["population"] or "general",
            "text": html.unescape(each["text"] or ""),
        }
        for each in map(json.loads, lines)
        if each["lookup"]  # an algorithm has none: see iwpc.py
    ]


def _is_taken_over(statement: dict[str, Any]) -> bool:
    return statement["source"] == CPIC and NO_RESULT not in statement["lookup"][0].values()


def _only_later(
    published: Iterable[dict[str, Any]], later: Iterable[dict[str, Any]]
) -> Iterator[Annotation]:
    """Give CPIC's guidelines of which some statements alone are known, from the later state."""
    known = {each["drugs"][0] for each in published if each["source"] == CPIC}
    for each in later:
        (drug,), genes = each["drugs"], ";".join(sorted(each["lookup"][0]))
        if each["source"] == CPIC and drug not in known:
            yield Annotation(CPIC, drug, genes, f"ClinPGx {each['guideline_id']}", "part")


def _drugs(
    levels: Iterable[dict[str, Any]], statements: Iterable[dict[str, Any]]
) -> list[tuple[str, ...]]:
    """Give each drug's ingredient, genes, and the guideline's publications."""
    genes: dict[tuple[str, str], set[str]] = {}
    pmids: dict[str, list[str]] = {}
    for row in levels:
        if row["cpic_level"] in ACTIONABLE and row["rxnorm"]:
            genes.setdefault((row["drug"], row["rxnorm"]), set()).add(row["gene"])
            pmids.setdefault(row["drug"], []).extend(filter(None, row["pmids"].split(";")))
    pmids |= {
        each["drugs"][0]: each["pmids"]
        for each in statements
        if _is_taken_over(each) and each["pmids"]
    }
    return [
        (drug, rxnorm, ";".join(sorted(about)), ";".join(dict.fromkeys(pmids[drug])), PUBLISHED)
        for (drug, rxnorm), about in sorted(genes.items())
    ]


def _with_others(
    drugs: list[tuple[str, ...]], rows: Iterable[Row], levels: Iterable[dict[str, Any]]
) -> list[tuple[str, ...]]:
    """Add the drugs that CPIC links to no gene for prescribing, with their ingredient if known."""
    ingredients = {row["drug"]: row["rxnorm"] for row in levels}
    known = {drug for drug, *_ in drugs}
    others = {row.drug for row in rows} - known
    return sorted([*drugs, *((drug, ingredients.get(drug, ""), "", "", "") for drug in others)])


def _statement(
    statement: dict[str, Any], action_of: Mapping[tuple[str, str], str], as_of: str
) -> Row:
    (drug,), (results,) = statement["drugs"], statement["lookup"]
    gist, genes = gist_of(statement["text"], drug), ";".join(sorted(results))
    digest = hashlib.sha256(gist.encode()).hexdigest()[:8]
    if (digest, genes) not in action_of:
        raise ValueError(f"nobody has read this statement on {drug}: {digest} {genes} {gist}")
    action = action_of[digest, genes]
    graded = action != "no-recommendation" and statement["classification"] not in (None, "N/A")
    return Row(
        CPIC,
        drug,
        _population(statement["population"], results),
        statement["classification"] if graded else "No recommendation",
        action,
        ";".join(f"{gene}={result}" for gene, result in sorted(results.items())),
        as_of,
    )


def _population(population: str, results: Mapping[str, str]) -> str:
    ending, disease = OF_ONE_DISEASE
    is_of_one_disease = all(result.endswith(ending) for result in results.values())
    return disease if is_of_one_disease else POPULATIONS[population]


def _tsv(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["\t".join(columns), *("\t".join(row) for row in rows)]
    return "\n".join(lines) + "\n"
