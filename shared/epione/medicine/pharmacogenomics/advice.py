"""What a guideline says of one drug for these genes, or why it says nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from epione.medicine.pharmacogenomics.alternatives import Alternative, answers_of, if_known, unread
from epione.medicine.pharmacogenomics.hla import GENES as HLA_GENES
from epione.medicine.pharmacogenomics.knowledge import gene_names, gene_of
from epione.medicine.pharmacogenomics.tables import (
    NO_RESULT,
    SOURCE,
    Drug,
    Results,
    Statement,
)
from epione.medicine.recommendation import Evidence
from epione.timeline import Code, GeneCall

GRADED_AS_NONE = "No recommendation"
# More conditions than this that lead to the same advice would bury the others.
MOST_CONDITIONS = 3

Others = Mapping[tuple[str, str], Mapping[str, Alternative]]  # by kind and action, then condition


@dataclass(frozen=True, slots=True)
class DrugAdvice:
    """One guideline's answer for one drug and population.

    `kind` is "standard" (use as usual), "adjust" (another dose or monitoring), "avoid" (another
    drug), or "indeterminate" (no recommendation for this result, or results that disagree).
    """

    drug: Code  # RxNorm ingredient
    source: str  # "CPIC"
    kind: str
    action: str  # in our words
    strength: str  # as the guideline grades it
    population: str  # whom the guideline speaks of: "general", "adults", "children" …
    genes: tuple[str, ...]  # the genes it rests on
    reasons: tuple[str, ...]  # "CYP2C19 *2/*2: Poor Metabolizer" …
    would_change_if: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    unread: tuple[
        str, ...
    ] = ()  # genes with a position not read that may speak against use as usual


@dataclass(frozen=True, slots=True)
class NoAdvice:
    """Why there is no advice: the first condition that is not met, in words."""

    drug: str
    unmet: str


def advice_on(drug: Drug, calls: Mapping[str, GeneCall]) -> tuple[DrugAdvice, ...] | NoAdvice:
    """Give what the drug's tables say for these calls, one entry a population."""
    name = drug.code.display
    calls = {gene: _for_drug(call, drug) for gene, call in calls.items()}
    if not drug.tables:
        genes = ", ".join(drug.genes)
        return NoAdvice(name, f"CPIC's guideline on {name} ({genes}) is not held in this release")
    if not any(_is_called(gene, calls) for gene in drug.genes):
        return NoAdvice(name, _why_not_called(drug.genes[0], calls, drug.release))
    advice: list[DrugAdvice] = []
    for population, table in drug.tables.items():
        found = _found(drug, table, calls)
        if isinstance(found, NoAdvice):
            return found
        advice.append(_advice(drug, population, table, found, calls))
    return tuple(advice)


def _for_drug(call: GeneCall, drug: Drug) -> GeneCall:
    """Keep, of the results of an HLA gene, those of the alleles that the drug's tables ask for."""
    if call.gene not in HLA_GENES or call.gene not in drug.genes or not call.lookup_keys:
        return call
    n = drug.genes.index(call.gene)
    asked = {results[n] for table in drug.tables.values() for results in table}
    results = tuple(key for key in call.lookup_keys if key in asked)
    reason = "" if results else f"what is known of it does not answer for {drug.code.display}"
    return replace(call, phenotypes=results, lookup_keys=results, no_call_reason=reason)


def _found(
    drug: Drug, table: Mapping[Results, Statement], calls: Mapping[str, GeneCall]
) -> Mapping[Results, Statement] | NoAdvice:
    """Look up every combination of equally good results."""
    keys = [calls[g].lookup_keys if _is_called(g, calls) else (NO_RESULT,) for g in drug.genes]
    found: dict[Results, Statement] = {}
    for results in product(*keys):
        if results not in table:
            return NoAdvice(drug.code.display, _without_meaning(drug, table, results, calls))
        found[results] = table[results]
    return found


def _advice(
    drug: Drug,
    population: str,
    table: Mapping[Results, Statement],
    found: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
) -> DrugAdvice:
    """Give the advice; where the results disagree, all of it and no choice."""
    said = next(iter(found.values()))
    are_disputed = any(calls[gene].disputed for gene in drug.genes if _is_called(gene, calls))
    if are_disputed or len({(said.kind, said.action) for said in found.values()}) > 1:
        each: dict[str, list[str]] = {}
        for results, statement in found.items():
            each.setdefault(statement.action, []).append(_named(drug, results))
        told = " ".join(f"{' or '.join(results)}: {action}" for action, results in each.items())
        said = Statement(
            "indeterminate", f"It depends on which result is true. {told}", GRADED_AS_NONE
        )
    others = {
        gene: _others(n, calls[gene], table, found, drug.release)
        for n, gene in enumerate(drug.genes)
        if _is_called(gene, calls)
    }
    against = (gene for gene in others if _speaks_against_use_as_usual(others[gene]))
    return DrugAdvice(
        drug=drug.code,
        source=SOURCE,
        kind=said.kind,
        action=said.action,
        strength=said.strength,
        population=population,
        genes=drug.genes,
        reasons=tuple(
            reason for gene in drug.genes for reason in _reasons(gene, calls, drug.release)
        ),
        would_change_if=tuple(_changes(drug, found, calls, others)),
        evidence=drug.evidence,
        unread=tuple(against) if said.kind == "standard" else (),
    )


def _is_called(gene: str, calls: Mapping[str, GeneCall]) -> bool:
    return gene in calls and bool(calls[gene].lookup_keys)


def _why_not_called(gene: str, calls: Mapping[str, GeneCall], release: Path) -> str:
    if gene not in calls:
        if gene in gene_names(release) and gene_of(gene, release).positions:
            return f"{gene} is not in the genome"
        return f"no position of {gene} is in this release: only another caller answers for it"
    call = calls[gene]
    n_missing = len(call.missing_positions)
    missing = f"; {n_missing} of its positions are not in the file" if n_missing else ""
    return f"{gene} is not called: {call.no_call_reason or '; '.join(call.warnings)}{missing}"


def _without_meaning(
    drug: Drug, table: Mapping[Results, Statement], results: Results, calls: Mapping[str, GeneCall]
) -> str:
    """Say which call has a result that is in no row: the tables have rows for all others."""
    unknown = (
        _called(calls[gene])
        for n, gene in enumerate(drug.genes)
        if results[n] not in {row[n] for row in table}
    )
    return f"{', '.join(unknown)} has no phenotype that CPIC's table knows"


def _named(drug: Drug, results: Results) -> str:
    return ", ".join(f"{gene} {result}" for gene, result in zip(drug.genes, results, strict=True))


def _called(call: GeneCall) -> str:
    written = " or ".join(call.diplotypes) or " + ".join(call.component_haplotypes)
    return f"{call.gene} {written}".strip()


def _reasons(gene: str, calls: Mapping[str, GeneCall], release: Path) -> Iterator[str]:
    """Say what was called, or why nothing was, and what to mind about it."""
    if not _is_called(gene, calls):
        yield _why_not_called(gene, calls, release)
        return
    call = calls[gene]
    meaning = " or ".join(map(_meaning, call.phenotypes))
    scores = (f", activity score {score}" for score in call.activity_scores)
    by = f", called by {call.caller}" if call.caller else ""
    yield f"{_called(call)}{by}: {meaning}{''.join(scores)}"
    yield from call.warnings


def _meaning(phenotype: str | None) -> str:
    return phenotype or "no phenotype assigned"


def _changes(
    drug: Drug,
    found: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
    others: Mapping[str, Others],
) -> Iterator[str]:
    """Say what would lead to other advice: another gene, phase, or a position that was not read."""
    for gene in drug.genes:
        if gene not in others:
            yield f"{gene} is called"
            continue
        call = calls[gene]
        if call.caller:
            if call.disputed or (len(call.lookup_keys) > 1 and len(set(found.values())) > 1):
                yield f"{gene} is called for sure"
        elif len(call.lookup_keys) > 1 and len(set(found.values())) > 1:
            each = (
                f"{d} is {_meaning(outcome.phenotype)}"
                for d, outcome in answers_of(call, drug.release)
            )
            what = unread(call, drug.release) or "the phase"
            yield f"{what} of {gene} is known: {'; '.join(each)}"
        yield from _if_known(gene, others[gene])


def _others(
    n: int,
    call: GeneCall,
    table: Mapping[Results, Statement],
    found: Mapping[Results, Statement],
    release: Path,
) -> Others:
    """Give other advice that the n-th gene may lead to, each with the conditions of it."""
    said = {(statement.kind, statement.action) for statement in found.values()}
    others: dict[tuple[str, str], dict[str, Alternative]] = {}
    for alternative in if_known(call, release):
        for results in found:
            key = (*results[:n], alternative.outcome.key, *results[n + 1 :])
            other = table.get(key)
            if other and (other.kind, other.action) not in said:
                conditions = others.setdefault((other.kind, other.action), {})
                conditions.setdefault(alternative.condition, alternative)
    return others


def _if_known(gene: str, others: Others) -> Iterator[str]:
    for (kind, _), conditions in others.items():
        for condition, alternative in list(conditions.items())[:MOST_CONDITIONS]:
            meaning = _meaning(alternative.outcome.phenotype)
            yield f"{condition}: {gene} {alternative.answer}, {meaning} → {kind}"
        if len(conditions) > MOST_CONDITIONS:
            n_more = len(conditions) - MOST_CONDITIONS
            yield f"one of {n_more} more positions of {gene} that were not read differs → {kind}"


def _speaks_against_use_as_usual(others: Others) -> bool:
    """Say whether a position that was not read may lead to anything but use as usual."""
    return any(
        alternative.is_unread
        for (kind, _), conditions in others.items()
        if kind != "standard"
        for alternative in conditions.values()
    )
