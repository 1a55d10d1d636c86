"""Which sex chromosomes a file shows."""

import numpy as np

from epione.medicine.genome.build import Build
from epione.medicine.genome.columns import Bools, Ints
from epione.medicine.genome.genotype import Genotype

# Pseudo-autosomal regions of chrX, first and last base; diploid in everyone.
# Source: Genome Reference Consortium, GRCh37 and GRCh38 (PAR1, PAR2).
PSEUDO_AUTOSOMAL = {
    Build.GRCH37: ((60001, 2699520), (154931044, 155260560)),
    Build.GRCH38: ((10001, 2781479), (155701383, 156030895)),
}
# How many genotypes it takes to say so: one may be an error, or a copy-number change.
ENOUGH = 10


def is_sexed(build: Build, chromosome: str, positions: Ints) -> Bools:
    """Say which places of chrX or chrY tell the sexes apart."""
    if chromosome == "chrY":
        return np.ones(len(positions), dtype=np.bool_)
    is_shared = np.zeros(len(positions), dtype=np.bool_)
    for first, last in PSEUDO_AUTOSOMAL[build]:
        is_shared |= (first <= positions) & (positions <= last)
    return ~is_shared


class SexChromosomes:
    """Counts genotypes of the places of chrX and chrY that tell the sexes apart."""

    def __init__(self) -> None:
        self._one_x = self._two_x = self._y = 0

    def count(self, chromosome: str, genotype: Genotype, n: int) -> None:
        """Count a genotype that `n` of the places have."""
        if None in genotype.alleles:
            return
        if chromosome == "chrY":
            self._y += n * any(genotype.alleles)
        else:
            self._one_x += n * (len(genotype.alleles) == 1)
            self._two_x += n * (len(set(genotype.alleles)) == 2)

    @property
    def observed(self) -> str:
        """Give "XX", "XY", or "" where the file does not tell beyond doubt."""
        if self._two_x >= ENOUGH and not self._one_x and not self._y:
            return "XX"
        if max(self._one_x, self._y) >= ENOUGH and not self._two_x:
            return "XY"
        return ""
