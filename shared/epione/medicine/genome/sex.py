"""Which sex chromosomes a file shows."""

from epione.medicine.genome.genotype import Genotype

# Pseudo-autosomal regions of chrX on GRCh38, first and last base; diploid in everyone.
# Source: Genome Reference Consortium, GRCh38 (PAR1, PAR2).
PSEUDO_AUTOSOMAL = ((10001, 2781479), (155701383, 156030895))
# How many genotypes it takes to say so: one may be an error, or a copy-number change.
ENOUGH = 10


class SexChromosomes:
    """Counts genotypes of chrX outside its pseudo-autosomal regions, and of chrY."""

    def __init__(self) -> None:
        self._one_x = self._two_x = self._y = 0

    def count(self, chromosome: str, position: int, genotype: Genotype) -> None:
        if None in genotype.alleles:
            return
        if chromosome == "chrY":
            self._y += any(genotype.alleles)
        elif not any(first <= position <= last for first, last in PSEUDO_AUTOSOMAL):
            self._one_x += len(genotype.alleles) == 1
            self._two_x += len(set(genotype.alleles)) == 2

    @property
    def observed(self) -> str:
        """Give "XX", "XY", or "" where the file does not tell beyond doubt."""
        if self._two_x >= ENOUGH and not self._one_x and not self._y:
            return "XX"
        if max(self._one_x, self._y) >= ENOUGH and not self._two_x:
            return "XY"
        return ""
