import pytest

from epione.messaging.partition import partition_of
from epione.messaging.snapshots import MARKER, Complete, marker_key


@pytest.mark.parametrize("n_partitions", [1, 3, 6, 64])
def test_each_partition_has_a_last_record_of_its_own(n_partitions: int) -> None:
    keys = [marker_key(n, n_partitions) for n in range(n_partitions)]

    assert [partition_of(key, n_partitions) for key in keys] == list(range(n_partitions))
    assert all(key.decode().startswith(MARKER) for key in keys)


def test_a_last_record_is_read_as_it_is_written() -> None:
    complete = Complete(epoch=2, applied=120, release="0.1.0")

    assert Complete.from_bytes(complete.to_bytes()) == complete
