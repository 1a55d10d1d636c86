"""The plan after each event: as it was reviewed, and on Kafka the same."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.end_to_end.settling import settled_on
from tests.end_to_end.trace import NOW, trace_in_memory, trace_of
from tests.real_parts import Broker
from tests.vaults import KEYS

from epione.messaging import Layout
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione_cli.replay import Clock, Replay
from epione_cli.stage import services
from epione_cli.stories import Played, shipped_stories

GOLDEN = Path(__file__).parent / "golden"


def story(name: str, now: datetime = NOW) -> Played:
    return next(each for each in shipped_stories(now) if each.name == name)


@pytest.mark.parametrize("name", [each.name for each in shipped_stories(NOW)])
async def test_the_plan_after_each_event_is_the_reviewed_one(name: str) -> None:
    assert await trace_in_memory(story(name)) == (GOLDEN / f"{name}.txt").read_text()


async def test_what_was_already_known_when_it_came_changes_nothing() -> None:
    told = story("high-blood-pressure")
    again = replace(told, deliveries=[*told.deliveries, told.deliveries[-1]])

    trace = await trace_in_memory(again)

    *_, last, after = trace.split("== ")
    assert "superseded" in last
    assert "superseded" not in after
    assert "added" not in after


@pytest.mark.kafka
@pytest.mark.redis
async def test_kafka_and_redis_give_the_same_plans(own_kafka: Broker, redis_url: str) -> None:
    told = story("high-blood-pressure", datetime.now(UTC).replace(microsecond=0))
    clock = Clock(told.deliveries[-1].at)
    settings = KafkaSettings(own_kafka.bootstrap, Layout(replication=1, min_in_sync=1))

    async with (
        KafkaLog(settings) as log,
        services(log, KEYS, told.rules, redis_url, clock.now_ms) as running,
    ):
        settle = settled_on(own_kafka.bootstrap, running.reading)
        on_kafka = await trace_of(Replay(log, running.vault, settle, clock, running.due.tell), told)

    assert on_kafka == await trace_in_memory(told)
