"""Which strands phase allows."""

import pytest

from epione.medicine.pharmacogenomics.observed import Observed
from epione.medicine.pharmacogenomics.strands import (
    MOST_BLOCKS,
    blocks_of,
    is_settled,
    strand_pairs,
)


def observed(*phase_sets: str) -> Observed:
    """Give positions 1, 2, … with C on one strand and T on the other."""
    positions = range(1, len(phase_sets) + 1)
    return Observed(
        dict.fromkeys(positions, ("C", "T")), dict(zip(positions, phase_sets, strict=True))
    )


@pytest.mark.parametrize(
    ("phase_sets", "blocks"),
    [
        pytest.param((), (), id="nothing heterozygous"),
        pytest.param(("", ""), ((1,), (2,)), id="unphased: each by itself"),
        pytest.param(("*", "*"), ((1, 2),), id="one phase set"),
        pytest.param(("a", "b", "a"), ((1, 3), (2,)), id="two phase sets"),
        pytest.param(("a", "", "a"), ((1, 3), (2,)), id="one of three unphased"),
    ],
)
def test_heterozygous_positions_are_grouped_by_phase_set(
    phase_sets: tuple[str, ...], blocks: tuple[tuple[int, ...], ...]
) -> None:
    assert blocks_of(observed(*phase_sets)) == blocks


def test_homozygous_positions_are_in_no_block() -> None:
    assert blocks_of(Observed({1: ("T", "T")}, {1: "*"})) == ()


@pytest.mark.parametrize(
    ("phase_sets", "settled"),
    [
        pytest.param((), True, id="nothing to pair"),
        pytest.param(("",), True, id="one position needs no phase"),
        pytest.param(("", ""), False, id="two unphased positions"),
        pytest.param(("*", "*"), True, id="phased"),
        pytest.param(("a", "b"), True, id="two phase sets: few pairs, all can be told"),
        pytest.param(("a", ""), False, id="phased only in part"),
        pytest.param(tuple(map(str, range(MOST_BLOCKS))), True, id="as many sets as can be told"),
        pytest.param(tuple(map(str, range(MOST_BLOCKS + 1))), False, id="too many to tell"),
    ],
)
def test_strands_are_settled_where_phase_leaves_pairs_to_tell(
    phase_sets: tuple[str, ...], settled: bool
) -> None:
    assert is_settled(observed(*phase_sets)) is settled


@pytest.mark.parametrize(
    ("phase_sets", "pairs"),
    [
        pytest.param(("*", "*"), [("CC", "TT")], id="phased"),
        pytest.param(("a", "b"), [("CC", "TT"), ("CT", "TC")], id="two phase sets, each once"),
    ],
)
def test_every_pair_that_phase_allows_is_given_once(
    phase_sets: tuple[str, ...], pairs: list[tuple[str, str]]
) -> None:
    found = strand_pairs(observed(*phase_sets))

    assert [("".join(one.values()), "".join(other.values())) for one, other in found] == pairs
