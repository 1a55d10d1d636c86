"""The pinned release is read whole, and refers to nothing that it does not hold."""

from pathlib import Path

import pytest

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import RELEASE, gene_names, gene_of
from epione.medicine.pharmacogenomics.knowledge import (
    PINNED,
    name_of,
    release_named,
    releases_held,
    text_of,
)

SLICE = {"CYP2C19", "CYP2C9", "VKORC1", "SLCO1B1", "TPMT", "NUDT15", "DPYD"}


def test_the_release_defines_the_genes_of_the_slice() -> None:
    assert set(gene_names()) >= SLICE


def test_structure_decides_cyp2d6_alone() -> None:
    assert [name for name in gene_names() if gene_of(name).calling.research_only] == ["CYP2D6"]


def test_only_mt_rnr1_has_functions_and_no_position() -> None:
    """The definition data hold 25 of its alleles by function, and one position of IFNL3."""
    assert [name for name in gene_names() if not gene_of(name).positions] == ["MT-RNR1"]
    assert len(gene_of("MT-RNR1").undefined) == 25
    assert list(gene_of("IFNL3").positions) == [39248147]


def test_an_allele_without_a_position_is_known_by_name_and_matches_no_genome() -> None:
    gene = gene_of("CYP2D6")

    assert {"*5", "*13", "*68"} <= {allele.name for allele in gene.undefined}
    assert "*5" not in {allele.name for allele in gene.alleles}
    assert gene.by_name["*5"].activity == 0.0


@pytest.mark.parametrize("name", gene_names())
def test_a_gene_refers_only_to_positions_and_bases_that_it_has(name: str) -> None:
    gene = gene_of(name)

    for allele in gene.alleles:
        for p, bases in allele.defined.items():
            assert bases <= {gene.positions[p].ref, *gene.positions[p].alts}


@pytest.mark.parametrize("name", [n for n in gene_names() if gene_of(n).positions])
def test_the_reference_allele_comes_first_and_has_its_own_bases(name: str) -> None:
    gene = gene_of(name)

    assert all(gene.positions[p].ref in bases for p, bases in gene.reference.defined.items())
    assert all(allele.defined for allele in gene.alleles[1:])


@pytest.mark.parametrize("name", gene_names())
def test_no_two_alleles_are_defined_alike(name: str) -> None:
    defined = [tuple(sorted(allele.defined.items())) for allele in gene_of(name).alleles]

    assert len(set(defined)) == len(defined)


@pytest.mark.parametrize("name", gene_names())
def test_what_is_special_about_a_gene_speaks_of_its_own_positions(name: str) -> None:
    gene = gene_of(name)
    calling = gene.calling
    spoken_of = {*calling.required, *calling.tags, *calling.tags.values()}
    spoken_of |= {calling.decided_by[0]} if calling.decided_by else set()

    assert spoken_of <= set(gene.positions)
    assert calling.scored_as_reference <= set(gene.by_name)
    if calling.lowest_first:
        assert {allele.function for allele in gene.alleles} == set(calling.lowest_first)


def test_the_release_says_what_it_is() -> None:
    assert f'release = "{RELEASE}"' in text_of("SOURCE.toml")


def test_a_file_that_a_release_does_not_hold_is_that_of_the_one_it_is_based_on(
    tmp_path: Path,
) -> None:
    (tmp_path / "SOURCE.toml").write_text('release = "next"\nbased_on = "2025-11"\n')
    (tmp_path / "actions.tsv").write_text("action\tkind\twords\n")

    assert text_of("actions.tsv", tmp_path) == "action\tkind\twords\n"
    assert text_of("genes/TPMT.json", tmp_path) == text_of("genes/TPMT.json")
    assert gene_names(tmp_path) == gene_names(release_named("2025-11"))


def test_a_release_may_be_based_on_one_that_is_based_on_another(tmp_path: Path) -> None:
    (tmp_path / "SOURCE.toml").write_text(f'release = "next"\nbased_on = "{RELEASE}"\n')

    assert text_of("genes/TPMT.json", tmp_path) == text_of("genes/TPMT.json")
    assert gene_names(tmp_path) == gene_names()


def test_the_releases_are_held_in_the_order_of_their_age() -> None:
    held = [name_of(folder) for folder in releases_held()]

    assert held == sorted(held) == [folder.name for folder in releases_held()]
    assert held[-1] == RELEASE


def test_a_release_goes_by_its_name_or_its_folder(tmp_path: Path) -> None:
    (tmp_path / "SOURCE.toml").write_text('release = "next"\n')

    assert release_named(RELEASE) == PINNED
    assert release_named(str(tmp_path)) == tmp_path
    with pytest.raises(Misconfigured, match="2019-01 is no knowledge release: held here are 2025"):
        release_named("2019-01")
