from collections.abc import Sequence

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from epione.messaging.header_names import read_any_header_name

GZIP = _DefaultRecordBatchBuilderPy.CODEC_GZIP


class Name(str):
    """A header's name as a sender writes it that knows no UTF-8."""

    def encode(self, *_: str) -> bytes:
        return super().encode("latin-1")


@pytest.mark.parametrize("codec", [pytest.param(0, id="plain"), pytest.param(GZIP, id="gzip")])
def test_every_record_of_a_fetch_is_given_once_and_in_order(codec: int) -> None:
    names = ["größe", Name("größe"), "id", "größe", Name("ÿ"), ""]
    fetched = _batch(0, names, codec) + _batch(6, names, codec)

    records = _records(fetched, start=0)

    assert [record.offset for record in records] == list(range(12))
    assert [record.headers[0] for record in records] == [
        (name, b"\xff") for name in ("größe", "gr??e", "id", "größe", "?", "")
    ] * 2


def test_a_fetch_in_the_middle_of_a_batch_begins_where_it_was_asked() -> None:
    records = _records(_batch(0, ["id", Name("ÿ"), "id", Name("ÿ")]), start=2)

    assert [record.offset for record in records] == [2, 3]


def _batch(start: int, names: Sequence[str], codec: int = 0) -> bytes:
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 100_000)
    for n, name in enumerate(names):
        builder.append(n, 1_700_000_000_000, b"k", b"\xff", [(name, b"\xff")])
    return start.to_bytes(8) + bytes(builder.build())[8:]  # the checksum begins after it


def _records(fetched: bytes, start: int) -> list[ConsumerRecord]:
    read_any_header_name()
    records = fetcher.MemoryRecords(fetched)
    partition = TopicPartition("topic", 0)
    return list(
        fetcher.PartitionRecords(
            partition, records, None, start, None, None, True, fetcher.READ_UNCOMMITTED
        )
    )
