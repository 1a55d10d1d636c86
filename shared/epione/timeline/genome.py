"""What a patient's genomes say, gene by gene, and what is held back of them.

A genome is held where it may be another's: it shows the other sex than the chart. A gene is held
where two genomes call it differently. Nothing is used where consent to genomics is denied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from epione.timeline.events import Gender, GeneCall, GenomicFeatures
from epione.timeline.history import History, Stated

CONTRADICTS = {(Gender.FEMALE, "XY"), (Gender.MALE, "XX")}


@dataclass(frozen=True, slots=True)
class Genome:
    """Calls by gene, the called before the uncalled; `holds` say why something is left out."""

    calls: Mapping[str, Stated[GeneCall]] = field(default_factory=dict)
    holds: tuple[str, ...] = ()

    @property
    def gene_calls(self) -> tuple[GeneCall, ...]:
        return tuple(stated.value for stated in self.calls.values())


def genome_of(history: History) -> Genome:
    """Read the genes that may be used."""
    if history.genomes and history.denial("genomics"):
        return Genome(holds=("genomic results are held: consent to genomics is denied",))
    usable = [genome for genome in history.genomes if not _contradicts(genome, history.sex)]
    calls: dict[str, Stated[GeneCall]] = {}
    disputed: set[str] = set()
    for genome in usable:
        for call in genome.value.genes:
            known = calls.get(call.gene)
            if known is None or not _is_called(known.value):
                calls[call.gene] = Stated(call, genome.at, genome.event_id)
            elif _is_called(call):
                if _said(call) != _said(known.value):
                    disputed.add(call.gene)
                calls[call.gene] = Stated(call, genome.at, genome.event_id)
    holds = [f"{gene} is held: two genomes disagree on it" for gene in sorted(disputed)]
    if len(usable) < len(history.genomes):
        holds.insert(0, "a genome is held: it shows another sex than the chart")
    return Genome(
        {gene: call for gene, call in sorted(calls.items()) if gene not in disputed}, tuple(holds)
    )


def _contradicts(genome: Stated[GenomicFeatures], sex: Gender) -> bool:
    return (sex, genome.value.observed_sex) in CONTRADICTS


def _is_called(call: GeneCall) -> bool:
    return not call.no_call_reason


def _said(call: GeneCall) -> frozenset[str]:
    return frozenset((*call.diplotypes, *call.component_haplotypes))
