"""What a guideline says of one drug for these genes, or why it says nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from epione.medicine.pharmacogenomics.alternatives import answers_of, if_read
from epione.medicine.pharmacogenomics.guideline import NO_RESULT, SOURCE, Drug, Statement, drug_of
from epione.medicine.recommendation import Evidence
from epione.timeline import Code, GeneCall

GRADED_AS_NONE = "No recommendation"
# More than this many conditions of one kind would bury the others.
MOST_CONDITIONS = 3


@dataclass(frozen=True, slots=True)
class DrugAdvice:
    """One guideline's answer for one drug and population.

    `kind` is "standard" (use as usual), "adjust" (another dose or monitoring), "avoid" (another
    drug), or "indeterminate" (the guideline gives no recommendation for this result).
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


@dataclass(frozen=True, slots=True)
class NoAdvice:
    """Why there is no advice: the first condition that is not met, in words."""

    drug: str
    unmet: str


def advice_for(drug: Code, calls: Mapping[str, GeneCall]) -> tuple[DrugAdvice, ...] | NoAdvice:
    """Give what CPIC advises on an ordered drug, one entry a population.

    Args:
        drug: As coded: an RxNorm ingredient or product, or an ingredient's exact name as display.
        calls: What the genome says, by gene. A gene that is not there was not read at all.
    """
    known = drug_of(drug)
    if known is None:
        named = drug.display or drug.code
        return NoAdvice(named, f"{drug.code or named} is not mapped to a drug with a guideline")
    name = known.code.display
    if not known.statements:
        genes = ", ".join(known.guideline_genes)
        return NoAdvice(name, f"CPIC's guideline on {name} ({genes}) is not held in this release")
    usable = [gene for gene in known.genes if gene in calls and calls[gene].lookup_keys]
    if not usable:
        return NoAdvice(name, _not_called(known.genes[0], calls))
    advice = [_advice(known, population, calls) for population in known.populations]
    given = tuple(entry for entry in advice if isinstance(entry, DrugAdvice))
    return given or next(entry for entry in advice if isinstance(entry, NoAdvice))


def _advice(
    drug: Drug, population: str, calls: Mapping[str, GeneCall]
) -> DrugAdvice | NoAdvice:
    """Give the advice for one population; both, and no choice, where the diplotypes disagree."""
    table = _table(drug, population)
    results = [_keys(gene, calls) for gene in drug.genes]
    found: dict[tuple[str, ...], Statement] = {}
    for keys in product(*results):
        statement = table.get(keys)
        if statement is None:
            return NoAdvice(drug.code.display, _not_in_table(drug, keys, calls))
        found[keys] = statement
    first, *others = dict.fromkeys((s.kind, s.action, s.strength) for s in found.values())
    kind, action, strength = first
    if others:
        each = (f"{_result(drug, keys)}: {statement.action}" for keys, statement in found.items())
        kind, action = "indeterminate", f"It depends on which result is true. {' '.join(each)}"
        strength = GRADED_AS_NONE
    return DrugAdvice(
        drug=drug.code,
        source=SOURCE,
        kind=kind,
        action=action,
        strength=strength,
        population=population,
        genes=drug.genes,
        reasons=tuple(_reasons(drug.genes, calls)),
        would_change_if=tuple(_changes(drug, table, found, calls)),
        evidence=drug.evidence,
    )


def _table(drug: Drug, population: str) -> Mapping[tuple[str, ...], Statement]:
    return {
        tuple(statement.results[gene] for gene in drug.genes): statement
        for statement in drug.statements
        if statement.population == population
    }


def _keys(gene: str, calls: Mapping[str, GeneCall]) -> tuple[str, ...]:
    return calls[gene].lookup_keys if gene in calls and calls[gene].lookup_keys else (NO_RESULT,)


def _not_called(gene: str, calls: Mapping[str, GeneCall]) -> str:
    """Say why a gene has no result."""
    if gene not in calls:
        return f"{gene} is not in the genome"
    call = calls[gene]
    reason = f"{gene} is not called: {call.no_call_reason}"
    if call.missing_positions:
        reason += f"; {len(call.missing_positions)} of its positions are not in the file"
    return reason


def _not_in_table(drug: Drug, keys: Sequence[str], calls: Mapping[str, GeneCall]) -> str:
    for gene, key in zip(drug.genes, keys, strict=True):
        if key == NO_RESULT:
            return f"CPIC's table on {drug.code.display} needs {_not_called(gene, calls)}"
    for gene, key in zip(drug.genes, keys, strict=True):
        if key not in {statement.results[gene] for statement in drug.statements}:
            return f"the phenotype of {_called(calls[gene])} is not assigned"
    return f"CPIC's table on {drug.code.display} has no row for {_result(drug, keys)}"


def _result(drug: Drug, keys: Sequence[str]) -> str:
    return ", ".join(f"{gene} {key}" for gene, key in zip(drug.genes, keys, strict=True))


def _called(call: GeneCall) -> str:
    found = call.diplotypes or (" + ".join(call.component_haplotypes),)
    return f"{call.gene} {' or '.join(found)}".strip()


def _reasons(genes: Sequence[str], calls: Mapping[str, GeneCall]) -> Iterator[str]:
    for gene in genes:
        call = calls.get(gene)
        if call is None or not call.lookup_keys:
            yield _not_called(gene, calls)
            continue
        meaning = [phenotype or "no phenotype assigned" for phenotype in call.phenotypes]
        scores = [f"activity score {score}" for score in call.activity_scores]
        yield f"{_called(call)}: {', '.join([' or '.join(meaning), *scores])}"
        yield from call.warnings


def _changes(
    drug: Drug,
    table: Mapping[tuple[str, ...], Statement],
    found: Mapping[tuple[str, ...], Statement],
    calls: Mapping[str, GeneCall],
) -> Iterator[str]:
    """Say what would lead to other advice: another gene, phase, or a position that was not read."""
    kinds = {(statement.kind, statement.action) for statement in found.values()}
    for n, gene in enumerate(drug.genes):
        if gene not in calls or not calls[gene].lookup_keys:
            yield f"{gene} were called"
            continue
        call = calls[gene]
        if len(call.diplotypes) > 1 or call.component_haplotypes:
            yield f"the phase of {gene} were known: {_each_answer(call)}"
        conditions: dict[tuple[str, str], list[str]] = {}
        for alternative in if_read(call):
            for keys in found:
                other = table.get((*keys[:n], alternative.outcome.key, *keys[n + 1 :]))
                if other and (other.kind, other.action) not in kinds:
                    text = f"{alternative.condition}: {gene} {alternative.answer}, {_meaning(alternative.outcome.phenotype)}"
                    conditions.setdefault((other.kind, other.action), []).append(text)
        for (kind, _), texts in conditions.items():
            texts = list(dict.fromkeys(texts))
            more = len(texts) - MOST_CONDITIONS
            yield from (f"{text} → {kind}" for text in texts[:MOST_CONDITIONS])
            if more > 0:
                yield f"any of {more} more alleles of {gene}, not ruled out by what was read → {kind}"


def _each_answer(call: GeneCall) -> str:
    return "; ".join(f"{text} is {_meaning(outcome.phenotype)}" for text, outcome in answers_of(call))


def _meaning(phenotype: str | None) -> str:
    return phenotype or "without a phenotype"
