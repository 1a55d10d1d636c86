"""The completions of a gene whose variants are called one by one, and combine freely (DPYD, RYR1).

Every completion of such a gene is called, and there are exponentially many. Its phenotype rests on
the two lowest functions alone, or on the lowest of each strand where phase is known, so that the
phenotypes and what settles them follow from the few pairs of functions that can be reached.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain, product
from math import prod

from epione.medicine.pharmacogenomics.calling import call_observed
from epione.medicine.pharmacogenomics.completions import Gaps, genotypes
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.notation import strands_of
from epione.medicine.pharmacogenomics.observed import Observed
from epione.medicine.pharmacogenomics.phenotype import outcome_of
from epione.medicine.pharmacogenomics.variants import lowest_first
from epione.timeline import GeneCall

# The two functions that decide, as ranks from the lowest: of one strand and the other, or sorted.
Functions = tuple[int, int]
# What each genotype of a position adds.
Profile = frozenset[Functions]


class Combining:
    """One gene of one person."""

    def __init__(self, gene: Gene, gaps: Gaps) -> None:
        """Leave out of the gene what was read as the reference, which decides nothing."""
        self._gaps = gaps
        self._gene = _cut_down(gene, gaps)
        self._choices = {p: genotypes(gene, gaps, p, known) for p, known in gaps.unread}
        read = {p: bases for p, bases, _ in gaps.changed}
        plain = {p: choices[0] for p, choices in self._choices.items()}
        self._plain = {
            p: read.get(p) or plain.get(p) or (position.ref,) * 2
            for p, position in self._gene.positions.items()
        }
        self._phase_sets = dict.fromkeys(self._plain, gaps.phase_set)
        self._phase_sets |= {p: phase_set for p, _, phase_set in gaps.changed}
        self._ranks = {
            allele.star: gene.calling.lowest_first.index(allele.function)
            for allele in self._gene.alleles
        }
        self._star_by_rank = {rank: star for star, rank in self._ranks.items()}

    @property
    def n_completions(self) -> int:
        return prod(map(len, self._choices.values()))

    def all_calls(self) -> Iterator[GeneCall]:
        """Call every completion."""
        for chosen in product(*self._choices.values()):
            yield self._call(dict(zip(self._choices, chosen, strict=True)))

    def nearest_calls(self) -> Iterator[GeneCall]:
        """Call the completions in which at most one position differs from the plainest one."""
        yield self._call({})
        for p, choices in self._choices.items():
            yield from (self._call({p: genotype}) for genotype in choices[1:])

    def phenotypes(self) -> tuple[str | None, ...]:
        """Give every phenotype that a completion has.

        Exact, except where a gene has several phase sets: then no fewer than there are.
        """
        reached = self._reached(self._profile(p) for p in self._choices)
        return tuple(dict.fromkeys(self._phenotype(functions) for functions in sorted(reached)))

    def settled_by(self) -> tuple[int, ...]:
        """Give the fewest positions that settle the phenotype: each that can ever change it.

        Every combination of genotypes is a completion, so one that never changes it alone never
        does together with others, and one that may must be read.
        """
        profiles = {p: self._profile(p) for p in self._choices}
        decides = {profile: self._decides(profile, profiles) for profile in {*profiles.values()}}
        return tuple(p for p, profile in profiles.items() if decides[profile])

    def diplotype_settled_by(self) -> tuple[int, ...]:
        """Give the fewest positions that settle the diplotype.

        All of them, but a tag of which its causal partner, or half a genotype, says enough.
        """
        tags = self._gene.calling.tags
        return tuple(p for p in self._choices if p not in tags or self._names(p, tags[p]))

    def _call(self, chosen: Mapping[int, tuple[str, ...]]) -> GeneCall:
        return call_observed(self._gene, Observed({**self._plain, **chosen}, self._phase_sets))

    def _names(self, tag: int, causal: int) -> bool:
        """Say whether a tag may change the diplotype, its partner being what it is."""
        calls = [self._call({tag: genotype}) for genotype in self._choices[tag]]
        answers = {(call.diplotypes, call.component_haplotypes) for call in calls}
        return causal in self._choices or len(answers) > 1

    def _decides(self, profile: Profile, profiles: Mapping[int, Profile]) -> bool:
        """Say whether a position of this profile may change the phenotype, beside the others."""
        others = list(profiles.values())
        others.remove(profile)
        return any(
            len({self._phenotype(self._joined(before, added)) for added in profile}) > 1
            for before in self._reached(others)
        )

    def _reached(self, profiles: Iterable[Profile]) -> set[Functions]:
        """Give the pairs of functions that positions of these profiles lead to."""
        reached = self._before
        for profile in profiles:
            reached = {self._joined(one, other) for one, other in product(reached, profile)}
        return reached

    @cached_property
    def _before(self) -> set[Functions]:
        """Give the functions of what was read; of each answer, where phase leaves several.

        Where one of several then meets a variant of unknown phase, all are taken as unphased.
        """
        refs = {p: (self._gene.positions[p].ref,) * 2 for p in self._choices}
        call = self._call(refs)
        if not call.diplotypes:
            return {self._lowest(call.component_haplotypes)}
        pairs = list(map(strands_of, call.diplotypes))
        unphased = {self._lowest(chain(*pair)) for pair in pairs if len(pairs) > 1}
        return unphased | {(self._lowest(one)[0], self._lowest(other)[0]) for one, other in pairs}

    def _lowest(self, names: Iterable[str]) -> Functions:
        """Give the two lowest functions of some alleles, the reference where there are fewer."""
        reference = self._gene.reference.name
        first, second = lowest_first(self._gene, [*names, reference, reference])[:2]
        return self._ranks[first], self._ranks[second]

    def _joined(self, one: Functions, other: Functions) -> Functions:
        if self._gaps.phase_set:
            return min(one[0], other[0]), min(one[1], other[1])
        first, second, *_ = sorted((*one, *other))
        return first, second

    def _profile(self, position: int) -> Profile:
        """Give what each genotype of a position adds; a tag adds nothing beside its partner."""
        ref = self._gene.positions[position].ref
        ranks = {ref: self._ranks[self._gene.reference.name]}
        for allele in self._gene.alleles:
            for base in allele.defined.get(position, ()):
                ranks[base] = min(self._ranks[allele.star], ranks.get(base, ranks[ref]))
        if position in self._gene.calling.tags:
            ranks = dict.fromkeys(ranks, ranks[ref])
        return frozenset((ranks[one], ranks[other]) for one, other in self._choices[position])

    def _phenotype(self, functions: Functions) -> str | None:
        return outcome_of(self._gene, [self._star_by_rank[rank] for rank in functions]).phenotype


def _cut_down(gene: Gene, gaps: Gaps) -> Gene:
    """Give the gene without the positions that were read as the reference, and their alleles.

    Tags and their causal partners stay.
    """
    linked = chain(*gene.calling.tags.items())
    kept = {*gaps.positions, *(p for p, _, _ in gaps.changed), *linked}
    return replace(
        gene,
        positions={p: position for p, position in gene.positions.items() if p in kept},
        alleles=tuple(allele for allele in gene.alleles if kept.issuperset(allele.defined)),
    )
