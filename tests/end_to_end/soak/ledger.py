"""The sender's account of what was sent: what was acknowledged, and what must come of it.

It knows the messages as the hospital made them, where Kafka put each, and nothing of the services.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.end_to_end.soak.hospital import ANALYTES, Fact, Fate, Outgoing

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


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of one fact at the end."""

    serial: int
    says: str


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

    @property
    def n_unacknowledged(self) -> int:
        return self.n_sent - sum(len(row.places) for row in self.rows.values())

    def by_place(self) -> Mapping[Place, Row]:
        return {place: row for row in self.rows.values() for place in row.places}

    def standing(self) -> Mapping[str, Mapping[str, Standing]]:
        """Give, of each log, what counts of each fact that it was told itself."""
        logs: dict[str, dict[str, Standing]] = {}
        for row in self.rows.values():  # in the order of their serial numbers: the last one counts
            for log, entity, says in row.facts:
                logs.setdefault(log, {})[entity] = Standing(row.serial, says)
        return logs


def merged_into(standing: Mapping[str, Mapping[str, Standing]]) -> Mapping[str, str]:
    """Give each record's survivor, of those merged by the hospital and not taken apart again."""
    pairs = (
        (log, entity.split()[1:])
        for log, facts in standing.items()
        for entity, fact in facts.items()
        if entity.startswith("link ") and fact.says == "merged"
    )
    return {retired: survivor for log, (retired, survivor) in pairs if log == retired}


def readings(
    record: str, standing: Mapping[str, Mapping[str, Standing]], survivors: Mapping[str, str]
) -> Iterator[tuple[str, int]]:
    """Give, by analyte, the message of a patient's latest reading, merged records' among them."""
    members = [record, *(log for log, survivor in survivors.items() if survivor == record)]
    latest: dict[str, tuple[int, int]] = {}  # analyte: when it was measured, the message
    for entity, fact in ((e, f) for member in members for e, f in standing[member].items()):
        kind, *named = entity.split()
        if kind != "result" or fact.says.startswith("withdrawn"):
            continue
        at, analyte = int(named[0]), named[1]
        if analyte in ANALYTES:
            latest[analyte] = max(latest.get(analyte, (-1, -1)), (at, fact.serial))
    for analyte, (_, serial) in latest.items():
        yield analyte, serial
