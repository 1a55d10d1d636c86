"""One spelling for one change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epione.medicine.genome import Change, change_of

bases = st.text("ACGT", max_size=6)


@pytest.mark.parametrize(
    ("position", "ref", "alt", "change"),
    [
        pytest.param(100, "C", "T", Change(100, "C", "T"), id="one base"),
        pytest.param(100, "CA", "TA", Change(100, "C", "T"), id="padded behind"),
        pytest.param(99, "GC", "GT", Change(100, "C", "T"), id="padded before"),
        pytest.param(100, "TC", "CT", Change(100, "TC", "CT"), id="two bases at once"),
        pytest.param(100, "GA", "G", Change(101, "A", ""), id="deletion"),
        pytest.param(100, "T", "TG", Change(101, "", "G"), id="insertion"),
        pytest.param(100, "CAT", "CATAT", Change(101, "", "AT"), id="repeat, leftmost"),
        pytest.param(100, "AGGAGTC", "A", Change(101, "GGAGTC", ""), id="repeat unit lost"),
        pytest.param(100, "ACGT", "AGGTT", Change(101, "CG", "GGT"), id="complex"),
    ],
)
def test_a_change_is_trimmed_from_the_end_first(
    position: int, ref: str, alt: str, change: Change
) -> None:
    assert change_of(position, ref, alt) == change


def test_nothing_changed_is_none() -> None:
    assert change_of(100, "CAT", "CAT") is None


def test_a_deletion_written_further_right_in_a_repeat_is_moved_left() -> None:
    reference = dict(enumerate("CAATGGAAAGAAATGGAA", 94942205))

    moved = change_of(94942212, "AAGAAATGGAA", "A", lambda p: reference.get(p, ""))

    assert moved == change_of(94942205, "CAATGGAAAGA", "C", lambda p: reference.get(p, ""))


def test_a_change_is_not_moved_over_bases_that_are_not_known() -> None:
    assert change_of(200, "AAA", "A") == Change(200, "AA", "")


@given(bases, bases, bases, bases)
def test_padding_never_changes_a_change(before: str, ref: str, alt: str, after: str) -> None:
    known = dict(enumerate(before, 100))

    padded = change_of(100, before + ref + after, before + alt + after)
    bare = change_of(100 + len(before), ref, alt, lambda p: known.get(p, ""))

    assert padded == bare


@given(bases, bases)
def test_a_change_puts_the_alternative_in_the_place_of_the_reference(ref: str, alt: str) -> None:
    change = change_of(100, ref, alt)

    if change is None:
        assert ref == alt
    else:
        at = change.position - 100
        assert ref[:at] + change.put + ref[at + len(change.removed) :] == alt
