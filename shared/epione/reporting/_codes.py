"""Which codes the guide's profiles want: of genes, phenotypes, and what to do with a medicine.

Sources: the value set genetic-therapeutic-implications-vs of HL7's Genomics Reporting guide, as it
lists LOINC's answers; the guide's examples and profiles for the LOINC codes of components, of both
assemblies' answers GRCh38's alone (GRCh37's, LA14029-5, from memory), and of the answer list
LL4049-4, "Medication usage suggestion", by which a medication recommendation is coded.
"""

from functools import cache
from importlib.resources import files

from epione.reporting._elements import HGNC, Element, coding, concept
from epione.timeline import LOINC

KNOWLEDGE = "2026-11"  # see knowledge/2026-11/SOURCE.toml

GENOTYPE = coding(LOINC, "84413-4", "Genotype display name")
HAPLOTYPE = coding(LOINC, "84414-2", "Haplotype name")
GENE_STUDIED = coding(LOINC, "48018-6", "Gene studied [ID]")
ASSEMBLY = coding(LOINC, "62374-4", "Human reference sequence assembly version")
MEDICATION_ASSESSED = coding(LOINC, "51963-7", "Medication assessed [ID]")
EVIDENCE_LEVEL = coding(LOINC, "93044-6", "Level of evidence")
REPORT = coding(LOINC, "51969-4", "Genetic analysis report")

ASSEMBLIES = {
    "GRCh37": coding(LOINC, "LA14029-5", "GRCh37"),
    "GRCh38": coding(LOINC, "LA26806-2", "GRCh38"),
}
# A phenotype that is not here ("Likely Poor Metabolizer", "*57:01 positive") has no code of its own
# in the value set, and goes by its text: another concept's code would say something else.
PHENOTYPES = {
    "Ultrarapid Metabolizer": coding(LOINC, "LA10315-2", "Ultrarapid metabolizer"),
    "Rapid Metabolizer": coding(LOINC, "LA25390-8", "Rapid metabolizer"),
    "Normal Metabolizer": coding(LOINC, "LA25391-6", "Normal metabolizer"),
    "Intermediate Metabolizer": coding(LOINC, "LA10317-8", "Intermediate metabolizer"),
    "Poor Metabolizer": coding(LOINC, "LA9657-3", "Poor metabolizer"),
    "Increased Function": coding(LOINC, "LA25392-4", "Increased function"),
    "Normal Function": coding(LOINC, "LA25393-2", "Normal function"),
    "Decreased Function": coding(LOINC, "LA25395-7", "Decreased function"),
    "Poor Function": coding(LOINC, "LA25394-0", "Poor function"),
}
ANOTHER_DRUG = coding(LOINC, "LA26421-0", "Consider alternative medication")


def gene_studied(gene: str) -> Element:
    """Name a gene, by its HGNC number where this release knows it."""
    number = _hgnc_numbers().get(gene)
    return concept(coding(HGNC, f"HGNC:{number}", gene)) if number else concept(text=gene)


@cache
def _hgnc_numbers() -> dict[str, str]:
    table = files(__package__).joinpath("knowledge", KNOWLEDGE, "genes.tsv")
    rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()[1:])
    return {gene: number for gene, number, _ in rows}
