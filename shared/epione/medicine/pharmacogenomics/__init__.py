"""Pharmacogenomics: from genotypes to named alleles, phenotypes and advice on drugs."""

from epione.medicine.pharmacogenomics.advice import DrugAdvice, NoAdvice
from epione.medicine.pharmacogenomics.calling import call_gene, call_genes
from epione.medicine.pharmacogenomics.cpic import Cpic
from epione.medicine.pharmacogenomics.knowledge import RELEASE, gene_names, gene_of
from epione.medicine.pharmacogenomics.outside import outside_calls
from epione.medicine.pharmacogenomics.outside_files import MARK, read_outside

__all__ = [
    "MARK",
    "RELEASE",
    "Cpic",
    "DrugAdvice",
    "NoAdvice",
    "call_gene",
    "call_genes",
    "gene_names",
    "gene_of",
    "outside_calls",
    "read_outside",
]
