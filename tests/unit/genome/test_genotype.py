"""How a GT field is read."""

import pytest

from epione.errors import UnreadableGenome
from epione.medicine.genome import WHOLE_CHROMOSOME, Genotype, genotype_of


@pytest.mark.parametrize(
    ("text", "alleles", "phase_set"),
    [
        pytest.param("0/1", (0, 1), "", id="unphased"),
        pytest.param("1|0", (1, 0), WHOLE_CHROMOSOME, id="phased without a set"),
        pytest.param("./.", (None, None), "", id="no call"),
        pytest.param(".", (None,), "", id="no call, short"),
        pytest.param("./1", (None, 1), "", id="half a call"),
        pytest.param("1", (1,), "", id="haploid"),
        pytest.param("2/10", (2, 10), "", id="two digits"),
        pytest.param("0/0/1", (0, 0, 1), "", id="three copies"),
        pytest.param("0/1|1", (0, 1, 1), "", id="phased in part counts as not phased"),
        pytest.param("|0|1", (0, 1), WHOLE_CHROMOSOME, id="leading mark of VCF 4.4"),
    ],
)
def test_a_genotype_is_read(text: str, alleles: tuple[int | None, ...], phase_set: str) -> None:
    assert genotype_of(text) == Genotype(alleles, phase_set)


@pytest.mark.parametrize(
    ("text", "phase_set", "expected"),
    [
        pytest.param("0|1", "77", "77", id="its own set"),
        pytest.param("0|1", ".", WHOLE_CHROMOSOME, id="set not given"),
        pytest.param("0/1", "77", "", id="a set without phase says nothing"),
    ],
)
def test_a_phase_set_counts_where_the_genotype_is_phased(
    text: str, phase_set: str, expected: str
) -> None:
    assert genotype_of(text, phase_set).phase_set == expected


@pytest.mark.parametrize("text", ["", "0/", "a/b", "0-1", "0/1 Jane Doe"])
def test_what_is_no_genotype_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UnreadableGenome) as refusal:
        genotype_of(text)

    assert str(refusal.value) == "a GT field that is no genotype"
