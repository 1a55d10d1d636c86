"""Which partition a key belongs to: murmur2, as every Kafka client has it."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=131_072)
def _hash_of(key: bytes) -> int:
    hashed: int = murmur2(key)
    return hashed & 0x7FFFFFFF


def partition_of(key: bytes, n_partitions: int) -> int:
    """Give the partition of a key.

    >>> partition_of(b"north/4f2a", 6)
    1
    """
    return _hash_of(key) % n_partitions
