"""What is kept of a patient comes back as it went."""

from dataclasses import replace

from tests.unit.medicine.patients import COMPLETE
from tests.unit.timeline.records import DAY, START, merge

from epione.timeline.timeline import Timeline, fold, time_reached
from epione_inference.states import Kept, state_from_bytes, state_to_bytes


def back(kept: Kept) -> Kept:
    return state_from_bytes(state_to_bytes(kept), "north", "p-1")


def test_a_timeline_comes_back_as_it_went() -> None:
    brought = [replace(each, origin="p-0") for each in COMPLETE]
    timeline = fold(Timeline("north", "p-1"), [*COMPLETE, *brought, *merge("p-1", "p-2")[:1]])

    assert back(Kept(timeline)).timeline == timeline


def test_the_times_reached_come_back_by_the_record_that_reached_them() -> None:
    times = [
        time_reached("north", "p-1", START + 3 * DAY),
        time_reached("north", "p-1", START + 5 * DAY, origin="p-0"),
    ]
    timeline = fold(Timeline("north", "p-1"), [*COMPLETE, *times])

    assert back(Kept(timeline)).timeline == timeline


def test_recommendation_ids_come_back() -> None:
    kept = Kept(Timeline("north", "p-1"), {"risk/prevent": "a1", "drug/clopidogrel/CPIC": "b2"})

    assert back(kept) == kept
