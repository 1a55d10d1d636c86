from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.cli.plans import AVOID_CLOPIDOGREL, PLAN
from tests.vaults import vault_on

from epione.messaging import Message, topics
from epione.messaging.memory import MemoryLog
from epione.wire import Change, Changed, Revision, plan_to_wire, recommendation_to_wire
from epione_cli.replay import Clock, Delivery, Replay

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = b"north/3f2a"


class Services:
    """Stand-ins: each delivery becomes a plan and a change; each time that comes is noted."""

    def __init__(self) -> None:
        self.clock = Clock(NOON)
        self.log = MemoryLog(now_ms=self.clock.now_ms)
        self.told: list[int] = []
        self.slept: list[float] = []
        self.n = 0

    async def settle(self) -> None:
        raw = [record async for record in self.log.read(topics.HOSPITAL_FHIR)]
        for _ in raw[self.n :]:
            revision = Revision(0, self.n)
            changed = Changed("north", "3f2a", Change.ADDED, AVOID_CLOPIDOGREL, revision, ())
            await self.log.publish(
                [
                    Message(topics.PATIENT_PLANS, KEY, plan_to_wire(PLAN, revision)),
                    Message(topics.RECOMMENDATIONS, KEY, recommendation_to_wire(changed)),
                ]
            )
            self.n += 1

    async def tell(self) -> None:
        self.told.append(self.clock.now_ms())

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def replay(services: Services) -> Replay:
    vault = vault_on(services.log)
    return Replay(
        services.log, vault, services.settle, services.clock, services.tell, services.sleep
    )


def deliveries(*hours: int) -> list[Delivery]:
    message = Message(topics.HOSPITAL_FHIR, b"k", b"v")
    return [Delivery(NOON + timedelta(hours=hour), f"at {hour}", [message]) for hour in hours]


async def test_a_turn_holds_its_own_changes_alone(replay: Replay) -> None:
    turns = [turn async for turn in replay.turns(deliveries(0, 1))]

    assert [[changed.revision.offset for changed in turn.changes] for turn in turns] == [[0], [1]]
    assert set(turns[-1].plans) == {"3f2a"}


async def test_the_log_is_stamped_with_the_recorded_time(
    replay: Replay, services: Services
) -> None:
    _ = [turn async for turn in replay.turns(deliveries(0, 5))]

    stamps = [record.timestamp_ms async for record in services.log.read(topics.HOSPITAL_FHIR)]
    assert stamps[1] - stamps[0] == 5 * 3_600_000


async def test_what_is_due_is_told_before_the_next_thing_comes(
    replay: Replay, services: Services
) -> None:
    _ = [turn async for turn in replay.turns(deliveries(0, 5))]

    assert services.told[1] - services.told[0] == 5 * 3_600_000


@pytest.mark.parametrize(
    ("speed", "slept"),
    [pytest.param(None, [], id="at once"), pytest.param(3600.0, [1.0, 2.0], id="an hour a second")],
)
async def test_it_waits_as_long_as_it_was_told(
    replay: Replay, services: Services, speed: float | None, slept: list[float]
) -> None:
    _ = [turn async for turn in replay.turns(deliveries(0, 1, 3), speed)]

    assert services.slept == slept


async def test_dead_letters_are_found(replay: Replay, services: Services) -> None:
    dead = topics.dead_letters_of(topics.PATIENT_EVENTS)
    await services.log.publish([Message(dead, KEY, b"broken")])

    assert [record.value for record in await replay.dead_letters()] == [b"broken"]


@pytest.mark.parametrize(
    ("move", "now"),
    [
        pytest.param(lambda: NOON + timedelta(hours=1), 3_600_000, id="on"),
        pytest.param(lambda: NOON - timedelta(hours=1), 0, id="never back"),
    ],
)
def test_the_clock_goes(move: Callable[[], datetime], now: int) -> None:
    clock = Clock(NOON)
    start = clock.now_ms()

    clock.move_to(move())

    assert clock.now_ms() - start == now
