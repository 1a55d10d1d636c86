"""How strands and diplotypes are written and read again."""

import pytest

from epione.medicine.pharmacogenomics.notation import Strand, strands_of, written

STRANDS = [
    pytest.param((("*1",), ("*2",)), "*1/*2", id="two alleles"),
    pytest.param((("*80+*28",), ("*1",)), "*80+*28/*1", id="a plus within a name"),
    pytest.param((("a", "b"), ("c",)), "[a + b]/c", id="two on one strand"),
    pytest.param(
        (("a, b (c)",), ("d", "e")), "a, b (c)/[d + e]", id="commas and brackets in a name"
    ),
    pytest.param((("A",),), "A", id="one strand"),
]


@pytest.mark.parametrize(("strands", "text"), STRANDS)
def test_a_diplotype_is_written_strand_by_strand(strands: tuple[Strand, ...], text: str) -> None:
    assert "/".join(map(written, strands)) == text


@pytest.mark.parametrize(("strands", "text"), STRANDS)
def test_a_diplotype_is_read_again_as_it_was_written(
    strands: tuple[Strand, ...], text: str
) -> None:
    assert strands_of(text) == strands
