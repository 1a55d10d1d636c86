"""What a patient's genomes say, gene by gene, and what is held back of them.

A genome is held where it may be another's: it shows the other sex than the chart. A gene is held
where two genomes call it differently. What another caller says of a gene is joined to that, or
disputes it. Nothing is used where consent to genomics is denied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from epione.timeline.events import Gender, GeneCall, GenomicFeatures
from epione.timeline.history import History, Stated
from epione.timeline.joining import joined

CONTRADICTS = {(Gender.FEMALE, "XY"), (Gender.MALE, "XX")}


@dataclass(frozen=True, slots=True)
class Genome:
    """Calls by gene, the called before the uncalled; `holds` say why something is left out."""

    calls: Mapping[str, Stated[GeneCall]] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    # By gene, the deliveries beside that of the call which speak of it.
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def events_of(self, gene: str) -> tuple[str, ...]:
        """Give the deliveries that a gene's call rests on; none where it has no call."""
        if gene not in self.calls:
            return ()
        return self.calls[gene].event_id, *self.beside.get(gene, ())

    @property
    def gene_calls(self) -> tuple[GeneCall, ...]:
        return tuple(stated.value for stated in self.calls.values())


def genome_of(history: History) -> Genome:
    """Read the genes that may be used."""
    if history.genomes and history.denial("genomics"):
        return Genome(holds=("genomic results are held: consent to genomics is denied",))
    usable = [genome for genome in history.genomes if not _contradicts(genome, history.sex)]
    stated = [
        Stated(call, genome.at, genome.event_id) for genome in usable for call in genome.value.genes
    ]
    calls, held = _own([each for each in stated if not each.value.caller])
    beside = _join(calls, [each for each in stated if each.value.caller], held)
    holds = [f"{gene} is held: two genomes disagree on it" for gene in sorted(held)]
    if len(usable) < len(history.genomes):
        holds.insert(0, "a genome is held: it shows another sex than the chart")
    return Genome(dict(sorted(calls.items())), tuple(holds), beside)


def _own(stated: Sequence[Stated[GeneCall]]) -> tuple[dict[str, Stated[GeneCall]], set[str]]:
    """Give the calls of VCFs by gene, and the genes on which two of them disagree."""
    calls: dict[str, Stated[GeneCall]] = {}
    held: set[str] = set()
    for each in stated:
        known = calls.get(each.value.gene)
        if known is None or not known.value.is_called:
            calls[each.value.gene] = each
        elif each.value.is_called:
            if _said(each.value) != _said(known.value):
                held.add(each.value.gene)
            calls[each.value.gene] = each
    return {gene: call for gene, call in calls.items() if gene not in held}, held


def _join(
    calls: dict[str, Stated[GeneCall]], stated: Sequence[Stated[GeneCall]], held: set[str]
) -> Mapping[str, tuple[str, ...]]:
    """Put other callers' calls in place; give the deliveries that speak of a gene beside its own.

    A gene that is held stays so: which genome is the patient's is not another caller's to say.
    """
    theirs: dict[str, list[Stated[GeneCall]]] = {}
    for each in stated:
        if each.value.gene not in held:
            theirs.setdefault(each.value.gene, []).append(each)
    beside: dict[str, tuple[str, ...]] = {}
    for gene, others in theirs.items():
        *first, last = [calls[gene], *others] if gene in calls else others
        call = joined(*(each.value for each in (*first, last)))
        calls[gene] = Stated(call, last.at, last.event_id)
        if first:
            beside[gene] = tuple(each.event_id for each in reversed(first))
    return beside


def _contradicts(genome: Stated[GenomicFeatures], sex: Gender) -> bool:
    return (sex, genome.value.observed_sex) in CONTRADICTS


def _said(call: GeneCall) -> frozenset[str]:
    return frozenset((*call.diplotypes, *call.component_haplotypes))
