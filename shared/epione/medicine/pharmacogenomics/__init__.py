"""Pharmacogenomics: from genotypes to named alleles, phenotypes and advice on drugs."""

from epione.medicine.pharmacogenomics.answers import DrugAdvice, NoAdvice
from epione.medicine.pharmacogenomics.called import (
    is_looked_up,
    meaning_of,
    not_in_genomes,
    why_not_called,
)
from epione.medicine.pharmacogenomics.calling import call_gene, call_genes
from epione.medicine.pharmacogenomics.circumstances import Body, Circumstances, Taken
from epione.medicine.pharmacogenomics.guidelines import Guidelines
from epione.medicine.pharmacogenomics.knowledge import (
    PINNED,
    RELEASE,
    gene_names,
    gene_of,
    name_of,
    release_named,
)
from epione.medicine.pharmacogenomics.outside import outside_calls
from epione.medicine.pharmacogenomics.outside_files import MARK, read_outside
from epione.medicine.pharmacogenomics.possible import Answer, Possible, possible_of
from epione.medicine.pharmacogenomics.releases import read_whole
from epione.medicine.pharmacogenomics.settling import Settling

__all__ = [
    "MARK",
    "PINNED",
    "RELEASE",
    "Answer",
    "Body",
    "Circumstances",
    "DrugAdvice",
    "Guidelines",
    "NoAdvice",
    "Possible",
    "Settling",
    "Taken",
    "call_gene",
    "call_genes",
    "gene_names",
    "gene_of",
    "is_looked_up",
    "meaning_of",
    "name_of",
    "not_in_genomes",
    "outside_calls",
    "possible_of",
    "read_outside",
    "read_whole",
    "release_named",
    "why_not_called",
]
