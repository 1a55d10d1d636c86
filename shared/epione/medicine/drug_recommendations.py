"""What the genome says of each medicine: of those ordered, and ahead of those that may be.

An ordered medicine gets whatever the guideline says, "use as usual" included; one that is not
ordered is spoken of only where something would be done differently.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from epione.medicine.pharmacogenomics.advice import DrugAdvice, NoAdvice
from epione.medicine.recommendation import Evidence, Reason, Recommendation, Subject, SubjectKind
from epione.timeline import Code, GeneCall, Genome, History, Medication, Stated

GENE = "http://www.genenames.org"
AHEAD = "If {} is considered"
ACTIONABLE = frozenset({"adjust", "avoid"})

Orders = tuple[Stated[Medication], ...]


class DrugGuidelines(Protocol):
    """What is known of medicines and genes, the same for as long as the process runs."""

    def __hash__(self) -> int: ...

    def drug_of(self, code: Code) -> Code | None:
        """Give the ingredient of an ordered product, where a map knows it."""

    def drugs(self) -> Sequence[Code]:
        """Give every ingredient that a guideline speaks of."""

    def genes_of(self, drug: Code) -> Sequence[str]:
        """Give the genes that the guideline asks for."""

    def evidence_of(self, drug: Code) -> tuple[Evidence, ...]:
        """Give the guidelines that speak of it."""

    def advice_for(
        self, drug: Code, calls: Mapping[str, GeneCall]
    ) -> Sequence[DrugAdvice] | NoAdvice:
        """Give what they say for these genes."""


def drug_recommendations(
    history: History, genome: Genome, guidelines: DrugGuidelines
) -> Iterator[Recommendation]:
    """Give advice on the medicines that are ordered, and the tests that they call for."""
    if history.denial("genomics"):
        return
    orders = orders_of(history, guidelines)
    advised = _advised(guidelines, genome.gene_calls)
    for drug, ordered in orders.items():
        for advice in advised.get(drug, ()):
            yield _recommendation(advice, genome, ordered)
    yield from _tests(orders, genome, guidelines)


def advice_ahead(
    history: History, genome: Genome, guidelines: DrugGuidelines
) -> Iterator[Recommendation]:
    """Give advice on the medicines that are not ordered, where it would change something."""
    if history.denial("genomics"):
        return
    orders = orders_of(history, guidelines)
    for drug, advised in _advised(guidelines, genome.gene_calls).items():
        for advice in advised:
            if drug not in orders and advice.kind in ACTIONABLE:
                yield _recommendation(advice, genome, ())


def orders_of(history: History, guidelines: DrugGuidelines) -> Mapping[Code, Orders]:
    """Give the current orders by ingredient, by name."""
    orders: dict[Code, Orders] = {}
    for stated in history.medications:
        if (drug := guidelines.drug_of(stated.value.drug)) is not None:
            orders[drug] = (*orders.get(drug, ()), stated)
    return dict(sorted(orders.items(), key=lambda order: _name(order[0])))


def is_called(gene: str, genome: Genome) -> bool:
    """Say whether a genome of this patient answers for the gene."""
    call = genome.calls[gene].value if gene in genome.calls else None
    return call is not None and not call.no_call_reason and not call.disputed


def uncalled(gene: str, genome: Genome) -> Reason:
    """Say why the gene has no call, or none to rest on, with the positions that resolve it."""
    stated = genome.calls.get(gene)
    if stated is None:
        return Reason(f"{gene} is not in any genome on the record that may be used")
    if stated.value.disputed:
        return Reason(f"two callers disagree on {gene}", genome.events_of(gene))
    if is_called(gene, genome):
        called = " or ".join(stated.value.diplotypes)
        text = f"{gene} is called {called} without a position that may change what is advised"
        return Reason(text, (stated.event_id,))
    text = f"{gene} is not called: {stated.value.no_call_reason}"
    if stated.value.missing_positions:
        text += f"; missing positions {', '.join(map(str, stated.value.missing_positions))}"
    return Reason(text, (stated.event_id,))


@lru_cache(maxsize=1_000)
def _advised(
    guidelines: DrugGuidelines, calls: tuple[GeneCall, ...]
) -> Mapping[Code, Sequence[DrugAdvice]]:
    """Give the advice on every drug that has any; kept, for genomes stay while events come."""
    by_gene = {call.gene: call for call in calls}
    found = {
        drug: guidelines.advice_for(drug, by_gene) for drug in sorted(guidelines.drugs(), key=_name)
    }
    return {drug: advice for drug, advice in found.items() if not isinstance(advice, NoAdvice)}


def _recommendation(advice: DrugAdvice, genome: Genome, orders: Orders) -> Recommendation:
    name = _name(advice.drug)
    genes = tuple(event for gene in advice.genes for event in genome.events_of(gene))
    population = "" if advice.population == "general" else f"/{advice.population}"
    return Recommendation(
        id="",
        key=f"drug/{name}/{advice.source}{population}",
        subject=Subject(SubjectKind.DRUG, advice.drug, name),
        action=_action(advice, orders),
        strength=advice.strength,
        evidence=advice.evidence,
        reasons=(
            *(Reason(text, tuple(dict.fromkeys(genes))) for text in advice.reasons),
            *_order_reasons(name, orders),
        ),
        would_change_if=advice.would_change_if,
        versions={each.source: each.release for each in advice.evidence},
        valid_until=_end_of(orders),
    )


def _action(advice: DrugAdvice, orders: Orders) -> str:
    """Say what to do, and for whom where the guideline does not speak of everyone."""
    of_whom = "" if advice.population == "general" else f", {advice.population}"
    if orders:
        read = f"As far as {' and '.join(advice.unread)} was read: " if advice.unread else ""
        return f"{read}{of_whom.removeprefix(', ')}{': ' if of_whom else ''}{advice.action}"
    return f"{AHEAD.format(_name(advice.drug))}{of_whom}: {advice.action}"


def is_ahead(recommendation: Recommendation) -> bool:
    """Say whether it speaks of a medicine that is not ordered."""
    return recommendation.action.startswith(AHEAD.format(recommendation.subject.name))


def _order_reasons(name: str, orders: Orders) -> Iterator[Reason]:
    if not orders:
        yield Reason(f"no current order of {name} on the record")
    for each in orders:
        shown = each.value.drug.display or name
        yield Reason(f"current {each.value.kind}: {shown}", (each.event_id,))


def _tests(
    orders: Mapping[Code, Orders], genome: Genome, guidelines: DrugGuidelines
) -> Iterator[Recommendation]:
    """Ask for the genes that ordered medicines are judged by and that nothing calls for sure."""
    wanted: dict[str, list[Code]] = {}
    advised = _advised(guidelines, genome.gene_calls)
    for drug in orders:
        unread = {gene for advice in advised.get(drug, ()) for gene in advice.unread}
        for gene in guidelines.genes_of(drug):
            if gene in unread or not is_called(gene, genome):
                wanted.setdefault(gene, []).append(drug)
    for gene, drugs in sorted(wanted.items()):
        yield _test(gene, drugs, orders, genome, guidelines)


def _test(
    gene: str,
    drugs: Sequence[Code],
    orders: Mapping[Code, Orders],
    genome: Genome,
    guidelines: DrugGuidelines,
) -> Recommendation:
    evidence = tuple(dict.fromkeys(e for drug in drugs for e in guidelines.evidence_of(drug)))
    names = ", ".join(map(_name, drugs))
    return Recommendation(
        id="",
        key=f"test/gene/{gene}",
        subject=Subject(SubjectKind.TEST, Code(GENE, gene, gene), f"{gene} genotype"),
        action=f"Genotype {gene}: the guideline judges {names} by it",
        strength="for information",
        evidence=evidence,
        reasons=(
            uncalled(gene, genome),
            *(reason for drug in drugs for reason in _order_reasons(_name(drug), orders[drug])),
        ),
        would_change_if=(f"{gene} is called with every position that decides",),
        versions={each.source: each.release for each in evidence},
        serves=tuple(Subject(SubjectKind.DRUG, drug, _name(drug)) for drug in drugs),
    )


def _end_of(orders: Orders) -> datetime | None:
    """Give when the last of the orders ends, where all of them do."""
    ends = [each.value.ends_at for each in orders]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _name(drug: Code) -> str:
    return drug.display
