"""The audit: what the ledger says must have come of each message, against what is there.

Lost: an acknowledged message, or a fact of one, without its effect: not on its patient's log; in
the state or the plan there is an older version, or none; a message at fault without a dead letter.
Double: an effect that is there and should not be, or more than once: a fact counted twice, on a log
that is not its patient's, taken back but still counted; a recommendation that a downstream reader
keeps and the plan does not have, or the other way round; a good message among the dead letters.
Out of order: on its patient's log a message stands, for the first time, before one that was sent
earlier on the same topic; or a later plan is as of an earlier time.
A message that comes again, as delivery at least once allows, is none of these: it is counted as
repeated, and must change nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from redis import Redis
from tests.end_to_end.soak.downstream import Downstream
from tests.end_to_end.soak.hospital import ANALYTES, Fate, version_us
from tests.end_to_end.soak.ledger import Ledger, Row, Standing, merged_into, readings
from tests.end_to_end.soak.reading import is_stated, place_of, records_of, said_by

from epione.medicine.pharmacogenomics import Cpic
from epione.messaging import Log, Record, attributes_of, topics
from epione.messaging.dead_letter import ORIGIN_OFFSET, ORIGIN_PARTITION, ORIGIN_TOPIC
from epione.messaging.topics import dead_letters_of
from epione.privacy import Vault
from epione.v1 import genome_sample_pb2, plan_pb2, state_pb2
from epione.v1 import patient_event_pb2 as pb
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference
from epione_inference.single import plans_of

ASKED = frozenset(ANALYTES) - {"8462-4"}  # by PREVENT
EXAMPLES = 5


@dataclass(slots=True)
class Findings:
    """What is wrong, and what came again."""

    wrong: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: list[str] = field(default_factory=list)
    repeated: list[tuple[int, str]] = field(default_factory=list)  # ms since 1970, what
    checked: Counter[str] = field(default_factory=Counter)

    def note(self, count: str, what: str, example: str) -> None:
        self.wrong[count][what] += 1
        if self.wrong[count][what] <= EXAMPLES:
            self.examples.append(f"{count}: {what}: {example}")

    def total(self, count: str) -> int:
        return sum(self.wrong[count].values())

    @property
    def lost(self) -> int:
        return self.total("lost")

    @property
    def double(self) -> int:
        return self.total("double")

    @property
    def out_of_order(self) -> int:
        return self.total("out of order")


class Audit:
    """Goes through everything that the stream holds at the end."""

    def __init__(
        self, ledger: Ledger, log: Log, vault: Vault, redis_url: str, n_folded: int
    ) -> None:
        """Prepare it; the plans of `n_folded` patients are compared with a single-process fold."""
        self._ledger, self._redis_url, self._n_folded = ledger, redis_url, n_folded
        self._vault, self._read = vault, partial(records_of, log, vault)
        self._rows = ledger.by_place()
        self._standing = ledger.standing()
        self._survivors = merged_into(self._standing)
        self._name_of: dict[str, str] = {}  # a log's name by its key
        self._key_of: dict[str, str] = {}
        self._sampled: dict[str, list[Record]] = {}
        self.found = Findings()

    async def run(self) -> Findings:
        await self._read_logs()
        await self._read_dead_letters()
        await self._read_states()
        plans = await self._read_plans()
        await self._compare_with_fold(plans)
        await self._compare_with_downstream(plans)
        return self.found

    async def _read_logs(self) -> None:
        """Every fact of every message on its patient's log, in order."""
        seen: set[tuple[int, int]] = set()  # message, fact
        entered: set[str] = set()
        last: dict[tuple[str, str], int] = {}
        async for key, record, value in self._read(topics.PATIENT_EVENTS):
            event = pb.PatientEvent.FromString(value)
            self._sample(key, record)
            if not is_stated(event) or event.origin not in ("", event.patient):
                continue
            place, index = place_of(event.delivery_id)
            row = self._rows.get(place)
            if row is None or index >= len(row.facts):
                self.found.note("double", "an entry that nobody sent", event.delivery_id)
                continue
            if event.delivery_id + key in entered:
                self.found.repeated.append((record.timestamp_ms, "entries of logs"))
            entered.add(event.delivery_id + key)
            if (row.serial, index) in seen:  # repeated, or sent again
                continue
            seen.add((row.serial, index))
            self._check_entry(key, event, row, index)
            channel = key, row.topic
            if row.facts[index].log == row.record:
                if row.serial < last.get(channel, -1):
                    at = f"{row.serial} after {last[channel]}"
                    self.found.note("out of order", "an entry", at)
                last[channel] = max(row.serial, last.get(channel, -1))
        for row in self._ledger.rows.values():
            for index in range(len(row.facts)):
                self.found.checked["facts"] += 1
                if row.places and (row.serial, index) not in seen:
                    self.found.note("lost", "not on its log", f"message {row.serial} {row.places}")

    def _check_entry(self, key: str, event: pb.PatientEvent, row: Row, index: int) -> None:
        fact = row.facts[index]
        name = self._name_of.setdefault(key, fact.log)
        if name != fact.log or self._key_of.setdefault(fact.log, key) != key:
            self.found.note("double", "on another patient's log", f"message {row.serial}")
        if event.version.time_us != version_us(row.serial) or said_by(event) != fact.says:
            self.found.note("lost", "says something else", f"{said_by(event)!r}, not {fact.says!r}")

    def _sample(self, key: str, record: Record) -> None:
        if key in self._sampled or len(self._sampled) < self._n_folded:
            self._sampled.setdefault(key, []).append(record)

    async def _read_dead_letters(self) -> None:
        """A dead letter for each message at fault, and for no other."""
        dead: Counter[int] = Counter()
        for topic in topics.CONSUMED:
            async for _, record, value in self._read(dead_letters_of(topic)):
                said = attributes_of(record.headers)
                place = said[ORIGIN_TOPIC], int(said[ORIGIN_PARTITION]), int(said[ORIGIN_OFFSET])
                if topic == topics.GENOME_SAMPLES:
                    sample = genome_sample_pb2.GenomeSample.FromString(value)
                    place, _ = place_of(sample.delivery_id)
                row = self._rows.get(place)
                if row is None or row.fate in (Fate.USED, Fate.UNUSED):
                    self.found.note("double", "a good message is a dead letter", f"{place}")
                    continue
                dead[row.serial] += 1
                if dead[row.serial] > len(row.places):
                    self.found.repeated.append((record.timestamp_ms, "dead letters"))
        for row in self._ledger.rows.values():
            if row.fate in (Fate.REFUSED, Fate.REFUSED_LATER):
                self.found.checked["messages at fault"] += 1
                if row.places and not dead[row.serial]:
                    self.found.note("lost", "no dead letter", f"message {row.serial}")

    async def _read_states(self) -> None:
        """In the state of each log, of each fact the last version, once."""
        found: set[str] = set()
        with Redis.from_url(self._redis_url) as client:
            for name in client.scan_iter("epione:*:states"):
                sealed = {key.decode(): state for key, state in client.hscan_iter(name)}
                for key, state in (await self._vault.opened_states(sealed)).items():
                    log = self._name_of.get(key)
                    if log is not None:
                        found.add(log)
                        self._check_state(log, state_pb2.PatientState.FromString(state))
        for log in self._standing.keys() - found:
            self.found.note("lost", "no state", log)

    def _check_state(self, log: str, state: state_pb2.PatientState) -> None:
        held: dict[str, dict[str, int]] = defaultdict(dict)  # by origin: fact, message
        for event in state.events:
            if not is_stated(event):
                continue
            origin = self._name_of.get(f"{event.tenant}/{event.origin or event.patient}", "")
            place, index = place_of(event.delivery_id)
            row = self._rows[place]
            entity = row.facts[index].entity
            if entity in held[origin]:
                self.found.note("double", "twice in the state", f"{log}: {entity}")
            held[origin][entity] = row.serial
        counted = [log, *(each for each in held if self._is_member(each, log))]
        for origin in counted:
            self._check_held(log, held[origin], self._standing[origin])

    def _is_member(self, other: str, log: str) -> bool:
        return self._survivors.get(other) == log or other == f"alias {log}"

    def _check_held(
        self, log: str, held: Mapping[str, int], standing: Mapping[str, Standing]
    ) -> None:
        for entity, fact in standing.items():
            self.found.checked["facts in states"] += 1
            if held.get(entity) != fact.serial:
                at = f"{log}: {entity} is of message {held.get(entity)}, not {fact.serial}"
                self.found.note("lost", "not in the state", at)

    async def _read_plans(self) -> dict[str, tuple[plan_pb2.Plan, bytes]]:
        """Read the current plans as a reader does: a lower revision is dropped."""
        current: dict[str, tuple[plan_pb2.Plan, bytes]] = {}
        async for key, record, value in self._read(topics.PATIENT_PLANS):
            plan = plan_pb2.Plan.FromString(value)
            known = current.get(key)
            if known is not None and _revision(plan) <= _revision(known[0]):
                self.found.repeated.append((record.timestamp_ms, "plans"))
                continue
            if known is not None and plan.as_of.ToNanoseconds() < known[0].as_of.ToNanoseconds():
                self.found.note("out of order", "a plan", f"{self._name_of.get(key)}")
            current[key] = plan, value
        for log in self._standing:
            self.found.checked["plans"] += 1
            known = current.get(self._key_of.get(log, ""))
            if known is None:
                self.found.note("lost", "no plan", log)
            else:
                self._check_plan(log, known[0])
        return current

    def _check_plan(self, log: str, plan: plan_pb2.Plan) -> None:
        """The plan rests on the last reading of each analyte, and on no other."""
        is_merged = log in self._survivors or log.startswith("alias ")
        if is_merged != (plan.state == plan_pb2.Plan.STATE_MERGED):
            count = "lost" if is_merged else "double"
            self.found.note(count, "a merge", f"{log} is {plan.state}")
        expected = dict(readings(log, self._standing, self._survivors))
        given = [each for each in plan.recommendations if each.key == "risk/prevent" and each.risks]
        if is_merged or not given or not expected.keys() >= ASKED:
            return
        shown = {row.serial for row in map(self._rows.get, _places_in(given[0])) if row is not None}
        asked = {serial for analyte, serial in expected.items() if analyte in ASKED}
        self.found.checked["readings in plans"] += len(asked)
        for serial in asked - shown:
            self.found.note("lost", "not in the plan", f"{log}: message {serial}")
        for serial in shown - asked:
            if any(fact.entity.startswith("result") for fact in self._ledger.rows[serial].facts):
                self.found.note("double", "still in the plan", f"{log}: message {serial}")

    async def _compare_with_fold(self, plans: Mapping[str, tuple[plan_pb2.Plan, bytes]]) -> None:
        """The plans are, byte for byte, those of one undisturbed process."""
        answers = PreventAnswers(None)
        try:
            records = [record for each in self._sampled.values() for record in each]
            folded = await plans_of(records, Inference(answers, Cpic()))
        finally:
            answers.close()
        for key, plan in folded.items():
            self.found.checked["plans folded again"] += 1
            if key not in plans or plans[key][1] != plan:
                name = self._name_of.get(key, key)
                self.found.note("double", "a plan that is not the fold of its log", name)

    async def _compare_with_downstream(
        self, plans: Mapping[str, tuple[plan_pb2.Plan, bytes]]
    ) -> None:
        downstream = Downstream()
        async for key, record, value in self._read(topics.RECOMMENDATIONS):
            if not downstream.apply(key, plan_pb2.Recommendation.FromString(value)):
                self.found.repeated.append((record.timestamp_ms, "recommendations"))
        for key, (plan, _) in plans.items():
            self.found.checked["standing sets"] += 1
            current = {each.key: each.id for each in plan.recommendations}
            if downstream.standing(key) != current:
                differs = set(downstream.standing(key).items()) ^ set(current.items())
                names = sorted({name for name, _ in differs})
                at = f"{self._name_of.get(key, key)}: {names}"
                self.found.note("double", "a downstream reader's set", at)


def _revision(plan: plan_pb2.Plan) -> tuple[int, int]:
    return plan.revision.epoch, plan.revision.offset


def _places_in(recommendation: plan_pb2.Recommendation) -> Sequence[tuple[str, int, int]]:
    return [
        place_of(event_id)[0]
        for reason in recommendation.reasons
        for event_id in reason.event_ids
        if event_id.startswith("hospital.")
    ]
