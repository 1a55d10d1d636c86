"""How a subscription stands, as its metrics say it."""

import time

from tests.unit.counted import counted, is_told

from epione.messaging import Again, Done, Record
from epione.messaging.standing import Standing

TOPIC = "standing.v1"


def records(partition: int, n: int, logged_ms: int = 0) -> list[Record]:
    return [Record(TOPIC, partition, i, b"k", b"v", (), logged_ms) for i in range(n)]


def lag(partition: int) -> float:
    return counted("epione_lag_messages", topic=TOPIC, partition=str(partition))


def test_what_is_dealt_is_held_from_where_the_group_left_it() -> None:
    standing = Standing(TOPIC)
    before = counted("epione_rebalances_total", topic=TOPIC)

    standing.dealt([0, 3])

    assert standing.positions == {0: None, 3: None}
    assert counted("epione_partitions_held", topic=TOPIC) == 2
    assert counted("epione_rebalances_total", topic=TOPIC) == before + 1


def test_a_batch_that_is_done_moves_its_partition_on() -> None:
    standing = Standing(TOPIC)
    before = counted("epione_messages_in_total", topic=TOPIC)
    standing.dealt([0, 3])

    standing.ended(records(3, 5), Done(5))

    assert standing.positions == {0: None, 3: 5}
    assert counted("epione_messages_in_total", topic=TOPIC) == before + 5


def test_a_batch_given_up_counts_as_that_and_moves_nothing() -> None:
    standing = Standing(TOPIC)
    before = counted("epione_messages_in_total", topic=TOPIC)
    again = counted("epione_batches_again_total", topic=TOPIC)
    standing.dealt([0])

    standing.ended(records(0, 5), Again(0))

    assert standing.positions == {0: None}
    assert counted("epione_messages_in_total", topic=TOPIC) == before
    assert counted("epione_batches_again_total", topic=TOPIC) == again + 1


def test_lag_is_what_lies_between_the_position_and_the_end() -> None:
    standing = Standing(TOPIC)
    standing.dealt([0])

    standing.ended_at(0, end=12, position=5)

    assert lag(0) == 7


def test_of_a_partition_that_was_let_go_nothing_is_said() -> None:
    standing = Standing(TOPIC)
    standing.dealt([0, 1])
    standing.ended_at(0, end=12, position=5)

    standing.let_go()

    assert not is_told("epione_lag_messages", topic=TOPIC, partition="0")
    assert counted("epione_partitions_held", topic=TOPIC) == 0


def test_a_batch_tells_its_size_and_how_long_its_oldest_message_waited() -> None:
    standing = Standing(TOPIC)
    size = counted("epione_batch_messages_sum", topic=TOPIC)
    waited = counted("epione_stage_seconds_sum", topic=TOPIC, stage="waited")

    standing.begun(records(0, 3, logged_ms=int(time.time() * 1000) - 60_000))

    assert counted("epione_batch_messages_sum", topic=TOPIC) == size + 3
    assert 60 <= counted("epione_stage_seconds_sum", topic=TOPIC, stage="waited") - waited < 70
