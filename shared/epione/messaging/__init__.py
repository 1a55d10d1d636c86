"""Messaging: the delivery rules, once, for every service.

The port and the in-memory log are here. What needs a client library is imported by its own name:
`epione.messaging.kafka.KafkaLog`, `epione.messaging.state.StateStore`,
`epione.messaging.folding.Folding`, `epione.messaging.due.DueTimes`.
"""

from epione.messaging.cloudevents import (
    JSON,
    PROTOBUF,
    attributes_of,
    content_type_of,
    headers_of,
)
from epione.messaging.log import (
    Again,
    Archive,
    Done,
    Headers,
    Log,
    Message,
    Record,
    Step,
    Stream,
    Subscription,
)
from epione.messaging.memory import MemoryLog
from epione.messaging.patience import Patience
from epione.messaging.service import serve, stop_on_signals
from epione.messaging.step import answering
from epione.messaging.topics import Layout, Topic, dead_letters_of

__all__ = [
    "JSON",
    "PROTOBUF",
    "Again",
    "Archive",
    "Done",
    "Headers",
    "Layout",
    "Log",
    "MemoryLog",
    "Message",
    "Patience",
    "Record",
    "Step",
    "Stream",
    "Subscription",
    "Topic",
    "answering",
    "attributes_of",
    "content_type_of",
    "dead_letters_of",
    "headers_of",
    "serve",
    "stop_on_signals",
]
