"""What a guideline says of one drug for these genes, or why it says nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from epione.medicine.pharmacogenomics.alternatives import (
    Alternative,
    answers_of,
    if_known,
    is_known,
    unread,
)
from epione.medicine.pharmacogenomics.answers import DEPENDS, Answers, DrugAdvice, NoAdvice
from epione.medicine.pharmacogenomics.called import (
    in_words,
    is_looked_up,
    meaning_of,
    reasons_of,
    why_not_called,
    written_call,
)
from epione.medicine.pharmacogenomics.circumstances import Taken, last_end
from epione.medicine.pharmacogenomics.phenoconversion import Conversion, conversion_of
from epione.medicine.pharmacogenomics.results import as_written, row_of
from epione.medicine.pharmacogenomics.tables import (
    CPIC,
    DPWG,
    NO_RESULT,
    Drug,
    Results,
    Statement,
    Table,
)
from epione.timeline import GeneCall

USUAL = "standard"  # the kind of use as usual
ACTIONABLE = frozenset({"adjust", "avoid"})
UNDECIDED = "indeterminate"  # the kind that recommends nothing
# The kinds that leave a drug as it is. DPWG speaks of results that ask for something else: where it
# recommends nothing, nothing need change.
UNCHANGED: Mapping[str, frozenset[str]] = {
    CPIC: frozenset({USUAL}),
    DPWG: frozenset({USUAL, UNDECIDED}),
}
GRADED_AS_NONE = "No recommendation"
# More conditions than this that lead to the same advice would bury the others.
MOST_CONDITIONS = 3

Others = Mapping[tuple[str, str], Mapping[str, Alternative]]  # by kind and action, then condition


def answers_on(
    drug: Drug, source: str, calls: Mapping[str, GeneCall], taken: tuple[Taken, ...] = ()
) -> Answers:
    """Give what a guideline's tables say for these calls beside what is taken, one entry a table.

    A call that counts as another beside what is taken is looked up as that other. Where tables give
    no advice for the same reason, it is given once.
    """
    answers = (_answer(drug, table, calls, taken) for table in drug.tables_of(source))
    return tuple(dict.fromkeys(answers))


def not_held(drug: Drug) -> NoAdvice:
    """Say that CPIC links the drug to genes, and that the release has no table of it."""
    name, genes = drug.code.display, ", ".join(drug.cpic_genes)
    unmet = f"CPIC's guideline on {name} ({genes}) is not held in this release"
    return NoAdvice(name, unmet, source=CPIC, is_held=False)


def _answer(
    drug: Drug, table: Table, calls: Mapping[str, GeneCall], taken: tuple[Taken, ...]
) -> DrugAdvice | NoAdvice:
    name = drug.code.display
    calls = {
        gene: as_written(calls[gene], table, name, drug.release)
        for gene in table.genes
        if gene in calls
    }
    if not any(is_looked_up(gene, calls) for gene in table.genes):
        reason = why_not_called(table.genes[0], calls, drug.release)
        return NoAdvice(name, reason, genes=table.genes, source=table.source)
    conversions = {
        gene: conversion_of(gene, calls.get(gene), taken, drug, table.source)
        for gene in table.genes
    }
    counting = {gene: each.call for gene, each in conversions.items() if each.call}
    found = _found(drug, table, counting)
    if isinstance(found, NoAdvice):
        return found
    plain = _advice(drug, table, found, calls, counting)
    return _beside(plain, drug, table, calls, conversions)


def _found(
    drug: Drug, table: Table, calls: Mapping[str, GeneCall]
) -> Mapping[Results, Statement] | NoAdvice:
    """Look up every combination of equally good results.

    A result that no row knows counts as none, where whatever else it might be asks for a change,
    too: what another gene asks for then stands. This is this project's own rule.
    """
    keys = [calls[g].lookup_keys if is_looked_up(g, calls) else (NO_RESULT,) for g in table.genes]
    found: dict[Results, Statement] = {}
    for results in product(*keys):
        known = tuple(
            key if key in rows else NO_RESULT
            for key, rows in zip(results, table.results, strict=True)
        )
        if known not in table.rows or (
            known != results and not _always_changes(table.rows, results, known)
        ):
            return _without_meaning(drug, table, results, calls)
        found[known] = table.rows[known]
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
    table: Table,
    calls: Mapping[str, GeneCall],
    conversions: Mapping[str, Conversion],
) -> DrugAdvice:
    """Say of advice what is taken beside, and what is advised again when that stops."""
    told = conversions.values()
    if not any(each.reasons for each in told):
        return advice
    evidence = (*advice.evidence, *(e for each in told for e in each.evidence))
    unheeded = [taken for each in told for taken in each.unheeded]
    ends = last_end(taken.ends for each in told for taken in each.deciding)
    return replace(
        advice,
        action=_as_if_without(unheeded) + advice.action,
        would_change_if=(
            *_when_it_stops(advice, drug, table, calls, conversions),
            *advice.would_change_if,
        ),
        evidence=tuple(dict.fromkeys(evidence)),
        beside=tuple(reason for each in told for reason in each.reasons),
        ends=min(filter(None, (ends, *(taken.ends for taken in unheeded))), default=None),
    )


def _as_if_without(unheeded: Sequence[Taken]) -> str:
    """Say that a guideline goes by the genotype, where what is taken makes less of it.

    This is this project's own caution: more of a drug than usual, for a genotype that an inhibitor
    makes poor, would be the opposite of what is needed.
    """
    if not unheeded:
        return ""
    names = " and ".join(dict.fromkeys(taken.drug.display for taken in unheeded))
    return f"By the genotype alone, as if {names} were not taken: "


def _when_it_stops(
    advice: DrugAdvice,
    drug: Drug,
    table: Table,
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
        said = _said(table, genetic, calls)
        if (said.kind, said.action) == (advice.kind, advice.action):
            return
        then = f"{said.kind}: {said.action}"
    again = " and ".join(f"{gene} is {meaning_of(calls[gene])} again" for gene in converted)
    yield f"{' and '.join(names)} {'stops' if len(names) == 1 else 'stop'}: {again} → {then}"


def _said(
    table: Table, found: Mapping[Results, Statement], calls: Mapping[str, GeneCall]
) -> Statement:
    """Give what the results say; where they disagree, or callers do, all of it and no choice."""
    said = next(iter(found.values()))
    are_disputed = any(calls[gene].disputed for gene in table.genes if is_looked_up(gene, calls))
    if not are_disputed and len({(s.kind, s.action) for s in found.values()}) == 1:
        return said
    each: dict[str, list[str]] = {}
    for results, statement in found.items():
        each.setdefault(statement.action, []).append(_named(table, results))
    told = " ".join(f"{' or '.join(results)}: {action}" for action, results in each.items())
    action = f"{DEPENDS} {told}"
    return Statement(UNDECIDED, action, GRADED_AS_NONE, said.as_of)


def _advice(
    drug: Drug,
    table: Table,
    found: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
    counting: Mapping[str, GeneCall],
) -> DrugAdvice:
    """Give the advice, with what would change it; `counting` are the calls that were looked up."""
    said = _said(table, found, counting)
    others = {
        gene: _others(n, counting[gene], table, found, drug.release)
        for n, gene in enumerate(table.genes)
        if is_looked_up(gene, counting)
    }
    return DrugAdvice(
        drug=drug.code,
        source=table.source,
        kind=said.kind,
        action=said.action,
        strength=said.strength,
        population=table.population,
        genes=table.genes,
        reasons=tuple(
            reason for gene in table.genes for reason in reasons_of(gene, calls, drug.release)
        ),
        would_change_if=tuple(_changes(drug, table, found, calls, counting, others)),
        evidence=table.evidence_of(found.values()),
        unread=tuple(
            gene for gene in others if _may_turn(said.kind, others[gene], UNCHANGED[table.source])
        ),
        unanswered=tuple(
            (gene, why_not_called(gene, calls, drug.release))
            for gene in table.genes
            if gene in calls and gene not in others
        ),
        looked_up=tuple(counting[gene] for gene in others),
    )


def _without_meaning(
    drug: Drug, table: Table, results: Results, calls: Mapping[str, GeneCall]
) -> NoAdvice:
    """Say which call has a result that is in no row: CPIC's tables have rows for all others."""
    unknown = tuple(
        gene for n, gene in enumerate(table.genes) if results[n] not in table.results[n]
    )
    name = drug.code.display
    if table.source == CPIC and not table.is_part:
        named = ", ".join(written_call(calls[gene]) for gene in unknown)
        unmet = f"{named} has no phenotype that CPIC's table knows"
        return NoAdvice(name, unmet, genes=unknown, source=CPIC)
    named = _named(table, results)
    unmet = f"{table.source}'s table on {name} holds no statement for {named}"
    if table.is_part:
        unmet = (
            f"this release holds a part alone of {table.source}'s table on {name}, and in it "
            f"nothing for {named}"
        )
    return NoAdvice(name, unmet, source=table.source)


def _named(table: Table, results: Results) -> str:
    return ", ".join(f"{gene} {result}" for gene, result in zip(table.genes, results, strict=True))


def _changes(
    drug: Drug,
    table: Table,
    found: Mapping[Results, Statement],
    calls: Mapping[str, GeneCall],
    counting: Mapping[str, GeneCall],
    others: Mapping[str, Others],
) -> Iterator[str]:
    """Say what would lead to other advice: another gene, phase, or a position that was not read."""
    are_alike = len({(s.kind, s.action, s.strength) for s in found.values()}) == 1
    for gene in table.genes:
        if gene not in others:
            yield f"{gene} is called"
            continue
        several = len(counting[gene].lookup_keys) > 1 and not are_alike
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
    table: Table,
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
        asked = alternative.answer, alternative.outcome.key
        row = row_of(*asked, call.gene, table.results[n], release)
        for results in found:
            other = table.rows.get((*results[:n], row, *results[n + 1 :]))
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


def _may_turn(said: str, others: Others, unchanged: frozenset[str]) -> bool:
    """Say whether a position that was not read may lead to use as usual, or away from it."""
    return any(
        alternative.is_unread
        for (kind, _), conditions in others.items()
        if (kind in unchanged) != (said in unchanged)
        for alternative in conditions.values()
    )
