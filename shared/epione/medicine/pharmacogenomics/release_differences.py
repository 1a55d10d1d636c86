"""What one release of knowledge says otherwise than another, before any patient is looked at.

The dose of warfarin is code (`iwpc`, `warfarin`), the same for every release.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from epione.medicine.pharmacogenomics.definitions import Gene, NamedAllele
from epione.medicine.pharmacogenomics.knowledge import gene_names, gene_of, tables_held, text_of
from epione.medicine.pharmacogenomics.tables import Statement, drugs_by_ingredient
from epione.medicine.recommendation import Evidence

# Tables whose rows are told as statements.
STATEMENTS = frozenset({"actions.tsv", "advice.tsv"})

T = TypeVar("T")


class Asked(NamedTuple):
    """What a statement answers: of a drug, for whom, with which results of its genes."""

    drug: str
    source: str
    population: str
    results: tuple[tuple[str, str], ...]  # gene and result


class Said(NamedTuple):
    """A statement, and the publications that it rests on."""

    statement: Statement
    evidence: tuple[Evidence, ...]

    @property
    def words(self) -> tuple[str, str, str]:
        """What is to be done, and how it is graded."""
        return self.statement.kind, self.statement.action, self.statement.strength


@dataclass(frozen=True, slots=True)
class StatementDifference:
    """A statement that one of two releases lacks, or that they make otherwise."""

    asked: Asked
    before: Said | None
    after: Said | None

    @property
    def is_of_evidence(self) -> bool:
        """Say whether the same is said, and only rests on other publications or dates."""
        one, other = self.before, self.after
        return one is not None and other is not None and one.words == other.words


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """Of things that go by a name: those that came, those that went, those that are otherwise."""

    added: tuple[T, ...]
    removed: tuple[T, ...]
    otherwise: tuple[T, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.otherwise)


@dataclass(frozen=True, slots=True)
class GeneDifference:
    """How a gene is known otherwise; of one that a release lacks, everything came or went."""

    gene: str
    alleles: Changes[str]  # by the bases that define them
    functions: Changes[str]  # of alleles
    positions: Changes[int]
    phenotypes: Changes[tuple[str, ...]]  # rules, by functions or score
    is_called_otherwise: bool  # by other rules of calling, or from another chromosome

    @property
    def parts(self) -> Mapping[str, Changes[Any]]:
        """What differs in what goes by names, by what it is."""
        return {
            "alleles": self.alleles,
            "functions": self.functions,
            "positions": self.positions,
            "phenotypes": self.phenotypes,
        }

    def __bool__(self) -> bool:
        return self.is_called_otherwise or any(self.parts.values())


@dataclass(frozen=True, slots=True)
class TableDifference:
    """Rows of another table that only one of two releases has."""

    name: str
    n_added: int
    n_removed: int


def statement_differences(before: Path, after: Path) -> Iterator[StatementDifference]:
    """Give the statements that differ, by drug, population and results."""
    one, other = _statements(before), _statements(after)
    for asked in sorted(one.keys() | other.keys()):
        if one.get(asked) != other.get(asked):
            yield StatementDifference(asked, one.get(asked), other.get(asked))


def gene_differences(before: Path, after: Path) -> Iterator[GeneDifference]:
    """Give the genes that are known otherwise."""
    for name in sorted({*gene_names(before), *gene_names(after)}):
        difference = _gene_difference(name, _gene(name, before), _gene(name, after))
        if difference:
            yield difference


def table_differences(before: Path, after: Path) -> Iterator[TableDifference]:
    """Give the other tables that differ: drugs, their products, inhibitors …"""
    for name in sorted((tables_held(before) | tables_held(after)) - STATEMENTS):
        one, other = _rows(name, before), _rows(name, after)
        if one != other:
            yield TableDifference(name, len(other - one), len(one - other))


def _statements(release: Path) -> Mapping[Asked, Said]:
    return {
        Asked(
            drug.code.display,
            table.source,
            table.population,
            tuple(zip(table.genes, results, strict=True)),
        ): Said(statement, table.evidence_of([statement]))
        for drug in drugs_by_ingredient(release).values()
        for table in drug.tables
        for results, statement in table.rows.items()
    }


def _rows(name: str, release: Path) -> frozenset[str]:
    held = name in tables_held(release)
    return frozenset(text_of(name, release).splitlines()[1:]) if held else frozenset()


def _gene(name: str, release: Path) -> Gene | None:
    return gene_of(name, release) if name in gene_names(release) else None


def _gene_difference(name: str, before: Gene | None, after: Gene | None) -> GeneDifference:
    one, other = _alleles(before), _alleles(after)
    return GeneDifference(
        gene=name,
        alleles=_changes(_defined(one), _defined(other)),
        functions=_changes(_functions(one), _functions(other)),
        positions=_changes(before.positions if before else {}, after.positions if after else {}),
        phenotypes=_changes(before.phenotypes if before else {}, after.phenotypes if after else {}),
        is_called_otherwise=_calling(before) != _calling(after),
    )


def _alleles(gene: Gene | None) -> Mapping[str, NamedAllele]:
    alleles = (*gene.alleles, *gene.undefined) if gene else ()
    return {allele.name: allele for allele in alleles}


def _defined(alleles: Mapping[str, NamedAllele]) -> Mapping[str, object]:
    return {name: allele.defined for name, allele in alleles.items()}


def _functions(alleles: Mapping[str, NamedAllele]) -> Mapping[str, object]:
    return {name: (allele.function, allele.activity) for name, allele in alleles.items()}


def _calling(gene: Gene | None) -> object:
    if gene is None:
        return None
    reference = [allele.name for allele in gene.alleles[:1]]
    return gene.chromosome, gene.by_activity, reference, gene.calling


def _changes(before: Mapping[T, object], after: Mapping[T, object]) -> Changes[T]:
    return Changes(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        otherwise=tuple(n for n in before if n in after and before[n] != after[n]),
    )
