"""The fewest positions that settle an answer."""

import pytest

from epione.medicine.pharmacogenomics.settling import (
    MOST_SEARCHED,
    Reading,
    Settling,
    settling,
)

MASKS = {p: 1 << p for p in range(12)}


def strands(*carried: int) -> Reading:
    """Give a completion whose one strand carries alternatives at these positions."""
    return 0, sum(MASKS[p] for p in carried)


@pytest.mark.parametrize(
    ("answers", "positions"),
    [
        pytest.param({strands(): "a", strands(1): "a"}, (), id="one answer whatever is read"),
        pytest.param({strands(): "a", strands(1): "b"}, (1,), id="a position by itself"),
        pytest.param({strands(): "a", strands(1, 2): "b"}, (1,), id="either of two"),
        pytest.param(
            {strands(): "a", strands(1, 2): "b", strands(2, 3): "c"}, (1, 2), id="three answers"
        ),
        pytest.param(
            {strands(): "a", strands(1, 2): "b", strands(2, 3): "b"}, (2,), id="one for both"
        ),
        pytest.param(
            {(2 + 8, 4 + 16): "a", (0, 2 + 4 + 8 + 16): "b"}, (1, 2), id="which with which"
        ),
        pytest.param({}, (), id="nothing is answered"),
    ],
)
def test_the_fewest_positions_are_found(
    answers: dict[Reading, str], positions: tuple[int, ...]
) -> None:
    assert settling(answers, MASKS) == Settling(positions)


def test_beyond_what_is_searched_a_set_that_settles_is_given_and_said_to_be_no_proof() -> None:
    pairs = range(0, 2 * (MOST_SEARCHED + 1), 2)
    answers = {strands(): "none", **{strands(p, p + 1): f"{p}" for p in pairs}}

    found = settling(answers, MASKS)

    assert not found.is_smallest
    assert all({p, p + 1} & set(found.positions) for p in pairs)
