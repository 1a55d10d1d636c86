"""Genomes: from where they may be read, and the verified bytes of one."""

from epione.genomes.addresses import Allowed, FileAddress, WebAddress, allowed_address
from epione.genomes.deletion import delete_genome, refuse_out_of_reach
from epione.genomes.references import GenomeReference, opened_reference, sealed_reference
from epione.genomes.store import OpenedGenome, opened_genome

__all__ = [
    "Allowed",
    "FileAddress",
    "GenomeReference",
    "OpenedGenome",
    "WebAddress",
    "allowed_address",
    "delete_genome",
    "opened_genome",
    "opened_reference",
    "refuse_out_of_reach",
    "sealed_reference",
]
