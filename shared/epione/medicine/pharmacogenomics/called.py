"""What a gene's call says, in words."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from epione.medicine.pharmacogenomics.knowledge import PINNED, gene_names, gene_of
from epione.timeline import GeneCall


def is_looked_up(gene: str, calls: Mapping[str, GeneCall]) -> bool:
    """Say whether there is a result for guidelines to look up."""
    return gene in calls and calls[gene].is_looked_up


def why_not_called(gene: str, calls: Mapping[str, GeneCall], release: Path = PINNED) -> str:
    """Say why there is no result."""
    if gene not in calls:
        return not_in_genomes(gene, release) or f"{gene} is not in the genome"
    call = calls[gene]
    n_missing = len(call.missing_positions)
    missing = f"; {n_missing} of its positions are not in the file" if n_missing else ""
    return f"{gene} is not called: {call.no_call_reason or '; '.join(call.warnings)}{missing}"


def not_in_genomes(gene: str, release: Path = PINNED) -> str:
    """Say that no genome can answer for a gene; "" where one can."""
    if gene in gene_names(release) and gene_of(gene, release).positions:
        return ""
    return f"no position of {gene} is in this release: only another caller answers for it"


def reasons_of(gene: str, calls: Mapping[str, GeneCall], release: Path) -> Iterator[str]:
    """Say what was called, or why nothing was, and what to mind about it."""
    if not is_looked_up(gene, calls):
        yield why_not_called(gene, calls, release)
        return
    call = calls[gene]
    by = f", called by {call.caller}" if call.caller else ""
    yield f"{written_call(call)}{by}: {call.no_call_reason or meaning_of(call)}"
    yield from call.warnings


def written_call(call: GeneCall) -> str:
    """Write what was called."""
    written = " or ".join(call.diplotypes) or " + ".join(call.component_haplotypes)
    return f"{call.gene} {written}".strip()


def meaning_of(call: GeneCall) -> str:
    """Say what the call means, with its activity scores."""
    meaning = " or ".join(map(in_words, call.phenotypes))
    return meaning + "".join(f", activity score {score}" for score in call.activity_scores)


def in_words(phenotype: str | None) -> str:
    """Name a phenotype, or say that there is none."""
    return phenotype or "no phenotype assigned"
