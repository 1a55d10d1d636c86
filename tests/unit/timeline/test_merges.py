"""Merged records: one history for one person, and apart again after an unmerge."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.timeline.records import DAY, START, event, merge, person, reading, unmerge

from epione.timeline import PatientEvent, Quantity, SourceVersion, Status
from epione.timeline.codes import SYSTOLIC
from epione.timeline.merges import facts_of, forwarded, members_of, now_of, survivor_of
from epione.timeline.timeline import Timeline, fold, time_reached

READ_OF_A = event(reading(SYSTOLIC, 150), "bp-a", patient="a", day=1)
READ_OF_B = event(reading(SYSTOLIC, 130), "bp-b", patient="b", day=2)
READ_OF_C = event(reading(SYSTOLIC, 110), "bp-c", patient="c", day=3)
READINGS = [READ_OF_A, READ_OF_B, READ_OF_C]

# What each record's plan is to know once everything has arrived: survivor, entities, time.
Seen = tuple[str | None, frozenset[str], datetime]


def settled(events: Iterable[PatientEvent]) -> dict[str, Timeline]:
    """Fold each event on its own log, forward what is to be, until nothing is left to tell."""
    waiting, logs = deque(events), dict[str, Timeline]()
    for _ in range(1_000):
        if not waiting:
            return logs
        next_event = waiting.popleft()
        before = logs.get(next_event.patient, Timeline("north", next_event.patient))
        after = fold(before, [next_event])
        logs[next_event.patient] = after
        waiting.extend(forwarded(before, after))
    raise AssertionError("the logs never come to rest")


def seen(logs: Mapping[str, Timeline]) -> dict[str, Seen]:
    return {
        patient: (
            survivor_of(log),
            frozenset(fact.entity_id for fact in facts_of(log)),
            now_of(log),
        )
        for patient, log in sorted(logs.items())
    }


def entities(log: Timeline) -> set[str]:
    return {fact.entity_id for fact in facts_of(log)}


def test_a_survivor_has_the_facts_of_both() -> None:
    logs = settled([READ_OF_A, READ_OF_B, *merge("a", "b")])

    assert survivor_of(logs["a"]) == "b"
    assert survivor_of(logs["b"]) is None
    assert entities(logs["b"]) == {"bp-a", "bp-b"}


def test_a_fact_that_reaches_the_retired_record_later_is_told_on() -> None:
    logs = settled([*merge("a", "b"), READ_OF_A])

    assert entities(logs["b"]) == {"bp-a"}


def test_an_unmerge_takes_out_what_the_merge_brought_and_brings_the_retired_record_back() -> None:
    logs = settled([*READINGS[:2], *merge("a", "b"), *unmerge("a", "b")])

    assert survivor_of(logs["a"]) is None
    assert entities(logs["a"]) == {"bp-a"}
    assert entities(logs["b"]) == {"bp-b"}


def test_a_merge_after_an_unmerge_holds_again() -> None:
    links = [*merge("a", "b"), *unmerge("a", "b"), *merge("a", "b", version=3)]

    assert entities(settled([READ_OF_A, *links])["b"]) == {"bp-a"}


def test_a_link_that_is_withdrawn_holds_no_more() -> None:
    withdrawn = [
        replace(link, status=Status.WITHDRAWN, version=SourceVersion(2)) for link in merge("a", "b")
    ]

    assert entities(settled([READ_OF_A, *merge("a", "b"), *withdrawn])["b"]) == set()


def test_a_chain_of_merges_ends_at_the_last_survivor() -> None:
    logs = settled([*READINGS, *merge("a", "b"), *merge("b", "c")])

    assert entities(logs["c"]) == {"bp-a", "bp-b", "bp-c"}
    assert members_of(logs["c"]) == {"a", "b", "c"}


def test_taking_a_chain_apart_at_its_first_link_is_told_to_its_end() -> None:
    logs = settled([*READINGS, *merge("a", "b"), *merge("b", "c"), *unmerge("a", "b")])

    assert entities(logs["c"]) == {"bp-b", "bp-c"}


def test_of_a_ring_the_oldest_link_is_passed_over() -> None:
    ring = [*merge("a", "b", version=1), *merge("b", "c", version=2), *merge("c", "a", version=3)]

    logs = settled([*READINGS, *ring])

    assert survivor_of(logs["a"]) is None
    assert entities(logs["a"]) == {"bp-a", "bp-b", "bp-c"}


def test_a_record_merged_into_itself_is_not_merged() -> None:
    assert survivor_of(settled(merge("a", "a"))["a"]) is None


def test_a_record_that_goes_to_another_survivor_leaves_the_first() -> None:
    logs = settled([*READINGS, *merge("a", "b", version=1), *merge("a", "c", version=2)])

    assert entities(logs["b"]) == {"bp-b"}
    assert entities(logs["c"]) == {"bp-a", "bp-c"}


def test_a_correction_stated_under_the_survivor_counts_and_leaves_with_it() -> None:
    corrected = replace(
        READ_OF_A, patient="b", body=reading(SYSTOLIC, 140), version=SourceVersion(2)
    )
    merged = settled([READ_OF_A, *merge("a", "b"), corrected])
    apart = settled([READ_OF_A, *merge("a", "b"), corrected, *unmerge("a", "b")])

    assert [_value(fact) for fact in facts_of(merged["b"])] == [140]
    assert [_value(fact) for fact in facts_of(apart["a"])] == [150]


def test_a_fact_stated_twice_is_one_fact() -> None:
    same = replace(READ_OF_A, patient="b")

    assert len(facts_of(settled([READ_OF_A, same, *merge("a", "b")])["b"])) == 1


def test_withdrawn_facts_do_not_count() -> None:
    withdrawn = replace(READ_OF_A, status=Status.WITHDRAWN, version=SourceVersion(2))

    assert entities(settled([READ_OF_A, withdrawn])["a"]) == set()


def test_the_time_that_a_merged_record_reached_is_its_survivors_too() -> None:
    logs = settled([*merge("a", "b"), time_reached("north", "a", START + 8 * DAY)])

    assert now_of(logs["b"]) == START + 8 * DAY


def test_the_time_that_an_unmerged_record_reached_is_its_own_alone() -> None:
    late = time_reached("north", "a", START + 8 * DAY)
    logs = settled([*merge("a", "b"), late, *unmerge("a", "b")])

    assert now_of(logs["b"]) == START


def test_a_log_on_which_only_others_have_spoken_has_their_time_and_none_of_their_facts() -> None:
    told = fold(Timeline("north", "b"), [replace(READ_OF_A, patient="b", origin="a")])

    assert now_of(told) == READ_OF_A.recorded_at
    assert facts_of(told) == ()


def test_a_record_without_links_tells_nobody() -> None:
    before = Timeline("north", "a")

    assert list(forwarded(before, fold(before, [READ_OF_A]))) == []


def test_what_is_told_on_keeps_its_origin_and_the_message_that_stated_it() -> None:
    before = Timeline("north", "a")
    told = list(forwarded(before, fold(before, [READ_OF_A, *merge("a", "b")[:1]])))

    assert {(each.patient, each.origin) for each in told} == {("b", "a")}
    assert READ_OF_A.delivery_id in {each.delivery_id for each in told}


def test_the_same_batch_again_tells_nothing_new() -> None:
    first = fold(Timeline("north", "a"), [READ_OF_A, *merge("a", "b")[:1]])

    assert list(forwarded(first, fold(first, [READ_OF_A]))) == []


SCENES = [
    pytest.param([*merge("a", "b"), *unmerge("a", "b")], id="merged and taken apart"),
    pytest.param([*merge("a", "b"), *merge("b", "c")], id="a chain"),
    pytest.param([*merge("a", "b"), *merge("b", "c"), *unmerge("b", "c")], id="a chain, cut"),
    pytest.param(
        [*merge("a", "b"), *merge("b", "c", version=2), *merge("c", "a", version=3)], id="a ring"
    ),
    pytest.param([*merge("a", "b"), *merge("a", "c", version=2)], id="two survivors"),
]


@pytest.mark.parametrize("links", SCENES)
@settings(deadline=None)
@given(draw=st.data())
def test_every_order_of_arrival_ends_with_the_same_histories(
    links: list[PatientEvent], draw: st.DataObject
) -> None:
    events = [*READINGS, event(person(), "who-a", patient="a"), *links]

    shuffled = draw.draw(st.permutations(events))

    assert seen(settled(shuffled)) == seen(settled(events))


def _value(fact: PatientEvent) -> float:
    value = getattr(fact.body, "value", None)
    assert isinstance(value, Quantity)
    return value.value
