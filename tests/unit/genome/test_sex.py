"""Sex chromosomes are told only beyond doubt."""

import numpy as np
import pytest

from epione.medicine.genome import Build, genotype_of
from epione.medicine.genome.sex import ENOUGH, SexChromosomes, is_sexed

X, PSEUDO_AUTOSOMAL, Y = ("chrX", 154532000), ("chrX", 1_000_000), ("chrY", 3_000_000)


def observed(*seen: tuple[tuple[str, int], str, int]) -> str:
    chromosomes = SexChromosomes()
    for (chromosome, position), text, times in seen:
        n = int(is_sexed(Build.GRCH38, chromosome, np.full(times, position)).sum())
        chromosomes.count(chromosome, genotype_of(text), n)
    return chromosomes.observed


@pytest.mark.parametrize(
    ("seen", "sex"),
    [
        pytest.param([(X, "0/1", ENOUGH)], "XX", id="heterozygous on X"),
        pytest.param([(X, "0/1", ENOUGH - 1)], "", id="too few to tell"),
        pytest.param([(X, "0/0", 500)], "", id="homozygous X is anyone's"),
        pytest.param([(X, "0", ENOUGH)], "XY", id="haploid X"),
        pytest.param([(Y, "1", ENOUGH)], "XY", id="alternatives on Y"),
        pytest.param([(Y, "0", 500)], "", id="a reference Y may be a block of nothing"),
        pytest.param([(X, "0/1", ENOUGH), (Y, "1", 1)], "", id="both: a mixture, or XXY"),
        pytest.param([(X, "0/1", 1), (X, "0", 500)], "", id="one and two copies"),
        pytest.param([(PSEUDO_AUTOSOMAL, "0/1", 500)], "", id="pseudo-autosomal is diploid"),
        pytest.param([(X, "./.", 500)], "", id="no call says nothing"),
        pytest.param([], "", id="no sex chromosome in the file"),
    ],
)
def test_sex_chromosomes_are_told_beyond_doubt_or_not_at_all(
    seen: list[tuple[tuple[str, int], str, int]], sex: str
) -> None:
    assert observed(*seen) == sex


@pytest.mark.parametrize(
    ("build", "inside"),
    [
        pytest.param(Build.GRCH37, [False, True, True, False, True], id="GRCh37"),
        pytest.param(Build.GRCH38, [True, True, True, True, False], id="GRCh38"),
    ],
)
def test_the_pseudo_autosomal_regions_are_those_of_the_build(
    build: Build, inside: list[bool]
) -> None:
    places = np.array([10_001, 60_001, 2_699_520, 2_781_479, 155_000_000])

    assert list(~is_sexed(build, "chrX", places)) == inside
