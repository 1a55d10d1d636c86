"""HLA alleles, and whether the one that a guideline asks for is among them."""

import pytest

from epione.medicine.pharmacogenomics.hla import is_allele, left_open, results_of

ASKED = ["*15:02", "*57:01"]


@pytest.mark.parametrize(
    ("alleles", "results"),
    [
        pytest.param(["*57:01", "*58:01"], ["*15:02 negative", "*57:01 positive"], id="one strand"),
        pytest.param(["*57:01", "*57:01"], ["*15:02 negative", "*57:01 positive"], id="both"),
        pytest.param(["*07:02", "*08:01"], ["*15:02 negative", "*57:01 negative"], id="neither"),
        pytest.param(["*57:03", "*08:01"], ["*15:02 negative", "*57:01 negative"], id="a cousin"),
        pytest.param(
            ["*57:01:01:02", "*08:01"], ["*15:02 negative", "*57:01 positive"], id="four fields"
        ),
        pytest.param(
            ["*57", "*08:01"],
            ["*15:02 negative", "*57:01 positive", "*57:01 negative"],
            id="one field leaves it open",
        ),
        pytest.param(
            ["*57", "*57:01"], ["*15:02 negative", "*57:01 positive"], id="open on one strand alone"
        ),
        pytest.param(
            ["*57:01N", "*08:01"],
            ["*15:02 negative", "*57:01 positive", "*57:01 negative"],
            id="perhaps not expressed",
        ),
        pytest.param(
            ["*57:01:01G", "*08:01"],
            ["*15:02 negative", "*57:01 positive", "*57:01 negative"],
            id="a group of alleles",
        ),
        pytest.param(
            ["*57:01"],
            ["*15:02 positive", "*15:02 negative", "*57:01 positive"],
            id="the other strand is not known",
        ),
    ],
)
def test_each_allele_asked_for_is_there_or_not_or_left_open(
    alleles: list[str], results: list[str]
) -> None:
    assert list(results_of(alleles, ASKED)) == results


def test_what_leaves_it_open_is_named() -> None:
    assert list(left_open(["*57", "*08:01"], ASKED)) == [("*57", "*57:01")]
    assert list(left_open(["*57", "*57:01"], ASKED)) == []


@pytest.mark.parametrize("text", ["57:01", "*57:AB", "*57:", "B*57:01", "*5", ""])
def test_another_notation_is_no_allele(text: str) -> None:
    assert not is_allele(text)


def test_a_text_that_is_no_allele_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="no HLA allele"):
        results_of(["B57"], ASKED)
