"""Rows of `advice.tsv`: what a guideline says of a drug for a result, and as of when we have it."""

from collections.abc import Iterable
from typing import NamedTuple

# When ClinPGx published what we have of the guidelines: all of them, by PharmCAT 2.12.0; and two
# patients' share of a later state, by PharmCAT 3.1.1.
PUBLISHED, CONFIRMED = "2024-04-23", "2025-11-05"


class Row(NamedTuple):
    source: str
    drug: str
    population: str
    strength: str
    action: str
    results: str  # "CYP2C19=Poor Metabolizer;CYP2D6=0.0"
    as_of: str

    @property
    def asked(self) -> tuple[str, ...]:
        """Give what the statement answers."""
        return self.source, self.drug, self.population, self.results


class Annotation(NamedTuple):
    """Where ClinPGx annotates a guideline on a drug and its genes."""

    source: str
    drug: str
    genes: str
    references: str
    held: str  # "whole", or "part" where some results' statements alone are known


def renewed(known: Iterable[Row], later: Iterable[Row]) -> list[Row]:
    """Give what is known with what a later state confirms, changes or adds."""
    rows = {row.asked: row for row in known}
    return sorted((rows | {row.asked: row for row in later}).values())
