"""Genes' files: positions, named alleles, functions and phenotype rules."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

# IUPAC nucleotide codes for "either of two". Source: NC-IUB 1984, Nucleic Acids Res 13:3021.
EITHER = {"R": "A|G", "Y": "C|T", "S": "C|G", "W": "A|T", "K": "G|T", "M": "A|C"}

# A copy number, as in *4x2: an allele's activity times its copies, and no allele of its own.
COPIES = re.compile(r"x≥?\d+$")
# No position of it is in the definitions; other callers name its alleles.
CHROMOSOMES = {"MT-RNR1": "chrM"}

# Where a gene is called otherwise than by best score. Sources: PharmCAT 3.1.1, methods pages and
# exemptions; for DPYD and SLCO1B1 the guidelines cited beside the functions that apply them.
CALLING: Mapping[str, Mapping[str, object]] = {
    # GRCh38 carries *38; *1, which is what most definitions build on, counts as a reference too.
    "CYP2C19": {"scored_as_reference": ["*1"]},
    # Duplications, deletions and hybrids decide it, and no VCF of small variants shows them.
    # Source: Nofziger et al. 2020, Clin Pharmacol Ther 107:154, doi:10.1002/cpt.1643.
    "CYP2D6": {"research_only": True},
    "DPYD": {
        "lowest_first": ["No function", "Decreased function", "Normal function"],
        "tags": [[97573863, 97579893]],
    },
    "RYR1": {
        "lowest_first": [
            "Malignant Hyperthermia associated",
            "Uncertain function",
            "Normal function",
        ]
    },
    "SLCO1B1": {"decided_by": [21178615, {"T": "*1", "C": "*5"}]},
}


def gene_files(data: Path) -> Iterator[tuple[str, str]]:
    """Give each file's name below the release's folder, and its text."""
    positions = _by_gene(read_tsv(data / "positions.tsv"))
    defined = (data / "allele_definitions.jsonl").read_text(encoding="utf-8").splitlines()
    alleles = _by_gene(map(json.loads, defined))
    functions = _by_gene(read_tsv(data / "allele_function.tsv"))
    rules = json.loads((data / "phenotype_rules.json").read_text())
    exemptions = json.loads((data / "exemptions.json").read_text())
    for gene in sorted({*alleles, *functions}):
        text = gene_text(
            gene,
            positions[gene],
            alleles[gene],
            functions[gene],
            rules.get(gene, {"kind": "function_pair", "rules": {}, "exceptions": {}}),
            exemptions.get(gene, {}),
        )
        yield f"genes/{gene}.json", text


def gene_text(
    gene: str,
    positions: list[dict[str, Any]],
    alleles: list[dict[str, Any]],
    functions: list[dict[str, Any]],
    rules: dict[str, Any],
    exemptions: dict[str, Any],
) -> str:
    """Give one gene's file, one position, rule or allele a line."""
    if rules["exceptions"]:
        raise ValueError(f"{gene}: exceptions to the phenotype rules are not known here")
    ignored = set(exemptions.get("ignoredAlleles", ()))
    by_activity = rules["kind"] == "activity_score"
    function_of = {row["allele"]: row for row in functions}
    head = {
        "gene": gene,
        "chromosome": positions[0]["chrom"] if positions else CHROMOSOMES[gene],
        "by_activity": by_activity,
        "calling": {**CALLING.get(gene, {}), **_exempted(exemptions)},
    }
    kept = [allele for allele in alleles if allele["allele"] not in ignored]
    kept.sort(key=lambda allele: not allele["reference"])
    tables = {
        "positions": [
            [int(p["pos_grch38"]), p["rsid"], p["ref"], p["alts"].split(",")] for p in positions
        ],
        "phenotypes": [
            [[key] if by_activity else sorted(key.split(" + ")), phenotype]
            for key, phenotype in rules["rules"].items()
        ],
        "alleles": [_allele(allele, function_of) for allele in kept],
    }
    named = {allele["allele"] for allele in alleles} | ignored
    if undefined := list(_undefined(function_of, named)):
        tables["undefined"] = [_function(name, function_of) for name in undefined]
    return _written(head, tables)


def _undefined(names: Iterable[str], defined: set[str]) -> Iterator[str]:
    """Give the alleles whose function is known, and of which no position is."""
    stars = {name.split(".")[0] if name.startswith("*") else name for name in defined}
    for name in names:
        if name not in stars and "/" not in name and not COPIES.search(name):
            yield name


def _exempted(exemptions: dict[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {}
    if exemptions.get("requiredPositions"):
        found["required"] = exemptions["requiredPositions"]
    if exemptions.get("unphasedDiplotypePriorities"):
        found["preferred"] = [
            [entry["list"], entry["pick"]] for entry in exemptions["unphasedDiplotypePriorities"]
        ]
    return found


def _allele(allele: dict[str, Any], function_of: dict[str, dict[str, Any]]) -> list[object]:
    bases = {str(p): EITHER.get(alt, alt) for p, _, _, alt in _differing(allele)}
    return [*_function(allele["allele"], function_of), bases]


def _differing(allele: dict[str, Any]) -> Iterable[tuple[int, str, str, str]]:
    """Give the positions that define an allele; of a reference, those where two bases are its."""
    return (allele["variants"] if allele["reference"] else allele["defined"]) or ()


def _function(name: str, function_of: dict[str, dict[str, Any]]) -> list[object]:
    row = function_of.get(name) or function_of.get(name.split(".")[0]) or {}
    value = row.get("activity_value") or "n/a"
    return [name, row.get("function", ""), None if value == "n/a" else float(value)]


def _written(head: dict[str, Any], tables: dict[str, list[list[object]]]) -> str:
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for name, rows in tables.items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f"{json.dumps(name)}: [\n{lines}\n]" if rows else f"{json.dumps(name)}: []")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read_tsv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def _by_gene(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["gene"]].append(row)
    return found
