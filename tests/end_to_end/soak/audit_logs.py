"""Every fact of every message on its patient's log, in order; and the dead letters."""

from collections import Counter

from tests.end_to_end.soak.expected import Expected
from tests.end_to_end.soak.findings import Again, Findings, Wrong
from tests.end_to_end.soak.hospital import Fate, version_us
from tests.end_to_end.soak.ledger import Place, Row
from tests.end_to_end.soak.reading import Held, is_stated, place_of, said_by

from epione.messaging import Record, attributes_of, topics
from epione.messaging.dead_letter import ORIGIN_OFFSET, ORIGIN_PARTITION, ORIGIN_TOPIC
from epione.messaging.topics import dead_letters_of
from epione.v1 import genome_sample_pb2
from epione.v1 import patient_event_pb2 as pb


class Logs:
    """Which log is whose, as its entries tell, and the whole logs of some patients."""

    def __init__(self, n_whole: int) -> None:
        self._n_whole = n_whole
        self.name_of: dict[str, str] = {}  # by key
        self.key_of: dict[str, str] = {}
        self.whole: dict[str, list[Record]] = {}

    def keep(self, key: str, record: Record) -> None:
        if key in self.whole or len(self.whole) < self._n_whole:
            self.whole.setdefault(key, []).append(record)

    def is_of(self, key: str, name: str) -> bool:
        """Say whether the log is this record's, and no other is."""
        return self.name_of.setdefault(key, name) == name and (
            self.key_of.setdefault(name, key) == key
        )

    def shown(self, key: str) -> str:
        return self.name_of.get(key, key)


async def read_logs(held: Held, expected: Expected, logs: Logs, found: Findings) -> None:
    entries = _Entries(expected, logs, found)
    async for key, record, value in held.records(topics.PATIENT_EVENTS):
        logs.keep(key, record)
        event = pb.PatientEvent.FromString(value)
        if is_stated(event) and event.origin in ("", event.patient):
            entries.read(key, record, event)
    entries.end()


class _Entries:
    """Reads what hospitals stated, entry by entry."""

    def __init__(self, expected: Expected, logs: Logs, found: Findings) -> None:
        self._expected, self._logs, self._found = expected, logs, found
        self._entered: set[tuple[str, str]] = set()  # key, delivery
        self._seen: set[tuple[int, int]] = set()  # message, fact
        self._last: dict[tuple[str, str], int] = {}  # by key and raw topic, the message

    def read(self, key: str, record: Record, event: pb.PatientEvent) -> None:
        place, index = place_of(event.delivery_id)
        row = self._expected.by_place.get(place)
        if row is None or index >= len(row.facts):
            self._found.note(Wrong.DOUBLE, "an entry that nobody sent", event.delivery_id)
            return
        if (key, event.delivery_id) in self._entered:
            self._found.repeated.append((record.timestamp_ms, Again.ENTRIES))
        self._entered.add((key, event.delivery_id))
        if (row.serial, index) not in self._seen:  # else it was repeated, or sent again
            self._seen.add((row.serial, index))
            self._check(key, event, row, index)
            self._check_order(key, row, index)

    def _check(self, key: str, event: pb.PatientEvent, row: Row, index: int) -> None:
        fact = row.facts[index]
        if not self._logs.is_of(key, fact.log):
            self._found.note(Wrong.DOUBLE, "on another patient's log", f"message {row.serial}")
        if event.version.time_us != version_us(row.serial) or said_by(event) != fact.says:
            said = f"{said_by(event)!r}, not {fact.says!r}"
            self._found.note(Wrong.LOST, "says something else", said)

    def _check_order(self, key: str, row: Row, index: int) -> None:
        """A message of two patients comes by the order of the one under whom it was sent."""
        if row.facts[index].log != row.record:
            return
        last = self._last.get((key, row.topic), -1)
        if row.serial < last:
            self._found.note(Wrong.OUT_OF_ORDER, "an entry", f"{row.serial} after {last}")
        self._last[key, row.topic] = max(row.serial, last)

    def end(self) -> None:
        for row in self._expected.rows.values():
            for index in range(len(row.facts)):
                self._found.checked["facts"] += 1
                if row.places and (row.serial, index) not in self._seen:
                    at = f"message {row.serial}, {row.places}"
                    self._found.note(Wrong.LOST, "not on its log", at)


async def read_dead_letters(held: Held, expected: Expected, found: Findings) -> None:
    """There is a dead letter for each message at fault, and for no other."""
    dead: Counter[int] = Counter()
    for topic in topics.CONSUMED:
        async for _, record, value in held.records(dead_letters_of(topic)):
            place = _origin_of(record)
            if topic == topics.GENOME_SAMPLES:
                place, _ = place_of(genome_sample_pb2.GenomeSample.FromString(value).delivery_id)
            row = expected.by_place.get(place)
            if row is None or row.fate in (Fate.USED, Fate.UNUSED):
                found.note(Wrong.DOUBLE, "a good message is a dead letter", f"{place}")
                continue
            dead[row.serial] += 1
            if dead[row.serial] > len(row.places):
                found.repeated.append((record.timestamp_ms, Again.DEAD_LETTERS))
    for row in expected.rows.values():
        if row.fate in (Fate.REFUSED, Fate.REFUSED_LATER):
            found.checked["messages at fault"] += 1
            if row.places and not dead[row.serial]:
                found.note(Wrong.LOST, "no dead letter", f"message {row.serial}")


def _origin_of(letter: Record) -> Place:
    said = attributes_of(letter.headers)
    return said[ORIGIN_TOPIC], int(said[ORIGIN_PARTITION]), int(said[ORIGIN_OFFSET])
