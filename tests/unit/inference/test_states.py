"""What is kept of a patient comes back as it went."""

from dataclasses import replace

from tests.unit.medicine.patients import COMPLETE
from tests.unit.timeline.records import DAY, START, merge

from epione.timeline import Timeline, fold, time_reached
from epione.v1.state_pb2 import PatientState
from epione.wire import event_to_message
from epione_inference.states import Kept, States, ids_in

KEY = "north/p-1"


def back(kept: Kept) -> Kept:
    """Write in one process, read in another."""
    return States().read(KEY, States().write(KEY, kept))


def test_a_timeline_comes_back_as_it_went() -> None:
    brought = [replace(each, origin="p-0") for each in COMPLETE]
    timeline = fold(Timeline("north", "p-1"), [*COMPLETE, *brought, *merge("p-1", "p-2")[:1]])

    assert back(Kept(timeline)).timeline == timeline


def test_a_state_of_release_0_1_0_is_read() -> None:
    timeline = fold(Timeline("north", "p-1"), COMPLETE)
    written = PatientState(
        events=[event_to_message(event) for event in timeline.kept.values()],
        recommendation_ids={"risk/prevent": "a1"},
    ).SerializeToString(deterministic=True)

    kept = States().read(KEY, written)

    assert kept.timeline.kept == timeline.kept
    assert ids_in(written) == kept.recommendation_ids == {"risk/prevent": "a1"}
    assert back(kept) == kept


def test_a_long_event_comes_back_as_it_went() -> None:
    """Its length takes more than one byte; the bytes of the facts around it are not touched."""
    long = replace(COMPLETE[0], delivery_id="x" * 40_000)
    states = States()
    read = states.read(KEY, States().write(KEY, Kept(fold(Timeline("north", "p-1"), [long]))))
    grown = Kept(fold(read.timeline, COMPLETE[1:]))

    assert back(grown) == grown
    assert states.write(KEY, grown) == States().write(KEY, grown)


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


def test_nothing_kept_is_an_empty_timeline() -> None:
    assert States().read(KEY, None) == Kept(Timeline("north", "p-1"))


def test_what_was_written_last_is_not_read_again() -> None:
    states, kept = States(), Kept(fold(Timeline("north", "p-1"), COMPLETE))

    assert states.read(KEY, states.write(KEY, kept)) is kept


def test_a_state_that_another_process_wrote_is_read() -> None:
    states = States()
    states.write(KEY, Kept(Timeline("north", "p-1")))
    other = Kept(fold(Timeline("north", "p-1"), COMPLETE))

    assert states.read(KEY, States().write(KEY, other)) == other


def test_a_state_grows_to_the_same_bytes_however_it_came_about() -> None:
    states, half = States(), fold(Timeline("north", "p-1"), COMPLETE[:3])
    whole = fold(half, COMPLETE[3:])
    states.write(KEY, Kept(half))

    assert states.write(KEY, Kept(whole)) == States().write(KEY, Kept(whole))


def test_only_so_many_patients_are_remembered() -> None:
    states, kept = States(remembered=1), Kept(fold(Timeline("north", "p-1"), COMPLETE))
    first = states.write(KEY, kept)
    states.write("north/p-2", Kept(fold(Timeline("north", "p-2"), COMPLETE[:1])))

    again = states.read(KEY, first)

    assert again == kept
    assert again is not kept


def test_a_state_that_was_refused_is_forgotten_where_another_stands() -> None:
    """A fenced write, or a Redis rolled back: what Redis gives is what counts."""
    states, half = States(), Kept(fold(Timeline("north", "p-1"), COMPLETE[:3]))
    stands = states.write(KEY, half)
    states.write(KEY, Kept(fold(half.timeline, COMPLETE[3:])))

    assert states.read(KEY, stands) == half
    assert states.write(KEY, half) == stands


def test_a_state_that_is_gone_is_empty_however_well_it_is_remembered() -> None:
    states = States()
    states.write(KEY, Kept(fold(Timeline("north", "p-1"), COMPLETE)))

    assert states.read(KEY, None) == Kept(Timeline("north", "p-1"))


def test_of_nothing_no_state_is_kept_nor_is_it_remembered() -> None:
    states, nothing = States(), Kept(Timeline("north", "p-1"))
    states.write(KEY, Kept(fold(Timeline("north", "p-1"), COMPLETE)))

    assert states.write(KEY, nothing) == b""
    assert not states._written
