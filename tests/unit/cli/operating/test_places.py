import pytest

from epione.errors import Rejected
from epione.messaging import Layout, MemoryLog, Message, Topic
from epione_cli.operating.places import Place, place_in, start_of, time_ms

TOPIC = Topic("raw.v1")


@pytest.fixture
async def log() -> MemoryLog:
    """A log of one partition, with a record a second."""
    times = iter(range(0, 5_000, 1_000))
    log = MemoryLog(Layout(partitions=2), now_ms=lambda: next(times))
    await log.publish([Message(TOPIC, b"a", b"%d" % n) for n in range(5)])
    return log


def test_a_place_is_written_as_it_is_read() -> None:
    assert place_in(str(Place("raw.v1", 3, 12))) == ("raw.v1", 3, 12)


@pytest.mark.parametrize("text", ["", "raw.v1", "raw.v1/3", "raw.v1/a/3", "raw.v1/3/12/1"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="TOPIC/PARTITION/OFFSET"):
        place_in(text)


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        pytest.param("beginning", [0, 0], id="the beginning"),
        pytest.param("1970-01-01T00:00:02", [0, 2], id="a time without a zone is UTC"),
        pytest.param("1970-01-01T01:00:02+01:00", [0, 2], id="a time of a zone"),
        pytest.param("1970-01-01T00:00:01.500", [0, 2], id="a time between two records"),
        pytest.param("2026-11-01", [0, 5], id="a day after the last"),
    ],
)
async def test_all_partitions_are_read_from_a_time(
    log: MemoryLog, text: str, offsets: list[int]
) -> None:
    assert sorted((await start_of(log, TOPIC, text)).values()) == offsets


async def test_the_named_partitions_alone_are_read_from_offsets(log: MemoryLog) -> None:
    assert await start_of(log, TOPIC, "1:3") == {1: 3}
    assert await start_of(log, TOPIC, "1:3,0:7") == {0: 7, 1: 3}


@pytest.mark.parametrize("text", ["yesterday", "1:", "1:2,", "now", "-1:3"])
async def test_what_is_neither_is_refused_and_the_ways_are_named(log: MemoryLog, text: str) -> None:
    with pytest.raises(Rejected, match="neither a time"):
        await start_of(log, TOPIC, text)


def test_a_time_is_read_to_the_millisecond() -> None:
    assert time_ms("1970-01-01T00:00:01.234") == 1_234
