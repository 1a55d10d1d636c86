"""Header names that are no UTF-8, which Kafka and clients in C allow, and aiokafka cannot read.

aiokafka 0.14 raises UnicodeDecodeError out of `getmany` at such a record, again and again, and what
it took of other partitions in that call is lost to the caller. Nothing public lets one decode the
names, so what its fetcher makes is replaced by what is here.
"""

from collections.abc import Iterator
from typing import Any, Self

from aiokafka import ConsumerRecord
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy

# One byte for one: a record never grows, and so fits wherever it is written again.
_LEGIBLE = bytes(byte if byte < 0x80 else ord("?") for byte in range(256))


def read_any_header_name() -> None:
    """Have every consumer of this process read a name that is no UTF-8 with "?" for its bytes."""
    fetcher.MemoryRecords = _Fetched
    fetcher.PartitionRecords = _PartitionRecords


class _Fetched(MemoryRecords):  # type: ignore[misc]  # aiokafka is not typed
    """What was fetched of a partition, with its bytes kept."""

    def __init__(self, fetched: bytes) -> None:
        super().__init__(fetched)
        self.fetched = fetched


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed
    """Begins again where a name is no UTF-8, by aiokafka's parser in Python.

    What was given already is passed over by its offset. To read only what was committed, the
    transactions that were aborted would have to begin again, too: nobody here does.
    """

    _records: Any
    _records_iterator: Iterator[ConsumerRecord]

    def __next__(self) -> ConsumerRecord:
        try:
            return next(self._records_iterator)
        except UnicodeDecodeError:
            self._records = _Batches(self._records.fetched)
            self._records_iterator = self._unpack_records()
            return next(self._records_iterator)


class _Batches(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka is not typed
    def next_batch(self) -> Any:
        encoded = self._next_slice
        batch = super().next_batch()
        return _Batch(encoded) if isinstance(batch, DefaultRecordBatch) else batch


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka is not typed
    _buffer: bytearray

    def __iter__(self) -> Self:
        super().__iter__()
        self._buffer = _Buffer(self._buffer)
        return self


class _Buffer(bytearray):
    """Bytes whose slices decode whatever they are; of a record only header names are decoded."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Buffer(found) if isinstance(at, slice) else found

    def decode(self, *_: str) -> str:
        try:
            return super().decode()
        except UnicodeDecodeError:
            return self.translate(_LEGIBLE).decode()
