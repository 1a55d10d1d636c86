"""The sender's account of what was sent: what was acknowledged, and what must come of it.

It knows the messages as the hospital made them, where Kafka put each, and nothing of the services.
"""

from dataclasses import dataclass, field

from tests.end_to_end.soak.hospital import Fact, Fate, Outgoing

Place = tuple[str, int, int]  # topic, partition, offset


@dataclass(slots=True)
class Row:
    """One message."""

    serial: int
    topic: str
    record: str  # the medical record number under which it was sent
    facts: tuple[Fact, ...]
    fate: Fate
    sent: int = 0  # times
    places: list[Place] = field(default_factory=list)  # where Kafka says that it is


class Ledger:
    """Every message sent, by its serial number."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self.n_sent = 0

    def sent(self, message: Outgoing) -> Row:
        row = self.rows.get(message.serial)
        if row is None:
            named = message.serial, message.topic.name, message.key.decode()
            row = self.rows[message.serial] = Row(*named, message.facts, message.fate)
        row.sent += 1
        self.n_sent += 1
        return row
