"""What a gene may turn out to be, and the fewest positions to read until it is known.

A *completion* puts a whole genotype of documented bases, the reference among them, at each position
of which none was read, and agrees with half a genotype where one was. What it answers is what
`call_gene` would. Where one phase set phases the gene as a whole, what is read later may be phased
with it in any way; elsewhere it is unphased. A completion that no pair of known alleles explains
is a no call: it leaves no diplotype possible, and settles nothing.

Taking a record away leaves at least as much possible, but where it was the last one to say that the
gene is phased, or where several phase sets share the gene: then a phase is forgotten with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations_with_replacement

from epione.medicine.genome import Genome
from epione.medicine.pharmacogenomics.combining import Combining
from epione.medicine.pharmacogenomics.completions import Gaps, gaps_of, genotypes
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.explained import (
    Explained,
    explained,
    plainest,
    reading_of,
    spelling_of,
    varied,
)
from epione.medicine.pharmacogenomics.notation import strands_of
from epione.medicine.pharmacogenomics.observed import Observed, observe
from epione.medicine.pharmacogenomics.phenotype import outcome_of
from epione.medicine.pharmacogenomics.settling import Reading, Settling, in_order, settling
from epione.medicine.pharmacogenomics.variants import outcome_of_strands
from epione.timeline import GeneCall

# Where more answers are possible, only the nearest to what was read are listed.
MOST_LISTED = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What a completion may be called: a diplotype, or variants found whose phase is not known."""

    diplotype: str | None
    component_haplotypes: tuple[str, ...]
    phenotype: str | None


@dataclass(frozen=True, slots=True)
class Possible:
    """What a gene may turn out to be. Positions are GRCh38's.

    `answers` are all there are; of more than `MOST_LISTED`, those with at most one alternative more
    than the plainest. `n_answers` counts them all; where variants combine freely and not all are
    listed, it is a bound from above. `phenotypes` and both sets of positions speak of all.
    """

    answers: tuple[Answer, ...]
    n_answers: int
    phenotypes: tuple[str | None, ...]
    # None where no position settles it: what stands in the way was read, or is no small variant.
    settled_by: Settling | None  # the phenotype
    diplotype_settled_by: Settling | None


NOTHING = Possible((), 0, (), None, None)


def possible_of(call: GeneCall, gene: Gene, genome: Genome) -> Possible:
    """Say what the call of a gene of a genome may become when more of the gene is read.

    The call is the genome's own. Of a gene that small variants do not decide, nothing is said.
    """
    if gene.calling.research_only:
        return NOTHING
    if not call.missing_positions and (call.diplotypes or call.component_haplotypes):
        return _listed([answers_of(gene, call)], Settling(()), Settling(()))
    observed = observe(gene, genome)
    gaps = gaps_of(gene, observed)
    if observed.undocumented:
        return _undocumented(gene, gaps, observed)
    return _possible(gene, gaps)


def answers_of(gene: Gene, call: GeneCall) -> list[Answer]:
    """Give each equally good answer of a call with what it means."""
    if not call.diplotypes:
        return [Answer(None, call.component_haplotypes, *call.phenotypes)]
    return [
        Answer(diplotype, (), outcome_of_strands(gene, strands_of(diplotype)).phenotype)
        for diplotype in call.diplotypes
    ]


@lru_cache(maxsize=4_096)
def _possible(gene: Gene, gaps: Gaps) -> Possible:
    return _combined(gene, gaps) if gene.calling.lowest_first else _paired(gene, gaps)


def _combined(gene: Gene, gaps: Gaps) -> Possible:
    combining = Combining(gene, gaps)
    is_whole = combining.n_completions <= MOST_LISTED
    calls = combining.all_calls() if is_whole else combining.nearest_calls()
    answers = tuple(dict.fromkeys(a for call in calls for a in answers_of(gene, call)))
    return Possible(
        answers=answers,
        n_answers=len(answers) if is_whole else combining.n_completions,
        phenotypes=combining.phenotypes(),
        settled_by=Settling(combining.settled_by()),
        diplotype_settled_by=Settling(combining.diplotype_settled_by()),
    )


def _paired(gene: Gene, gaps: Gaps) -> Possible:
    named = explained(gene, gaps)
    answers = {
        reading: [Answer("/".join(pair), (), outcome_of(gene, pair).phenotype) for pair in pairs]
        for reading, pairs in named.items()
    } | _decided_alone(gene, gaps, named)
    if not answers:
        return NOTHING
    masks = {p: spelling_of(gene).masks[p] for p in gaps.positions}
    every = sum(masks.values())
    n_changed = {reading: ((reading[0] | reading[1]) & every).bit_count() for reading in answers}
    fewest = min(n_changed.values())
    meanings = {
        reading: frozenset(answer.phenotype for answer in found)
        for reading, found in answers.items()
    }
    return _listed(
        [answers[reading] for reading in sorted(answers, key=n_changed.__getitem__)],
        settling(meanings, masks),
        settling(named, masks) if named else None,
        n_near=sum(n <= fewest + 1 for n in n_changed.values()),
    )


def _listed(
    answers: Sequence[Sequence[Answer]],
    settled_by: Settling | None,
    diplotype_settled_by: Settling | None,
    n_near: int = 0,
) -> Possible:
    """List the answers of each completion, the first `n_near` alone where there are too many."""
    every = tuple(dict.fromkeys(chain.from_iterable(answers)))
    near = tuple(dict.fromkeys(chain.from_iterable(answers[:n_near])))
    return Possible(
        answers=every if len(every) <= MOST_LISTED else near,
        n_answers=len(every),
        phenotypes=tuple(dict.fromkeys(answer.phenotype for answer in every)),
        settled_by=settled_by,
        diplotype_settled_by=diplotype_settled_by,
    )


def _decided_alone(gene: Gene, gaps: Gaps, named: Explained) -> dict[Reading, list[Answer]]:
    """Give what completions mean that no pair explains, where one position decides then.

    Those are given that differ at one position from a completion that is explained, or at the
    deciding position from such a one. All phenotypes are among them; and since every completion
    means something here, a position that ever changes the meaning does so between two of these.
    """
    if not gene.calling.decided_by or gaps.is_haploid:
        return {}
    decider, _ = gene.calling.decided_by
    around = varied(gene, gaps, named, gaps.positions) if named else {plainest(gene, gaps)}
    alone = around - named.keys()
    if decider in gaps.positions:
        alone |= varied(gene, gaps, alone, [decider]) - named.keys()
    position, spelling = gene.positions[decider], spelling_of(gene)
    meanings: dict[Reading, list[Answer]] = {}
    for bases in combinations_with_replacement((position.ref, *position.alts), 2):
        one, other = (spelling.bits([(decider, base)]) for base in bases)
        meanings[reading_of(one, other, gaps)] = [_alone(gene, bases)]
    mask = spelling.masks[decider]
    return {r: meanings[in_order(r[0] & mask, r[1] & mask)] for r in alone}


def _undocumented(gene: Gene, gaps: Gaps, observed: Observed) -> Possible:
    """Say what stays possible where a base is in no definition: what one position decides alone."""
    decider, _ = gene.calling.decided_by or (0, {})
    if decider not in gene.positions or decider in observed.undocumented:
        return NOTHING
    bases = observed.bases.get(decider)
    known = observed.known.get(decider, "")
    found = [bases] if bases else genotypes(gene, gaps, decider, known)
    answers = [[_alone(gene, genotype)] for genotype in found]
    return _listed(answers, Settling((decider,) if len(answers) > 1 else ()), None)


def _alone(gene: Gene, bases: Sequence[str]) -> Answer:
    """Give what the deciding position means by itself (see `calling`)."""
    _, star_by_base = gene.calling.decided_by or (0, {})
    return Answer(None, (), outcome_of(gene, [star_by_base[base] for base in bases]).phenotype)
