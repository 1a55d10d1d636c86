"""What a guideline says of one drug for these genes, or why it says nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path

from epione.medicine.pharmacogenomics.alternatives import (
    Alternative,
    answers_of,
    if_known,
    is_known,
    unread,
)
from epione.medicine.pharmacogenomics.called import (
    in_words,
    is_looked_up,
    meaning_of,
    reasons_of,
    why_not_called,
    written_call,
)
from epione.medicine.pharmacogenomics.circumstances import Taken, last_end
from epione.medicine.pharmacogenomics.hla import GENES as HLA_GENES
from epione.medicine.pharmacogenomics.phenoconversion import Conversion, conversion_of
from epione.medicine.pharmacogenomics.tables import (
    NO_RESULT,
    SOURCE,
    Drug,
    Results,
    Statement,
)
from epione.medicine.recommendation import Evidence, Reason
from epione.timeline import Code, GeneCall, Quantity

USUAL = "standard"  # the kind of use as usual
ACTIONABLE = frozenset({"adjust", "avoid"})
UNDECIDED = "indeterminate"  # the kind that recommends nothing
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
    unread: tuple[str, ...] = ()  # genes with a position not read that may change what is advised
    # Genes that are called and do not answer for this drug, each with why.
    unanswered: tuple[tuple[str, str], ...] = ()
    beside: tuple[Reason, ...] = ()  # what else it rests on: medicines taken, measurements
    dose: tuple[Quantity, ...] = ()  # where it is a number; the units are UCUM's
    ends: datetime | None = None  # when what is taken beside ends, and this advice with it
    looked_up: tuple[GeneCall, ...] = ()  # calls as the tables were asked: of HLA the drug's own
    # results, and what counts beside what is taken

    @property
    def guideline(self) -> tuple[Evidence, ...]:
        """The publications of the advice itself, without those on what is taken beside."""
        return tuple(each for each in self.evidence if each.source == self.source)


@dataclass(frozen=True, slots=True)
class NoAdvice:
    """Why there is no advice: the first condition that is not met, in words.

    `lacks` are the measurements that would meet it, `genes` those whose results do not.
    """

    drug: str
    unmet: str
    lacks: tuple[Code, ...] = ()
    genes: tuple[str, ...] = ()


def advice_on(
    drug: Drug, calls: Mapping[str, GeneCall], taken: tuple[Taken, ...] = ()
) -> tuple[DrugAdvice, ...] | NoAdvice:
    """Give what the drug's tables say for these calls beside what is taken, one entry a population.

    A call that counts as another beside what is taken is looked up as that other.
    """
    name = drug.code.display
    calls = {gene: _for_drug(call, drug) for gene, call in calls.items()}
    if not drug.tables:
        genes = ", ".join(drug.genes)
        return NoAdvice(name, f"CPIC's guideline on {name} ({genes}) is not held in this release")
    if not any(is_looked_up(gene, calls) for gene in drug.genes):
        reason = why_not_called(drug.genes[0], calls, drug.release)
        return NoAdvice(name, reason, genes=drug.genes)
    conversions = {gene: conversion_of(gene, calls.get(gene), taken, drug) for gene in drug.genes}
    counting = {gene: each.call for gene, each in conversions.items() if each.call}
    advice: list[DrugAdvice] = []
    for population, table in drug.tables.items():
        found = _found(drug, table, counting)
        if isinstance(found, NoAdvice):
            return found
        plain = _advice(drug, population, table, found, calls, counting)
        advice.append(_beside(plain, drug, table, calls, conversions))
    return tuple(advice)


def _for_drug(call: GeneCall, drug: Drug) -> GeneCall:
    """Keep, of the results of an HLA gene, those of the alleles that the drug's tables ask for."""
    if call.gene not in HLA_GENES or call.gene not in drug.genes or not call.lookup_keys:
        return call
    n = drug.genes.index(call.gene)
    asked = {results[n] for table in drug.tables.values() for results in table}
    results = tuple(key for key in call.lookup_keys if key in asked)
    reason = "" if results else f"what is known of it does not answer for {drug.code.display}"
    disputed = call.disputed and len(results) > 1
    return replace(
        call, phenotypes=results, lookup_keys=results, no_call_reason=reason, disputed=disputed
    )


def _found(
    drug: Drug, table: Mapping[Results, Statement], calls: Mapping[str, GeneCall]
) -> Mapping[Results, Statement] | NoAdvice:
    """Look up every combination of equally good results.

    A result that no row knows counts as none, where whatever else it might be asks for a change,
    too: what another gene asks for then stands. This is this project's own rule.
    """
    keys = [calls[g].lookup_keys if is_looked_up(g, calls) else (NO_RESULT,) for g in drug.genes]
    rows = [{results[n] for results in table} for n in range(len(drug.genes))]
    found: dict[Results, Statement] = {}
    for results in product(*keys):
        known = tuple(
            key if key in row else NO_RESULT for key, row in zip(results, rows, strict=True)
        )
        if known not in table or (known != results and not _always_changes(table, results, known)):
            return _without_meaning(drug, table, results, calls)
        found[known] = table[known]
    return found


def _always_changes(table: Mapping[Results, Statement], results: Results, known: Results) -> bool:
    """Say whether each row asks for a change that has those of the results which are known."""
    read = [n for n, key in enumerate(results) if key == known[n]]
    return all(
        said.kind in ACTIONABLE
        for row, said in table.items()
        if all(row[n] == results[n] for n in read)
    )


def _beside(
    advice: DrugAdvice,
    drug: Drug,
    table: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
    conversions: Mapping[str, Conversion],
) -> DrugAdvice:
    """Say of advice what is taken beside, and what is advised again when that stops."""
    told = conversions.values()
    if not any(each.reasons for each in told):
        return advice
    evidence = (*advice.evidence, *(e for each in told for e in each.evidence))
    return replace(
        advice,
        would_change_if=(
            *_when_it_stops(advice, drug, table, calls, conversions),
            *advice.would_change_if,
        ),
        evidence=tuple(dict.fromkeys(evidence)),
        beside=tuple(reason for each in told for reason in each.reasons),
        ends=last_end(taken.ends for each in told for taken in each.deciding),
    )


def _when_it_stops(
    advice: DrugAdvice,
    drug: Drug,
    table: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
    conversions: Mapping[str, Conversion],
) -> Iterator[str]:
    """Say what is advised by the genes alone, where that is something else."""
    converted = {gene: each for gene, each in conversions.items() if each.converting}
    if not converted:
        return
    names = dict.fromkeys(
        taken.drug.display for each in converted.values() for taken in each.converting
    )
    genetic = _found(drug, table, calls)
    if isinstance(genetic, NoAdvice):
        then = f"no advice: {genetic.unmet}"
    else:
        said = _said(drug, genetic, calls)
        if (said.kind, said.action) == (advice.kind, advice.action):
            return
        then = f"{said.kind}: {said.action}"
    again = " and ".join(f"{gene} is {meaning_of(calls[gene])} again" for gene in converted)
    yield f"{' and '.join(names)} {'stops' if len(names) == 1 else 'stop'}: {again} → {then}"


def _said(
    drug: Drug, found: Mapping[Results, Statement], calls: Mapping[str, GeneCall]
) -> Statement:
    """Give what the results say; where they disagree, or callers do, all of it and no choice."""
    said = next(iter(found.values()))
    are_disputed = any(calls[gene].disputed for gene in drug.genes if is_looked_up(gene, calls))
    if not are_disputed and len({(s.kind, s.action) for s in found.values()}) == 1:
        return said
    each: dict[str, list[str]] = {}
    for results, statement in found.items():
        each.setdefault(statement.action, []).append(_named(drug, results))
    told = " ".join(f"{' or '.join(results)}: {action}" for action, results in each.items())
    action = f"It depends on which result is true. {told}"
    return Statement(UNDECIDED, action, GRADED_AS_NONE)


def _advice(
    drug: Drug,
    population: str,
    table: Mapping[Results, Statement],
    found: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
    counting: Mapping[str, GeneCall],
) -> DrugAdvice:
    """Give the advice, with what would change it; `counting` are the calls that were looked up."""
    said = _said(drug, found, counting)
    others = {
        gene: _others(n, counting[gene], table, found, drug.release)
        for n, gene in enumerate(drug.genes)
        if is_looked_up(gene, counting)
    }
    return DrugAdvice(
        drug=drug.code,
        source=SOURCE,
        kind=said.kind,
        action=said.action,
        strength=said.strength,
        population=population,
        genes=drug.genes,
        reasons=tuple(
            reason for gene in drug.genes for reason in reasons_of(gene, calls, drug.release)
        ),
        would_change_if=tuple(_changes(drug, found, calls, counting, others)),
        evidence=drug.evidence,
        unread=tuple(gene for gene in others if _may_turn(said.kind, others[gene])),
        unanswered=tuple(
            (gene, why_not_called(gene, calls, drug.release))
            for gene in drug.genes
            if gene in calls and gene not in others
        ),
        looked_up=tuple(counting[gene] for gene in others),
    )


def _without_meaning(
    drug: Drug, table: Mapping[Results, Statement], results: Results, calls: Mapping[str, GeneCall]
) -> NoAdvice:
    """Say which call has a result that is in no row: the tables have rows for all others."""
    unknown = tuple(
        gene for n, gene in enumerate(drug.genes) if results[n] not in {row[n] for row in table}
    )
    named = ", ".join(written_call(calls[gene]) for gene in unknown)
    unmet = f"{named} has no phenotype that CPIC's table knows"
    return NoAdvice(drug.code.display, unmet, genes=unknown)


def _named(drug: Drug, results: Results) -> str:
    return ", ".join(f"{gene} {result}" for gene, result in zip(drug.genes, results, strict=True))


def _changes(
    drug: Drug,
    found: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
    counting: Mapping[str, GeneCall],
    others: Mapping[str, Others],
) -> Iterator[str]:
    """Say what would lead to other advice: another gene, phase, or a position that was not read."""
    for gene in drug.genes:
        if gene not in others:
            yield f"{gene} is called"
            continue
        several = len(counting[gene].lookup_keys) > 1 and len(set(found.values())) > 1
        if several or counting[gene].disputed:
            yield _told_apart(calls[gene], counting[gene], drug.release)
        yield from _if_known(gene, others[gene])


def _told_apart(call: GeneCall, counting: GeneCall, release: Path) -> str:
    """Say what would tell equally good results of a call apart, or of what it counts as."""
    if len(call.lookup_keys) == 1:
        return f"it is known which counts of {call.gene}: {' or '.join(counting.lookup_keys)}"
    if call.caller or not is_known(call, release):
        return f"{call.gene} is called for sure"
    each = (f"{d} is {in_words(outcome.phenotype)}" for d, outcome in answers_of(call, release))
    what = unread(call, release) or "the phase"
    return f"{what} of {call.gene} is known: {'; '.join(each)}"


def _others(
    n: int,
    call: GeneCall,
    table: Mapping[Results, Statement],
    found: Mapping[Results, Statement],
    release: Path,
) -> Others:
    """Give other advice that the n-th gene may lead to, each with the conditions of it.

    What an allele leads to on both strands is told where it leads nowhere else on one.
    """
    said = {(statement.kind, statement.action) for statement in found.values()}
    others: dict[tuple[str, str], dict[str, Alternative]] = {}
    told: set[str] = set()
    for alternative in if_known(call, release):
        if alternative.is_on_both and alternative.condition in told:
            continue
        for results in found:
            key = (*results[:n], alternative.outcome.key, *results[n + 1 :])
            other = table.get(key)
            if other and (other.kind, other.action) not in said:
                conditions = others.setdefault((other.kind, other.action), {})
                conditions.setdefault(alternative.condition, alternative)
                told.add(alternative.condition)
    return others


def _if_known(gene: str, others: Others) -> Iterator[str]:
    for (kind, _), conditions in others.items():
        for condition, alternative in list(conditions.items())[:MOST_CONDITIONS]:
            meaning = in_words(alternative.outcome.phenotype)
            yield f"{condition}: {gene} {alternative.answer}, {meaning} → {kind}"
        if len(conditions) > MOST_CONDITIONS:
            n_more = len(conditions) - MOST_CONDITIONS
            yield f"one of {n_more} more positions of {gene} that were not read differs → {kind}"


def _may_turn(said: str, others: Others) -> bool:
    """Say whether a position that was not read may lead to use as usual, or away from it."""
    return any(
        alternative.is_unread
        for (kind, _), conditions in others.items()
        if kind != said and USUAL in (kind, said)
        for alternative in conditions.values()
    )
