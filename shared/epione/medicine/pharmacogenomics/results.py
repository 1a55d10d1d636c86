"""A gene's results as a table writes them.

Most tables ask for a phenotype or a score. One may also tell apart what means the same to another,
by both alleles ("*2/*2") or by both functions ("Decreased function/Decreased function"); of an HLA
gene it asks for the alleles that matter to the drug.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from epione.medicine.pharmacogenomics.alternatives import answers_of, is_known
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.hla import GENES as HLA_GENES
from epione.medicine.pharmacogenomics.knowledge import gene_of
from epione.medicine.pharmacogenomics.notation import strands_of
from epione.medicine.pharmacogenomics.phenotype import outcome_of
from epione.medicine.pharmacogenomics.tables import AND, Table, alleles_asked_by
from epione.medicine.pharmacogenomics.variants import lowest_first
from epione.timeline import GeneCall

PAIR = "/"
UNPAIRED = " + "


def as_written(call: GeneCall, table: Table, drug: str, release: Path) -> GeneCall:
    """Give a call with the results by which the table is asked."""
    if not call.lookup_keys:
        return call
    if call.gene in HLA_GENES:
        return _of_alleles(call, table, drug)
    rows = table.results[table.genes.index(call.gene)]
    if not _tells_apart(rows):
        return call
    return replace(call, lookup_keys=_of_answers(call, rows, release))


def row_of(answer: str, key: str, gene: str, rows: frozenset[str], release: Path) -> str:
    """Give the row of an answer, "*1/*3" or "a + b": by alleles, by functions, or by its key.

    Alleles are looked up in either order: another caller may write "*3/*1".
    """
    if not _tells_apart(rows):
        return key
    functions = _functions(gene_of(gene, release), answer)
    turned = PAIR.join(reversed(answer.split(PAIR)))
    return next((each for each in (answer, turned, functions) if each in rows), key)


def _tells_apart(rows: frozenset[str]) -> bool:
    return any(PAIR in row for row in rows)


def _of_answers(call: GeneCall, rows: frozenset[str], release: Path) -> tuple[str, ...]:
    """Give the rows of each equally good answer; of a key without alleles, every row it may be.

    Such a key is of another caller who states no alleles, or none that are known here. Of variants
    without phase the alleles are known, and not their strands.
    """
    answers = answers_of(call, release) if is_known(call, release) else ()
    found = [row_of(d, outcome.key, call.gene, rows, release) for d, outcome in answers]
    left = [key for key in call.lookup_keys if key not in {o.key for _, o in answers}]
    if call.component_haplotypes and len(left) == 1 and is_known(call, release):
        unpaired = UNPAIRED.join(call.component_haplotypes)
        return tuple(dict.fromkeys((*found, row_of(unpaired, left[0], call.gene, rows, release))))
    gene = gene_of(call.gene, release)
    sharing = (row for key in left for row in (key, *_pairs_of(key, gene, rows)))
    return tuple(dict.fromkeys((*found, *sharing)))


def _pairs_of(key: str, gene: Gene, rows: frozenset[str]) -> Sequence[str]:
    """Give the rows of two alleles or functions that mean what a key does."""
    return sorted(row for row in rows if PAIR in row and key in _keys_of(row, gene))


def _keys_of(row: str, gene: Gene) -> set[str]:
    """Give what a row of two alleles, or of two functions, may mean."""
    alleles = (
        [allele.star for allele in gene.alleles if each in (allele.star, allele.function)]
        for each in row.split(PAIR)
    )
    return {outcome_of(gene, pair).key for pair in product(*alleles)}


def _functions(gene: Gene, answer: str) -> str:
    """Name the functions of both strands; of several alleles on a strand the lowest decides."""
    if UNPAIRED in answer and PAIR not in answer:
        deciding = lowest_first(gene, answer.split(UNPAIRED))[:2]
    else:
        strands = strands_of(answer)
        deciding = [
            lowest_first(gene, strand)[0] if gene.calling.lowest_first else strand[0]
            for strand in strands
        ]
    return PAIR.join(sorted(gene.by_name[name].function for name in deciding))


def _of_alleles(call: GeneCall, table: Table, drug: str) -> GeneCall:
    """Keep the results of the alleles that the table asks for, joined where it asks for several."""
    alleles = sorted(alleles_asked_by(table, call.gene))
    known = [[key for key in call.lookup_keys if key.split()[0] == each] for each in alleles]
    found = [results for results in known if results]
    results = tuple(AND.join(each) for each in product(*found)) if found else ()
    return replace(
        call,
        phenotypes=results,
        lookup_keys=results,
        no_call_reason="" if results else f"what is known of it does not answer for {drug}",
        disputed=call.disputed and len(results) > 1,
    )
