"""Pharmacogenomics: from genotypes to named alleles, phenotypes and advice on drugs."""

from epione.medicine.pharmacogenomics.advice import DrugAdvice, NoAdvice
from epione.medicine.pharmacogenomics.calling import call_gene, call_genes
from epione.medicine.pharmacogenomics.circumstances import Body, Circumstances, Taken
from epione.medicine.pharmacogenomics.cpic import Cpic
from epione.medicine.pharmacogenomics.knowledge import RELEASE, gene_names, gene_of

__all__ = [
    "RELEASE",
    "Body",
    "Circumstances",
    "Cpic",
    "DrugAdvice",
    "NoAdvice",
    "Taken",
    "call_gene",
    "call_genes",
    "gene_names",
    "gene_of",
]
