"""Records, one at a time, as batches."""

from collections.abc import AsyncIterator

from epione.messaging.log import Record


async def in_batches(
    records: AsyncIterator[Record], at_once: int, end: int | None = None
) -> AsyncIterator[list[Record]]:
    """Give a partition's records some at a time; those below the offset `end`, where it is told."""
    batch: list[Record] = []
    async for record in records:
        if end is not None and record.offset >= end:
            break
        batch.append(record)
        if len(batch) == at_once:
            yield batch
            batch = []
    if batch:
        yield batch
