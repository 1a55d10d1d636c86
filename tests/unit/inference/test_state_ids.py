"""The ids of a state, read and replaced without reading its facts."""

from tests.unit.inference.stream import Stream
from tests.unit.medicine.patients import COMPLETE

from epione_inference.states import Kept, States, ids_in, with_ids

KEY = "north/p-1"


def state() -> bytes:
    return Stream(COMPLETE).run().states[KEY]


def kept(written: bytes) -> Kept:
    return States().read(KEY, written)


def test_the_ids_are_those_of_the_state() -> None:
    assert ids_in(state()) == kept(state()).recommendation_ids != {}


def test_of_nothing_nothing_was_said() -> None:
    assert ids_in(None) == {}


def test_other_ids_leave_the_facts_as_they_are() -> None:
    other = kept(with_ids(state(), {"risk/prevent": "other"}))

    assert other == Kept(kept(state()).timeline, {"risk/prevent": "other"})


def test_ids_may_be_kept_of_who_has_no_facts() -> None:
    other = with_ids(None, {"risk/prevent": "other"})

    assert kept(other).recommendation_ids == {"risk/prevent": "other"}
    assert kept(other).timeline.kept == {}


def test_the_same_ids_give_the_same_bytes() -> None:
    assert with_ids(with_ids(state(), {"b": "1", "a": "2"}), {"a": "2", "b": "1"}) == with_ids(
        state(), {"a": "2", "b": "1"}
    )
