"""A gene's facts as values."""

import pytest

from epione.medicine.genome import Change
from epione.medicine.pharmacogenomics import gene_of
from epione.medicine.pharmacogenomics.definitions import NamedAllele, Position


@pytest.mark.parametrize(
    ("name", "star"),
    [
        pytest.param("*45.002", "*45", id="sub-allele"),
        pytest.param("*80+*28", "*80+*28", id="tandem"),
        pytest.param("c.1905+1G>A (*2A)", "c.1905+1G>A (*2A)", id="not a star allele"),
    ],
)
def test_a_star_is_an_allele_without_its_sub_allele(name: str, star: str) -> None:
    assert NamedAllele(name, "", None).star == star


def test_a_position_knows_its_changes_in_one_spelling() -> None:
    position = Position(100, "", "CAT", ("C", "CATAT"))

    assert position.changes == {
        Change(101, "AT", ""): "C",
        Change(101, "", "AT"): "CATAT",
    }


def test_alleles_stand_by_their_star_number() -> None:
    order = gene_of("CYP2C19").order

    assert sorted(["*17", "*2", "*38", "*1"], key=order.__getitem__) == ["*1", "*2", "*17", "*38"]


def test_a_star_with_sub_alleles_is_found_by_its_star() -> None:
    assert gene_of("SLCO1B1").by_name["*45"].function == "No function"


def test_an_undefined_base_is_the_references() -> None:
    gene = gene_of("CYP2C19")

    assert gene.bases(gene.by_name["*2"], 94761900) == {"C"}
    assert gene.bases(gene.by_name["*4"], 94761900) == {"C", "T"}


def test_only_a_change_of_length_can_be_written_further_on() -> None:
    sites = gene_of("CYP2C9").sites

    assert sites[94942290].reach == 0
    assert sites[94942205].reach > 0
