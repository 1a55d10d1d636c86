"""A person is forgotten while all services run: nothing that is left can be read, by anyone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pytest
from redis import Redis
from tests.real_parts import Faults
from tests.running import DEADLINE_S
from tests.vaults import KEYS

from epione.errors import BrokerDown, Erased, Misconfigured, UnknownPatient
from epione.genomes import Allowed
from epione.identity import MedicalRecord, keys_of, patient_key, pseudonym
from epione.messaging import Done, MemoryLog, Message, Record, Topic, headers_of, topics
from epione.messaging.state import StateStore
from epione.privacy import (
    KEY,
    KeyRing,
    Outcome,
    Vault,
    entry_of,
    keys_on,
    opened_records,
    opened_vault,
)
from epione.privacy.keyring import GRACE_MS
from epione.timeline import PatientForgotten, Quantity
from epione.wire import event_from_wire, plan_from_wire
from epione_cli.hospital import Owner, genome_message
from epione_cli.operating.forgetting import Forgetting, Forgotten
from epione_cli.operating.persons import person_of
from epione_cli.patients.vcf import SAMPLE, genome
from epione_cli.stage import services
from epione_ingestion.app import subscription
from epione_ingestion.rules import Rules

pytestmark = pytest.mark.redis

IDENTITY = keys_of("a secret of the tests, long enough")
ASSIGNER, TENANT = "NORTH", "default"
DERIVED = [topic for topic in topics.ALL if topic not in (topics.AUDIT, topics.PATIENT_KEYS)]
RAW = (topics.HOSPITAL_FHIR, topics.HOSPITAL_HL7V2, topics.HOSPITAL_GENOME)


def name_of(number: str) -> str:
    return pseudonym(IDENTITY, TENANT, MedicalRecord(ASSIGNER, number))


def key_of(number: str) -> bytes:
    return patient_key(TENANT, name_of(number)).encode()


def result(number: str, systolic: int, at: str = "20260301") -> Message:
    """Give a pressure of a record."""
    return hl7(
        f"MSH|^~\\&|LAB|NORTH|||{at}120000+0000||ORU^R01|{number}{at}|P|2.5.1",
        f"PID|1||{number}^^^{ASSIGNER}^MR||Testwell^Amara||19690421|F",
        f"OBR|1||{number}{at}^LAB|24323-8^Panel^LN|||{at}110000+0000",
        f"OBX|1|NM|8480-6^^LN||{systolic}|mm[Hg]|||||F",
    )


def linked(trigger: str, survivor: str, retired: str, at: str) -> Message:
    other = f"{'PID|2||' if trigger == 'A37' else 'MRG|'}{retired}^^^{ASSIGNER}^MR"
    return hl7(
        f"MSH|^~\\&|ADT|NORTH|||{at}120000+0000||ADT^{trigger}|{trigger}{at}|P|2.5.1",
        f"PID|1||{survivor}^^^{ASSIGNER}^MR",
        other,
    )


def hl7(*segments: str) -> Message:
    headers = headers_of(
        event_id=segments[0],
        source="urn:nowhere",
        kind="hospital.hl7v2",
        content_type="application/hl7-v2",
    )
    return Message(topics.HOSPITAL_HL7V2, b"k", "\r".join(segments).encode() + b"\r", headers)


class Clock:
    def __init__(self) -> None:
        self.ms = 1_780_000_000_000

    def __call__(self) -> int:
        return self.ms


@dataclass(frozen=True, slots=True)
class Stage:
    """Services that run, a genome's folder, and a clock."""

    log: MemoryLog
    redis: Faults
    rules: Rules
    clock: Clock
    folder: Path
    settle: Callable[[], "asyncio.Future[None]"]

    async def send(self, *messages: Message) -> None:
        await self.log.publish(messages)
        await self.settle()

    async def send_genome(self, number: str) -> Path:
        """Send one by its address: it is too large to go with its message."""
        file = self.folder / f"{number}.vcf"
        comment = b"##note=" + b"x" * 300_000 + b"\n"
        first, rest = genome({"rs4244285": "G/A"}).split(b"\n", 1)
        file.write_bytes(first + b"\n" + comment + rest)
        await self.send(genome_message(file, Owner(MedicalRecord(ASSIGNER, number), SAMPLE)))
        return file

    async def forget(self, number: str, **changed: object) -> Forgotten:
        forgetting = Forgetting(self.log, self.vault(), IDENTITY, self.rules.genomes)
        asked = replace(forgetting, **changed)  # type: ignore[arg-type]
        return await asked.forget(TENANT, name_of(number), "ada", "she asked")

    def vault(self) -> Vault:
        return Vault(KeyRing(self.log, KEYS, self.clock))

    async def standing(self, topic: Topic) -> dict[bytes, Record]:
        """Give what a compacted topic holds in the end."""
        found: dict[bytes, Record] = {}
        async for record in self.log.read(topic):
            found[record.key or b""] = record
        return found

    async def pressures(self, number: str) -> list[float]:
        """Give what the plan's log says of a record's pressure, as a reader can open it."""
        from epione_cli.reading import case_now

        case = await case_now(self.log, self.vault(), key_of(number))
        readings = case.history.observations.get("8480-6", ())
        return [s.value.value.value for s in readings if isinstance(s.value.value, Quantity)]


@pytest.fixture
async def stage(own_redis: Faults, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(own_redis, tmp_path) as stage:
        yield stage


@asynccontextmanager
async def staged(redis: Faults, folder: Path) -> AsyncIterator[Stage]:
    clock = Clock()
    log = MemoryLog(now_ms=clock)
    rules = Rules(IDENTITY, genomes=Allowed(roots=(PurePosixPath(folder),)))
    async with services(log, KEYS, rules, redis.url, clock) as running:

        async def settle() -> None:
            async with asyncio.timeout(DEADLINE_S):
                await log.settled(len(running.reading))

        yield Stage(log, redis, rules, clock, folder, settle)  # type: ignore[arg-type]


# ── what is left ──


def forgets(record: Record) -> bool:
    """Say whether a record is the entry of a log that forgets: plain, for it states nothing."""
    if record.topic != topics.PATIENT_EVENTS.name or KEY in dict(record.headers):
        return False
    return isinstance(event_from_wire(record.value).body, PatientForgotten)


async def leftovers(stage: Stage, owners: Iterable[bytes]) -> list[str]:
    """Give what, of these patients, the vault's secret still opens or nobody even needs it for.

    By the keys that stand, whatever a topic's log may hold until it is compacted.
    """
    found, vault = [], stage.vault()
    records = [record for topic in DERIVED async for record in stage.log.read(topic)]
    opened = await vault.opened(records)
    for record, each in zip(records, opened, strict=True):
        is_theirs = any(owner in (record.key or b"") for owner in owners)
        is_raw = record.topic in {topic.name for topic in RAW}
        is_gone = record.value is None or isinstance(each, Erased) or forgets(record)
        if is_theirs and not is_raw and not is_gone:
            found.append(f"{record.topic}/{record.partition}/{record.offset}")
    with Redis.from_url(stage.redis.url) as client:
        for name in client.scan_iter("epione:*:states"):
            states = {key.decode(): state for key, state in client.hgetall(name).items()}
            theirs = await vault.opened_states(states)
            found += [key for key in theirs if key.encode() in owners]
    return found


FACTS = (
    *(b"8480-6", b"mm[Hg]", b"1969-04-21", b"CYP2C19", b"clopidogrel", b"Testwell"),
    *(b"risk/", b"test/", b"drug/", b"prevent"),
)


async def plain_facts(stage: Stage, snapshot: bytes) -> list[bytes]:
    """Give what can be read without any key, on topics, in Redis or in its snapshot."""
    raw = {topic.name for topic in RAW}
    said = [
        (record.value or b"") + b"".join(value for _, value in record.headers)
        for topic in topics.ALL
        if topic.name not in raw and topic not in map(topics.dead_letters_of, RAW)
        async for record in stage.log.read(topic)
    ]
    with_cache = (*said, snapshot.replace(b"epione:results:prevent", b""))  # names nobody
    return [fact for fact in FACTS if any(fact in each for each in with_cache)]


def dump_of(redis: Faults) -> bytes:
    """Give everything that Redis holds, each key as a snapshot on disk has it."""
    with Redis.from_url(redis.url) as client:
        client.config_set("rdbcompression", "no")
        return b"".join(name + (client.dump(name) or b"") for name in client.scan_iter())


# ── the tests ──


async def test_nothing_that_is_left_of_a_forgotten_person_can_be_read(stage: Stage) -> None:
    await stage.send(result("1", 150), result("2", 130))
    file = await stage.send_genome("1")
    before = dump_of(stage.redis)
    assert await leftovers(stage, [key_of("1")])

    done = await stage.forget("1")
    await stage.settle()

    assert await leftovers(stage, [key_of("1")]) == []
    assert await plain_facts(stage, before + dump_of(stage.redis)) == []
    assert (*done.records, *done.genomes) == (key_of("1").decode(), "deleted")
    assert not file.exists()
    assert await stage.pressures("2") == [130.0]


async def test_what_was_never_sealed_is_counted(stage: Stage) -> None:
    """As release 0.1.0 wrote: an event, and what came of it."""
    await stage.send(result("1", 150))
    async with opened_vault(stage.log, KEYS) as vault:
        events = [
            r
            async for r in opened_records(stage.log, vault, topics.PATIENT_EVENTS, key=key_of("1"))
        ]
    plain = [Message(topics.PATIENT_EVENTS, key_of("1"), e.value or b"", e.headers) for e in events]
    await stage.send(*plain, Message(topics.RECOMMENDATIONS, key_of("1"), b"x"))

    forgotten = await stage.forget("1")

    *_, done = [entry_of(each) async for each in stage.log.read(topics.AUDIT)]
    assert len(plain) > 0
    assert forgotten.n_plain == len(plain) + 1
    assert done.details.endswith(f"never sealed: {len(plain) + 1} records")


async def test_where_a_genome_is_out_of_reach_nothing_is_destroyed(stage: Stage) -> None:
    file = await stage.send_genome("1")

    with pytest.raises(Misconfigured, match="EPIONE_GENOME_ROOTS"):
        await stage.forget("1", allowed=Allowed())
    left = await leftovers(stage, [key_of("1")])
    done = await stage.forget("1", allowed=Allowed(), leave_genomes=True)

    assert left
    assert list(done.genomes) == ["left: not below one of EPIONE_GENOME_ROOTS"]
    assert file.exists()


async def test_state_plan_link_and_due_time_are_gone(stage: Stage) -> None:
    await stage.send(result("1", 150))
    await stage.forget("1")
    await stage.settle()

    store = StateStore(stage.redis.url)
    states = [await store.states_of(n, [key_of("1").decode()]) for n in range(6)]
    due = [await store.due(n, 1 << 50, 100) for n in range(6)]
    await store.close()
    standing = [await stage.standing(t) for t in (topics.PATIENT_PLANS, topics.IDENTITY_LINKS)]
    assert [held for _, held in states] == [{}] * 6
    assert due == [[]] * 6
    assert [each[key_of("1")].value for each in standing] == [None, None]
    assert not [name for name in (await keys_on(stage.log)).wrapped if key_of("1") in name]


@pytest.mark.parametrize("asked", ["1", "0"], ids=["by the survivor", "by the retired record"])
async def test_all_records_of_a_person_are_forgotten(stage: Stage, asked: str) -> None:
    await stage.send(result("0", 150), result("1", 148), linked("A40", "1", "0", "20260302"))

    done = await stage.forget(asked)
    await stage.settle()

    assert list(done.records) == [key_of("0").decode(), key_of("1").decode()]
    assert await leftovers(stage, [key_of("0"), key_of("1")]) == []


async def test_who_was_once_taken_for_another_is_forgotten_there_too(stage: Stage) -> None:
    """Merged, and taken apart again: the other's log was told facts that are not the other's."""
    await stage.send(result("0", 150), result("1", 131), linked("A40", "1", "0", "20260302"))
    await stage.send(linked("A37", "1", "0", "20260303"))

    done = await stage.forget("0")
    await stage.settle()

    assert list(done.records) == [key_of("0").decode()]
    assert await leftovers(stage, [key_of("0")]) == []
    opened = await told_of(stage, "0", on="1")
    assert opened == []
    assert await stage.pressures("1") == [131.0]


async def told_of(stage: Stage, number: str, on: str) -> list[int]:
    """Give the entries of one's log that another record stated, and that can be read."""
    records = [r async for r in stage.log.read(topics.PATIENT_EVENTS, key=key_of(on))]
    told = [r for r in records if dict(r.headers).get("epione_owner") == key_of(number)]
    assert told
    found = await stage.vault().opened(told)
    return [each.offset for each in found if isinstance(each, Record)]


async def test_a_redis_rolled_back_brings_nobody_back(stage: Stage) -> None:
    await stage.send(result("1", 150), result("2", 130))
    stage.redis.snapshot()
    await stage.forget("1")
    await stage.settle()

    stage.redis.roll_back()
    await stage.send(result("2", 131, "20260302"))

    assert await leftovers(stage, [key_of("1")]) == []
    assert await stage.pressures("2") == [130.0, 131.0]


async def test_messages_that_are_read_again_bring_nobody_back(stage: Stage) -> None:
    await stage.send(result("1", 150), result("2", 130))
    await stage.forget("1")
    await stage.settle()
    before = [record async for record in stage.log.read(topics.PATIENT_EVENTS, key=key_of("1"))]

    step = subscription(stage.log, stage.vault(), stage.rules, topics.HOSPITAL_HL7V2).step
    raw = [record async for record in stage.log.read(topics.HOSPITAL_HL7V2)]
    outcome = await step(raw)
    await stage.settle()

    after = [record async for record in stage.log.read(topics.PATIENT_EVENTS, key=key_of("1"))]
    assert isinstance(outcome, Done)
    assert after == before
    assert await leftovers(stage, [key_of("1")]) == []


async def test_a_person_may_come_back_and_is_known_by_what_is_new(stage: Stage) -> None:
    await stage.send(result("1", 150))
    await stage.forget("1")
    stage.clock.ms += GRACE_MS + 1_000
    await asyncio.sleep(1.1)  # the services hear of it

    await stage.send(result("1", 122, "20260401"))

    assert await stage.pressures("1") == [122.0]
    plan = (await stage.standing(topics.PATIENT_PLANS))[key_of("1")]
    (opened,) = await stage.vault().opened([plan])
    assert isinstance(opened, Record)
    assert plan_from_wire(opened.value)[0].patient == name_of("1")


class Dying(MemoryLog):
    """A view of a log that fails at one publishing, once."""

    def __init__(self, log: MemoryLog, at: int) -> None:
        self.__dict__ = log.__dict__
        self._at = at
        self.calls = 0

    async def publish(self, messages: Sequence[Message]) -> None:
        self.calls += 1
        if self.calls == self._at:
            await super().publish(messages[: len(messages) // 2])
            raise MemoryError
        await super().publish(messages)


@pytest.mark.parametrize("asked", ["1", "0"], ids=["by the survivor", "by the retired record"])
@pytest.mark.parametrize("at", range(1, 10))
async def test_a_command_that_is_killed_anywhere_is_done_by_the_next(
    stage: Stage, at: int, asked: str
) -> None:
    await stage.send(result("0", 150), result("1", 148), linked("A40", "1", "0", "20260302"))
    with pytest.raises(MemoryError):
        await stage.forget(asked, log=Dying(stage.log, at))
    await stage.settle()

    done = await stage.forget(asked)
    await stage.settle()

    both = [key_of("0"), key_of("1")]
    plans = await stage.standing(topics.PATIENT_PLANS)
    assert await leftovers(stage, both) == []
    assert [plans[key].value for key in both] == [None, None]
    assert set(done.records) == {key.decode() for key in both}
    outcomes = [entry_of(each).outcome async for each in stage.log.read(topics.AUDIT)]
    assert outcomes[-1] is Outcome.DONE


async def test_who_was_taken_for_another_is_forgotten_there_by_the_next_command_too(
    stage: Stage,
) -> None:
    await stage.send(result("0", 150), result("1", 131), linked("A40", "1", "0", "20260302"))
    await stage.send(linked("A37", "1", "0", "20260303"))
    with pytest.raises(MemoryError):
        await stage.forget("0", log=Dying(stage.log, 2))
    await stage.settle()

    await stage.forget("0")
    await stage.settle()

    told = [r async for r in stage.log.read(topics.PATIENT_EVENTS, key=key_of("1")) if forgets(r)]
    assert [event_from_wire(r.value).body for r in told] == [PatientForgotten(name_of("0"))]


async def test_it_is_on_the_audit_before_and_after(stage: Stage) -> None:
    await stage.send(result("1", 150))

    await stage.forget("1")

    begun, done = [entry_of(each) async for each in stage.log.read(topics.AUDIT)]
    assert (begun.outcome, done.outcome) == (Outcome.BEGUN, Outcome.DONE)
    assert (begun.id, begun.who, begun.why) == (done.id, "ada", "she asked")
    assert begun.patient == key_of("1").decode()
    assert done.details == "1 keys destroyed; genomes: none"


async def test_where_inference_does_not_answer_no_key_is_destroyed(
    own_redis: Faults, tmp_path: Path
) -> None:
    async with staged(own_redis, tmp_path) as stage:
        await stage.send(result("1", 150))

    with pytest.raises(BrokerDown, match="no key is destroyed"):
        await stage.forget("1", within_s=0.3)

    assert len((await keys_on(stage.log)).wrapped) == 1


async def test_who_is_not_known_cannot_be_forgotten(stage: Stage) -> None:
    with pytest.raises(UnknownPatient):
        await stage.forget("7")

    assert [each async for each in stage.log.read(topics.AUDIT)] == []


async def test_a_person_is_every_record_in_order_of_their_merges(stage: Stage) -> None:
    await stage.send(*(result(number, 150) for number in "012"))
    await stage.send(linked("A40", "1", "0", "20260302"), linked("A40", "2", "1", "20260303"))

    persons = [await person_of(stage.log, stage.vault(), TENANT, name_of(n)) for n in "012"]

    assert [each.records[-1] for each in persons] == [name_of("2")] * 3
    assert {frozenset(each.records) for each in persons} == {frozenset(map(name_of, "012"))}
