"""A model of a life in the stream: events in, risks with reasons out, another version meanwhile."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from tests.integration.test_model_swap import LAYOUT, publish, settled
from tests.real_parts import Broker, Faults
from tests.running import running
from tests.unit.inference.candidates import point
from tests.unit.medicine.patients import COMPLETE, NOW
from tests.unit.timeline.records import condition, event, reading
from tests.vaults import KEYS, records_on

from epione.medicine.life import LifeQuestion
from epione.medicine.pharmacogenomics import Guidelines
from epione.medicine.recommendation import Recommendation
from epione.messaging import topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore
from epione.privacy import opened_vault
from epione.timeline import PatientEvent, codes, time_reached
from epione.timeline.tokens import Entry
from epione.timeline.vocabulary import Kind
from epione.wire import Change, Changed, recommendation_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.app import GROUP, folding_of
from epione_inference.handler import Inference
from epione_inference.lives.serving import LifeAnswers
from epione_inference.results import cache_client
from epione_inference.single import plans_of

KEY = "risk/life/stroke"
TODAY = time_reached("north", "p-1", NOW)
SICK = event(condition("38341003", "essential hypertension"), "sick", day=3)
LUNGS = event(condition("195967001", "asthma"), "lungs", day=4)
WEIGHED = event(reading(codes.BODY_MASS_INDEX, 31.3), "bmi", version=2, day=5)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of an exported model in one folder."""
    from tests.unit.training.lives.recorded_world import versions_in

    return versions_in(tmp_path_factory.mktemp("lives")).parent


@pytest.fixture
def pointer(versions: Path, tmp_path: Path) -> Path:
    point(tmp_path / "current", versions / "life-1")
    return tmp_path / "current"


@pytest.fixture
def answers() -> Iterator[PreventAnswers]:
    answers = PreventAnswers(None)
    yield answers
    answers.close()


@pytest.fixture
async def log(own_kafka: Broker) -> AsyncIterator[KafkaLog]:
    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, LAYOUT)) as log:
        yield log


async def foretold(log: KafkaLog) -> list[Changed]:
    """Give every change of a risk of a stroke."""
    records = await records_on(log, topics.RECOMMENDATIONS)
    changes = [recommendation_from_wire(record.value) for record in records]
    return [each for each in changes if each.recommendation.key == KEY]


async def last_plans(log: KafkaLog) -> dict[str, bytes]:
    plans: dict[str, bytes] = {}
    for record in await records_on(log, topics.PATIENT_PLANS):
        plans[(record.key or b"").decode()] = record.value or b""
    return plans


async def after(log: KafkaLog, events: Sequence[PatientEvent]) -> list[Changed]:
    await publish(log, events)
    await settled(log)
    return await foretold(log)


def ten_years(recommendation: Recommendation, by: str) -> float:
    (found,) = (r.probability for r in recommendation.risks if (r.horizon_years, r.by) == (10, by))
    return found


@pytest.mark.kafka
@pytest.mark.redis
async def test_what_moves_a_risk_is_told_by_the_version_that_answers_then(
    log: KafkaLog, redis_url: str, pointer: Path, versions: Path, answers: PreventAnswers
) -> None:
    cache = cache_client(f"{redis_url}?db=1")
    lives, store = LifeAnswers(pointer, cache), StateStore(redis_url)
    inference = Inference(answers, Guidelines(), lives=lives)
    async with (
        opened_vault(log, KEYS) as vault,
        running(log, folding_of(inference, store, log, vault).subscription(GROUP)),
    ):
        (added,) = await after(log, [*COMPLETE, TODAY, SICK])
        unmoved = await after(log, [LUNGS, WEIGHED])
        point(pointer, versions / "life-2")
        await lives.look()
        *_, swapped = await after(log, [replace(WEIGHED, delivery_id="again")])
        plans, records = await last_plans(log), await records_on(log, topics.PATIENT_EVENTS)

    assert unmoved == [added]
    assert added.change is Change.ADDED
    assert {each.event_ids for each in added.recommendation.reasons} >= {("sick@1",), ("who@1",)}
    assert {each.by for each in added.recommendation.risks} >= {"", "PREVENT", "combined"}
    assert added.recommendation.versions["life"] == "life-1"
    assert (swapped.change, swapped.recommendation.versions["life"]) == (
        Change.SUPERSEDED,
        "life-2",
    )
    assert ten_years(swapped.recommendation, "") > ten_years(added.recommendation, "")
    assert await plans_of(records, inference) == plans
    lives.close()
    await store.close()
    await cache.aclose()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = cache_client(redis_url)
    yield client
    await client.aclose()


QUESTION = LifeQuestion(
    (Entry(None, "Male", Kind.SEX), Entry(20_000, "SNOMED/38341003", event_id="sick@1")), 20_100
)
AGAIN = replace(
    QUESTION, entries=tuple(replace(each, event_id="another") for each in QUESTION.entries)
)


def counted(outcome: str) -> float:
    labels = {"model": "life", "outcome": outcome}
    return REGISTRY.get_sample_value("epione_results_total", labels) or 0


@pytest.mark.redis
async def test_a_history_that_was_asked_about_is_answered_from_the_cache(
    redis: Redis, versions: Path
) -> None:
    lives = LifeAnswers(versions / "life-1", redis)
    hits = counted("hit")

    first, second = [(await lives.answer([each])).answers for each in (QUESTION, AGAIN)]

    assert first == second
    assert first[0].risks
    assert counted("hit") - hits == 1
    assert all(b"sick@1" not in key for key in await redis.keys("*"))
    lives.close()


@pytest.mark.redis
async def test_another_version_never_sees_what_was_kept(redis: Redis, versions: Path) -> None:
    found = []
    for version in ("life-1", "life-2"):
        lives = LifeAnswers(versions / version, redis)
        ((answer,), _) = await lives.answer([QUESTION])
        found.append(answer.risks[0].risks[-1])
        lives.close()

    assert found[1] > found[0]


@pytest.mark.redis
async def test_a_cache_that_is_down_costs_only_time(own_redis: Faults, versions: Path) -> None:
    client = cache_client(own_redis.url)
    lives, down = LifeAnswers(versions / "life-1", client), counted("down")
    own_redis.stop()

    ((answer,), _) = await lives.answer([QUESTION])

    assert answer.risks
    assert counted("down") > down
    lives.close()
    await client.aclose()
