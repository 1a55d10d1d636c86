"""What must be there at the end, worked out from the ledger alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.end_to_end.soak.hospital import ANALYTES
from tests.end_to_end.soak.ledger import Ledger, Place, Row

ASKED = frozenset(ANALYTES) - {"8462-4"}  # by PREVENT


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of one fact at the end."""

    serial: int
    says: str


class Expected:
    """Which message counts of each fact, whose records are merged, and what a plan rests on."""

    def __init__(self, ledger: Ledger) -> None:
        self.rows = ledger.rows
        self.by_place: Mapping[Place, Row] = {
            place: row for row in ledger.rows.values() for place in row.places
        }
        self.standing = _standing(ledger)
        self.survivors = _survivors(self.standing)

    def is_merged(self, log: str) -> bool:
        return log in self.survivors or log.startswith("alias ")

    def was_unmerged(self, log: str) -> bool:
        """Say whether a record was taken out of this one, and what it had reached with it."""
        return any(fact.says == "unmerged" for fact in self.standing[log].values())

    def is_member(self, other: str, log: str) -> bool:
        """Say whether another record's facts count in this one."""
        return self.survivors.get(other) == log or other == f"alias {log}"

    def readings(self, log: str) -> dict[str, int]:
        """Give, by analyte, the message of a patient's latest reading, merged records' too."""
        latest: dict[str, tuple[int, int]] = {}  # when it was measured, the message
        for at, analyte, serial in self._results(log):
            latest[analyte] = max(latest.get(analyte, (-1, -1)), (at, serial))
        return {analyte: serial for analyte, (_, serial) in latest.items()}

    def _results(self, log: str) -> Iterator[tuple[int, str, int]]:
        merged = (other for other, survivor in self.survivors.items() if survivor == log)
        for member in (log, *merged):
            for entity, fact in self.standing[member].items():
                kind, *named = entity.split()
                if kind == "result" and not fact.says.startswith("withdrawn"):
                    yield int(named[0]), named[1], fact.serial


def _standing(ledger: Ledger) -> Mapping[str, Mapping[str, Standing]]:
    """Give, of each log, what counts of each fact that it was told itself."""
    logs: dict[str, dict[str, Standing]] = {}
    for row in ledger.rows.values():  # in the order of their serial numbers: the last one counts
        for log, entity, says in row.facts:
            logs.setdefault(log, {})[entity] = Standing(row.serial, says)
    return logs


def _survivors(standing: Mapping[str, Mapping[str, Standing]]) -> Mapping[str, str]:
    """Give each record's survivor, of those merged by the hospital and not taken apart again."""
    pairs = (
        (log, entity.split()[1:])
        for log, facts in standing.items()
        for entity, fact in facts.items()
        if entity.startswith("link ") and fact.says == "merged"
    )
    return {retired: survivor for log, (retired, survivor) in pairs if log == retired}
