"""Keys go where every other Kafka client puts them."""

import pytest

from epione.messaging.partition import partition_of


@pytest.mark.parametrize(
    ("key", "murmur2"),
    # Source: Apache Kafka 4.1, clients/src/test/…/common/utils/UtilsTest.java, testMurmur2.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_partition_is_that_of_the_java_client(key: bytes, murmur2: int) -> None:
    assert partition_of(key, 6) == (murmur2 & 0x7FFFFFFF) % 6
