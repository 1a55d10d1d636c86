"""Releases of knowledge as an operator asks for them: read whole, so that a fault shows at once."""

from pathlib import Path

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics.guidelines import Guidelines
from epione.medicine.pharmacogenomics.knowledge import gene_names, gene_of, name_of


def read_whole(release: Path) -> Guidelines:
    """Read a release whole, given by its folder.

    Raises:
        Misconfigured: It cannot be read.
    """
    guidelines = Guidelines(release)
    try:
        name_of(release)
        guidelines.drugs()
        guidelines.modulators()
        for name in gene_names(release):
            gene_of(name, release)
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as fault:
        raise Misconfigured(f"{release} is no knowledge release: {type(fault).__name__}") from fault
    return guidelines
