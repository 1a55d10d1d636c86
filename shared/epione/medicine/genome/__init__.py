"""Genomes: what a VCF says of one person at the places that are asked about."""

from epione.medicine.genome.build import Build, chromosome_of
from epione.medicine.genome.genotype import WHOLE_CHROMOSOME, Genotype, genotype_of
from epione.medicine.genome.sites import Site, Sites
from epione.medicine.genome.variant import Change, change_of
from epione.medicine.genome.vcf import Genome, Record, read_vcf, samples_of, sites_of

__all__ = [
    "WHOLE_CHROMOSOME",
    "Build",
    "Change",
    "Genome",
    "Genotype",
    "Record",
    "Site",
    "Sites",
    "change_of",
    "chromosome_of",
    "genotype_of",
    "read_vcf",
    "samples_of",
    "sites_of",
]
