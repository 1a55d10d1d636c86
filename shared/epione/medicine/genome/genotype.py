"""What one record of a VCF says of one person."""

from dataclasses import dataclass

from epione.errors import UnreadableGenome


@dataclass(frozen=True, slots=True)
class Genotype:
    """Which alleles a person has: 0 is the reference, n the n-th alternative, None no call.

    `phase_set` is "" for an unphased genotype; strands agree between genotypes of one phase set.
    """

    alleles: tuple[int | None, ...]
    phase_set: str = ""


# A phased genotype without a PS value belongs to one phase set with all others like it (VCF 4.4,
# section 1.6.2).
WHOLE_CHROMOSOME = "*"


def genotype_of(text: str, phase_set: str = "") -> Genotype:
    """Read a GT field, and the PS field beside it.

    >>> genotype_of("0/1")
    Genotype(alleles=(0, 1), phase_set='')
    >>> genotype_of(".|2", "77")
    Genotype(alleles=(None, 2), phase_set='77')

    Raises:
        UnreadableGenome: The text is not a genotype.
    """
    phased = "/" not in text and "|" in text
    parts = text.lstrip("/|").replace("|", "/").split("/")
    if not all(part == "." or part.isdigit() for part in parts):
        raise UnreadableGenome("a GT field that is no genotype")
    alleles = tuple(None if part == "." else int(part) for part in parts)
    named = "" if phase_set in ("", ".") else phase_set
    return Genotype(alleles, (named or WHOLE_CHROMOSOME) if phased else "")
