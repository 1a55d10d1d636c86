"""To forget takes out what stands before it, and nothing that comes after."""

from dataclasses import replace

import pytest
from tests.unit.timeline.records import DAY, START, event, merge, order, person, unmerge

from epione.timeline import (
    PatientEvent,
    PatientForgotten,
    Timeline,
    fold,
    survivors_ever,
    time_reached,
)

OWN = event(person(), "who")
TOLD = event(order("309362"), "order", patient="p-1")
EMPTY = Timeline("north", "p-1")


def told(origin: str) -> PatientEvent:

    return replace(TOLD, origin=origin)


def forgets(record: str) -> PatientEvent:
    return event(PatientForgotten(record), "forget", day=9)


def test_a_log_that_forgets_its_own_patient_is_empty() -> None:
    reached = time_reached("north", "p-1", START + DAY, origin="p-0")

    assert fold(EMPTY, [OWN, told("p-0"), reached, forgets("p-1")]) == EMPTY


def test_of_another_record_only_what_it_stated_goes() -> None:
    assert fold(EMPTY, [OWN, told("p-0"), forgets("p-0")]) == fold(EMPTY, [OWN])


def test_what_comes_after_counts() -> None:
    assert fold(EMPTY, [OWN, forgets("p-1"), OWN]) == fold(EMPTY, [OWN])
    assert fold(EMPTY, [told("p-0"), forgets("p-0"), told("p-0")]) == fold(EMPTY, [told("p-0")])


def test_to_forget_twice_is_to_forget() -> None:
    once, twice = [OWN, forgets("p-1")], [OWN, forgets("p-1"), forgets("p-1")]

    assert fold(EMPTY, once) == fold(EMPTY, twice)


@pytest.mark.parametrize(
    ("links", "survivors"),
    [
        pytest.param([], set(), id="never merged"),
        pytest.param(merge("p-1", "p-2"), {"p-2"}, id="merged"),
        pytest.param([*merge("p-1", "p-2"), *unmerge("p-1", "p-2")], {"p-2"}, id="and apart"),
        pytest.param(merge("p-0", "p-1"), set(), id="as the survivor"),
    ],
)
def test_who_was_ever_told_a_records_facts_is_known(
    links: list[PatientEvent], survivors: set[str]
) -> None:
    own = [each for each in links if each.patient == "p-1"]

    assert survivors_ever(fold(EMPTY, own)) == survivors
