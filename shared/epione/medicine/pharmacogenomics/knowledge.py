"""Reads knowledge: the releases that lie beside this room, or another like them."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics.definitions import Calling, Gene, NamedAllele, Position

RELEASE = "2026-11"
SOURCE = "SOURCE.toml"
GRCH37 = "grch37.tsv"
_RELEASES = Path(str(files(__package__))) / "knowledge"
PINNED = _RELEASES / RELEASE


class _Calling(TypedDict, total=False):
    scored_as_reference: list[str]
    required: list[int]
    preferred: list[tuple[list[str], str]]
    lowest_first: list[str]
    tags: list[tuple[int, int]]
    decided_by: tuple[int, dict[str, str]]
    research_only: bool


class _Gene(TypedDict):
    """A gene's file, with the reference allele first; "A|G" where either base may stand."""

    gene: str
    chromosome: str
    by_activity: bool
    calling: _Calling
    positions: list[tuple[int, str, str, list[str]]]  # position, rsid, ref, alts
    phenotypes: list[tuple[list[str], str]]  # functions or score, phenotype
    alleles: list[tuple[str, str, float | None, dict[str, str]]]  # name, function, activity, bases
    undefined: NotRequired[list[tuple[str, str, float | None]]]  # name, function, activity


def release_named(name: str) -> Path:
    """Give the folder of a release: of one that is held here, by its name, or the folder itself.

    Raises:
        Misconfigured: No release of the name is held here, and no folder that it names is one.
    """
    for folder in (_RELEASES / name, Path(name)):
        if folder.joinpath(SOURCE).is_file():
            return folder
    held = ", ".join(folder.name for folder in releases_held())
    raise Misconfigured(f"{name} is no knowledge release: held here are {held}")


def releases_held() -> tuple[Path, ...]:
    """Give the folders of the releases that are held here, the oldest first."""
    return tuple(sorted(source.parent for source in _RELEASES.glob(f"*/{SOURCE}")))


def name_of(release: Path) -> str:
    """Give the name that a release says it has.

    Raises:
        Misconfigured: It says none.
    """
    name = source_of(release).get("release", "")
    if not isinstance(name, str) or not name:
        raise Misconfigured(f"{release} is no knowledge release: {SOURCE} names none")
    return name


@cache
def source_of(release: Path) -> Mapping[str, object]:
    """Give what a release says of itself.

    Raises:
        Misconfigured: It is not TOML.
    """
    try:
        return tomllib.loads(release.joinpath(SOURCE).read_text(encoding="utf-8"))
    except ValueError as fault:
        raise Misconfigured(f"{release} is no knowledge release: {SOURCE}: {fault}") from fault


def text_of(name: str, release: Path = PINNED) -> str:
    """Give the text of a knowledge file of a release, given by its folder.

    A file that the release does not hold is that of the release it is based on, and so on.
    """
    return _holder_of(name, release).joinpath(name).read_text(encoding="utf-8")


@cache
def gene_names(release: Path = PINNED) -> tuple[str, ...]:
    """Give the genes that the release defines."""
    names = (file.name for file in _holder_of("genes", release).joinpath("genes").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def tables_held(release: Path) -> frozenset[str]:
    """Name the tables of a release, those of the one it is based on included."""
    based_on = base_of(release)
    own = frozenset(file.name for file in release.glob("*.tsv"))
    return own | tables_held(based_on) if based_on else own


def _holder_of(name: str, release: Path) -> Path:
    based_on = base_of(release)
    if based_on is None or release.joinpath(name).exists():
        return release
    return _holder_of(name, based_on)


@cache
def base_of(release: Path) -> Path | None:
    """Give the release that a release is based on; None where it holds all of its own.

    Raises:
        Misconfigured: The one that it names is not there.
    """
    base = source_of(release).get("based_on", "")
    return release_named(str(base)) if base else None


@cache
def gene_of(name: str, release: Path = PINNED) -> Gene:
    """Give one gene's facts."""
    gene = gene_from_json(text_of(f"genes/{name}.json", release))
    known = _grch37(release)
    placed = {
        p: _on_grch37(position, *known[gene.chromosome, p])
        for p, position in gene.positions.items()
        if (gene.chromosome, p) in known
    }
    return replace(gene, on_grch37=placed)


@cache
def _grch37(release: Path) -> Mapping[tuple[str, int], tuple[int, str]]:
    """Give where places of GRCh38 lie on GRCh37, and the bases there; none where none is known."""
    if not _holder_of(GRCH37, release).joinpath(GRCH37).exists():
        return {}
    _, *lines = text_of(GRCH37, release).splitlines()
    rows = (line.split("\t") for line in lines)
    return {(chromosome, int(p)): (int(there), ref) for chromosome, p, there, ref, _ in rows}


def _on_grch37(position: Position, there: int, ref: str) -> Position:
    """Give a position as GRCh37 has it: its reference is one of the position's bases."""
    others = tuple(bases for bases in (position.ref, *position.alts) if bases != ref)
    return Position(there, position.rsid, ref, others)


def gene_from_json(text: str) -> Gene:
    """Read a gene's file."""
    facts = cast(_Gene, json.loads(text))
    positions = (Position(p, rsid, ref, tuple(alts)) for p, rsid, ref, alts in facts["positions"])
    return Gene(
        name=facts["gene"],
        chromosome=facts["chromosome"],
        positions={position.position: position for position in positions},
        alleles=tuple(
            NamedAllele(name, function, activity, _defined(bases))
            for name, function, activity, bases in facts["alleles"]
        ),
        by_activity=facts["by_activity"],
        phenotypes={tuple(functions): phenotype for functions, phenotype in facts["phenotypes"]},
        calling=_calling(facts["calling"]),
        undefined=tuple(NamedAllele(*allele) for allele in facts.get("undefined", ())),
    )


def _defined(bases: Mapping[str, str]) -> Mapping[int, frozenset[str]]:
    return {int(p): frozenset(text.split("|")) for p, text in bases.items()}


def _calling(facts: _Calling) -> Calling:
    return Calling(
        scored_as_reference=frozenset(facts.get("scored_as_reference", ())),
        required=frozenset(facts.get("required", ())),
        preferred={frozenset(among): pick for among, pick in facts.get("preferred", ())},
        lowest_first=tuple(facts.get("lowest_first", ())),
        tags=dict(facts.get("tags", ())),
        decided_by=facts.get("decided_by"),
        research_only=facts.get("research_only", False),
    )
