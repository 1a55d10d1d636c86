"""A flood of dead letters, as an operator sees it: the process ends, and says why in one line.

Its supervisor starts it again and again. Each time it may dead-letter fewer than the limit, and so
does not burn through the topic while nobody looks. Who has looked may say that none is too many.
"""

import asyncio
from pathlib import Path

import pytest
from tests.end_to_end.supervisor import Replica
from tests.real_parts import Broker
from tests.vaults import SECRET as VAULT

from epione.messaging import Layout, Message, Record, topics
from epione.messaging.dead_letter import FLOOD
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.topics import dead_letters_of

pytestmark = pytest.mark.kafka

LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
N_STARTS = 3
N_RUBBISH = 2_000
DEADLINE_S = 240.0


async def test_a_flood_ends_the_process_with_one_line_is_not_burnt_through_and_can_be_passed(
    own_kafka: Broker, tmp_path: Path
) -> None:
    lines = tmp_path / "ingestion.log"
    environment = {
        "EPIONE_KAFKA": own_kafka.bootstrap,
        "EPIONE_SECRET": "a secret of the tests, long enough",
        "EPIONE_VAULT": VAULT,
        "EPIONE_HTTP_PORT": "0",
        "EPIONE_REPLICATION": "1",
        "EPIONE_MIN_IN_SYNC": "1",
    }
    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, LAYOUT)) as log:
        await log.publish(
            [Message(topics.HOSPITAL_HL7V2, b"%d" % n, b"rubbish") for n in range(N_RUBBISH)]
        )
        ingestion = Replica("epione_ingestion.app", environment, lines)
        ingestion.start()
        await ended(ingestion, N_STARTS)
        await asyncio.to_thread(ingestion.stop)
        dead = await letters(log)
        passing = Replica("epione_ingestion.app", environment | {"EPIONE_FLOOD": "0"}, lines)
        passing.start()
        async with asyncio.timeout(DEADLINE_S):
            while len(await letters(log)) < N_RUBBISH:  # noqa: ASYNC110 - a process signals nothing
                await asyncio.sleep(0.5)
        await asyncio.to_thread(passing.stop)

    said = [line for line in lines.read_text().splitlines() if "CRITICAL" in line]
    assert set(ingestion.exits[:N_STARTS]) == {1}
    assert all(f"{FLOOD} messages in a row of hospital.hl7v2.v1 cannot" in line for line in said)
    assert len(said) == ingestion.exits.count(1)
    assert "Traceback" not in lines.read_text()
    assert len(dead) < FLOOD * ingestion.starts
    assert passing.starts == 1


async def letters(log: KafkaLog) -> list[Record]:
    return [letter async for letter in log.read(dead_letters_of(topics.HOSPITAL_HL7V2))]


async def ended(replica: Replica, n: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while len(replica.exits) < n:  # noqa: ASYNC110 - a supervisor's thread signals nothing
            await asyncio.sleep(0.1)
