"""A log folds to one timeline, whatever the order and however often its events come."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.timeline.records import DAY, START, consent, event, person, reading

from epione.timeline import PatientEvent, Recompute, Status
from epione.timeline.codes import SYSTOLIC
from epione.timeline.timeline import Timeline, fold, is_later, time_reached

EMPTY = Timeline("north", "p-1")

HISTORY = [
    event(person(), "who", day=0),
    event(reading(SYSTOLIC, 150), "bp", version=1, day=1),
    event(reading(SYSTOLIC, 130), "bp", version=2, day=2, status=Status.CORRECTED),
    event(reading(SYSTOLIC, 150), "bp", version=3, day=3, status=Status.WITHDRAWN),
    event(consent("research", permitted=True), "consent", day=4),
    replace(event(reading(SYSTOLIC, 131), "bp", version=2, day=2), reading=7),
    time_reached("north", "p-1", START + 9 * DAY),
]


def kept(*events: PatientEvent) -> list[PatientEvent]:
    return list(fold(EMPTY, events).kept.values())


@settings(deadline=None)
@given(st.permutations(HISTORY + HISTORY))
def test_any_order_and_duplication_folds_to_one_timeline(events: list[PatientEvent]) -> None:
    assert fold(EMPTY, events) == fold(EMPTY, HISTORY)


@settings(deadline=None)
@given(st.permutations(HISTORY), st.integers(0, len(HISTORY)))
def test_batches_fold_as_the_whole_does(events: list[PatientEvent], cut: int) -> None:
    in_two = fold(fold(EMPTY, events[:cut]), events[cut:])

    assert in_two == fold(EMPTY, events)


def test_the_highest_version_of_an_entity_counts() -> None:
    old, new = (event(reading(SYSTOLIC, 130 + n), version=n) for n in (1, 2))

    assert kept(new, old) == [new]


def test_of_one_version_the_last_reading_counts() -> None:
    first = event(reading(SYSTOLIC, 130), version=1)
    again = replace(first, body=reading(SYSTOLIC, 120), reading=5)

    assert kept(again, first) == kept(first, again) == [again]


def test_a_later_version_counts_whenever_an_earlier_one_is_read_again() -> None:
    later = event(reading(SYSTOLIC, 130), version=2)
    again = replace(event(reading(SYSTOLIC, 150), version=1), reading=5)

    assert kept(later, again) == [later]


def test_going_back_to_an_earlier_value_is_a_version_of_its_own() -> None:
    first, other, again = (
        event(reading(SYSTOLIC, value), version=n) for n, value in enumerate((130, 150, 130))
    )

    assert kept(again, first, other) == [again]


def test_a_withdrawn_version_is_kept_so_that_an_older_one_cannot_return() -> None:
    stated = event(reading(SYSTOLIC, 130), version=1)
    withdrawn = event(reading(SYSTOLIC, 130), version=2, status=Status.WITHDRAWN)

    assert kept(withdrawn, stated) == [withdrawn]


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param(
            event(reading(SYSTOLIC, 130), status=Status.WITHDRAWN),
            event(reading(SYSTOLIC, 130), status=Status.CORRECTED),
            id="withdrawn counts over corrected",
        ),
        pytest.param(
            event(reading(SYSTOLIC, 130), status=Status.CORRECTED),
            event(reading(SYSTOLIC, 150), status=Status.FINAL),
            id="corrected counts over final",
        ),
        pytest.param(
            event(reading(SYSTOLIC, 130), status=Status.FINAL),
            event(reading(SYSTOLIC, 150), status=Status.PRELIMINARY),
            id="final counts over preliminary",
        ),
        pytest.param(
            event(reading(SYSTOLIC, 130), delivery="first", day=1),
            event(reading(SYSTOLIC, 130), delivery="again", day=2),
            id="the first delivery of the same words counts",
        ),
        pytest.param(
            event(reading(SYSTOLIC, 130), delivery="a"),
            event(reading(SYSTOLIC, 130), delivery="b"),
            id="of one moment, the first by its name",
        ),
    ],
)
def test_equal_versions_have_an_order_of_their_own(
    later: PatientEvent, earlier: PatientEvent
) -> None:
    assert is_later(later, earlier)
    assert not is_later(earlier, later)


def test_equal_versions_that_differ_in_content_are_ordered_one_way_alone() -> None:
    one, other = event(reading(SYSTOLIC, 130)), event(reading(SYSTOLIC, 131))

    assert is_later(one, other) is not is_later(other, one)


def test_the_facts_of_each_origin_are_kept_apart() -> None:
    own = event(reading(SYSTOLIC, 130))
    brought = replace(event(reading(SYSTOLIC, 150), version=2), origin="p-0")

    assert kept(own, brought) == [own, brought]


def test_what_only_asks_or_tells_the_time_is_no_fact() -> None:
    asked = event(Recompute("a new model"), day=3)

    timeline = fold(EMPTY, [asked, time_reached("north", "p-1", START)])

    assert not timeline.kept
    assert timeline.reached == {"p-1": START + timedelta(days=3)}


def test_folding_leaves_the_timeline_it_began_with_as_it_was() -> None:
    before = fold(EMPTY, HISTORY[:1])

    fold(before, HISTORY[1:])

    assert before == fold(EMPTY, HISTORY[:1])
