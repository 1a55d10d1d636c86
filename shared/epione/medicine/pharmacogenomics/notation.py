"""How diplotypes are written: "a/b", and "[a + b]" for two alleles on one strand."""

# The alleles of one strand.
Strand = tuple[str, ...]


def written(strand: Strand) -> str:
    """Write a strand's alleles.

    >>> written(("c.1218G>A", "c.2195T>G"))
    '[c.1218G>A + c.2195T>G]'
    """
    return strand[0] if len(strand) == 1 else f"[{' + '.join(strand)}]"


def strands_of(diplotype: str) -> tuple[Strand, ...]:
    """Read a diplotype as it is written.

    >>> strands_of("c.62G>A/[c.1218G>A + c.2195T>G]")
    (('c.62G>A',), ('c.1218G>A', 'c.2195T>G'))
    """
    return tuple(tuple(strand.strip("[]").split(" + ")) for strand in diplotype.split("/"))
