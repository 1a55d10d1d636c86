from collections.abc import AsyncIterator

import pytest

from epione.messaging import Record
from epione.messaging.batches import in_batches


async def records(*offsets: int) -> AsyncIterator[Record]:
    for offset in offsets:
        yield Record("t", 0, offset, b"k", b"v", (), 0)


@pytest.mark.parametrize(
    ("offsets", "end", "batches"),
    [
        pytest.param((), None, [], id="none"),
        pytest.param((0, 1, 2), None, [[0, 1], [2]], id="the last is not full"),
        pytest.param((0, 1, 2, 3), None, [[0, 1], [2, 3]], id="all are full"),
        pytest.param((0, 1, 2, 3), 3, [[0, 1], [2]], id="none at the end or after"),
        pytest.param((5, 9), 9, [[5]], id="offsets have gaps"),
    ],
)
async def test_records_come_in_batches(
    offsets: tuple[int, ...], end: int | None, batches: list[list[int]]
) -> None:
    found = [batch async for batch in in_batches(records(*offsets), 2, end)]

    assert [[record.offset for record in batch] for batch in found] == batches
