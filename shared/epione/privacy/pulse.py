"""A pulse on the topic of keys, so that Kafka drops what was destroyed, however quiet it is there.

Kafka never cleans the segment that it writes to, and closes it when a message comes that finds it
too old: without one, a destroyed key would stay on the disk for good (measured on 4.1.1).
"""

import asyncio
import logging
from itertools import count

from epione.errors import Unavailable
from epione.messaging import Log, Message
from epione.messaging.partition import partition_of
from epione.messaging.patience import is_cancelled
from epione.messaging.topics import PATIENT_KEYS

# With the ten minutes of a segment, and Kafka's look every 15 s, a destroyed key has left the disk
# of each broker that is up within half an hour.
EVERY_S = 600.0

_log = logging.getLogger(__name__)


async def pulse(log: Log, n_partitions: int, every_s: float = EVERY_S) -> None:
    """Write to each partition of the topic from time to time, until cancelled."""
    messages = [Message(PATIENT_KEYS, pulse_key(n, n_partitions), b"") for n in range(n_partitions)]
    while not is_cancelled():
        await asyncio.sleep(every_s)
        try:
            await log.publish(messages)
        except Unavailable as fault:
            _log.warning("pulse: %s", fault)


def pulse_key(partition: int, n_partitions: int) -> bytes:
    """Give a key that is no patient's and belongs to a partition.

    >>> partition_of(pulse_key(3, 6), 6)
    3
    """
    keys = (b"pulse-%d" % n for n in count())
    return next(key for key in keys if partition_of(key, n_partitions) == partition)
