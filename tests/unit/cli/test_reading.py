from datetime import datetime, timedelta

import pytest
from tests.unit.cli.plans import NOW, PLAN
from tests.unit.timeline.records import event, order
from tests.vaults import NOW_MS, vault_on

from epione.errors import UnknownPatient
from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import MemoryLog, Message, topics
from epione.timeline import Code, Observation, PatientEvent
from epione.wire import Revision, event_to_wire, plan_to_wire
from epione_cli.reading import case_now, changes, plan_as_of, plan_now, unmapped_codes
from epione_cli.replay import Clock
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference

ORDERED = event(order("309362", "clopidogrel 75 MG Oral Tablet"), "order")
KEY = f"{ORDERED.tenant}/{ORDERED.patient}".encode()


async def logged(clock: Clock, *events: PatientEvent) -> MemoryLog:
    """Give a log that took one event an hour."""
    log = MemoryLog(now_ms=clock.now_ms)
    for number, each in enumerate(events):
        clock.move_to(NOW + timedelta(hours=number))
        await log.publish([Message(topics.PATIENT_EVENTS, KEY, event_to_wire(each))])
    return log


async def test_the_plan_of_the_highest_revision_counts() -> None:
    log = MemoryLog()
    newer = plan_to_wire(PLAN, Revision(1, 3))
    older = plan_to_wire(PLAN.__class__("n", "p", NOW, PLAN.state, ()), Revision(0, 9))
    await log.publish([Message(topics.PATIENT_PLANS, KEY, value) for value in (newer, older)])

    assert await plan_now(log, vault_on(log), KEY) == PLAN


async def test_a_sealed_plan_is_read_and_none_after_the_patient_was_forgotten() -> None:
    log = MemoryLog()
    vault = vault_on(log)
    plan = Message(topics.PATIENT_PLANS, KEY, plan_to_wire(PLAN, Revision(1, 3)))
    await log.publish(await vault.sealed([(plan, NOW_MS)]))

    assert await plan_now(log, vault, KEY) == PLAN
    await log.publish([Message(topics.PATIENT_PLANS, KEY, b"")])
    with pytest.raises(UnknownPatient):
        await plan_now(log, vault, KEY)


async def test_a_patient_of_whom_nothing_is_there_is_unknown() -> None:
    log = MemoryLog()

    with pytest.raises(UnknownPatient, match="no such patient"):
        await plan_now(log, vault_on(log), KEY)


@pytest.mark.parametrize(
    ("at", "n_orders"),
    [
        pytest.param(NOW, 0, id="before the order came"),
        pytest.param(NOW + timedelta(hours=1), 1, id="when it had come"),
    ],
)
async def test_a_plan_is_given_as_it_was_known(at: datetime, n_orders: int) -> None:
    height = event(Observation(Code("http://loinc.org", "8302-2"), None), "height")
    log = await logged(Clock(NOW), height, ORDERED)
    inference = Inference(PreventAnswers(None), Guidelines())

    plan = await plan_as_of(log, vault_on(log), KEY, at, inference)

    tests = [each for each in plan.recommendations if each.key == "test/gene/CYP2C19"]
    assert len(tests) == n_orders


async def test_before_anything_was_known_there_was_no_patient() -> None:
    log = await logged(Clock(NOW), ORDERED)
    inference = Inference(PreventAnswers(None), Guidelines())

    with pytest.raises(UnknownPatient, match="then"):
        await plan_as_of(log, vault_on(log), KEY, NOW - timedelta(days=1), inference)


async def test_a_case_is_read_from_the_patients_log() -> None:
    log = await logged(Clock(NOW), ORDERED)

    case = await case_now(log, vault_on(log), KEY)

    assert [stated.value.drug.code for stated in case.history.medications] == ["309362"]


async def test_codes_that_no_map_knows_are_counted() -> None:
    local = Observation(Code("urn:north:lab", "GLU-7"), None)
    log = await logged(Clock(NOW), event(local, "a"), event(local, "b"), ORDERED)

    assert list((await unmapped_codes(log, vault_on(log))).values()) == [2]


async def test_what_is_no_event_is_passed_over() -> None:
    log = MemoryLog()
    await log.publish([Message(topics.PATIENT_EVENTS, KEY, b"\xff")])

    assert not await unmapped_codes(log, vault_on(log))


async def test_changes_are_followed_from_a_time_on() -> None:
    clock = Clock(NOW)
    log = MemoryLog(now_ms=clock.now_ms)
    for hour in (0, 1):
        clock.move_to(NOW + timedelta(hours=hour))
        await log.publish([Message(topics.RECOMMENDATIONS, KEY, _change(hour))])

    followed = changes(log, vault_on(log), clock.now_ms(), None)

    assert (await anext(followed)).revision == Revision(0, 1)
    await followed.aclose()


def _change(offset: int) -> bytes:
    from tests.unit.cli.plans import AVOID_CLOPIDOGREL

    from epione.wire import Change, Changed, recommendation_to_wire

    revision = Revision(0, offset)
    return recommendation_to_wire(
        Changed("north", "p", Change.ADDED, AVOID_CLOPIDOGREL, revision, ())
    )
