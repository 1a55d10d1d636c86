"""Forgets a person, so that nothing that is left can be read; after a crash, it is done again.

1. The audit is told what is to be done, with the pseudonyms of all of the person's records: a
   record whose log has forgotten leads to no other any more.
2. Files of genomes are deleted: their addresses can be read only while the keys are there. So
   nothing is done where one lies out of reach, unless it may be left.
3. The patients' logs are told, the records that were merged into others first, and inference
   answers each: the state is gone, and in the plan's place stands a tombstone. So nothing is on its
   way any more.
4. The keys are destroyed: what is left of the records, on any topic, in Redis or in a snapshot of
   it, does not open from now on.
5. The links to the person, and the snapshots of states, are tombstoned.
6. What was never sealed is counted: no key's end makes it unreadable.
7. The audit is told that it is done.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from epione.errors import BrokerDown, Misconfigured, UnknownPatient
from epione.genomes import Allowed, delete_genome, refuse_out_of_reach
from epione.identity import Keys, patient_key
from epione.messaging import Message, Stream
from epione.messaging.log import Tail
from epione.messaging.sealing import Sealing
from epione.messaging.topics import AUDIT, IDENTITY_LINKS, PATIENT_PLANS, PATIENT_STATES
from epione.patient_message import event_message
from epione.privacy import Action, Entry, Outcome, audit_message, destroy_keys, entry_of
from epione.timeline import PatientEvent, PatientForgotten, SourceVersion, Status
from epione.wire.encoding import EPOCH
from epione_cli.operating.persons import Person, genomes_of, n_plain_of, person_of

SOURCE = "/epione/cli"
ANSWERED_WITHIN_S = 300.0
POLL_S = 0.1

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done."""

    records: Sequence[str]  # by key: "north/4f2a"
    n_keys: int
    genomes: Sequence[str]  # what became of each
    n_plain: int  # records that were never sealed, and can still be read


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What it takes to forget."""

    log: Stream
    vault: Sealing
    keys: Keys | None  # they open the addresses of genomes
    allowed: Allowed
    leave_genomes: bool = False  # those in files that are not below a root
    say: Say = field(default=lambda said: None)
    within_s: float = ANSWERED_WITHIN_S

    async def forget(self, tenant: str, patient: str, who: str, why: str) -> Forgotten:
        """Forget the person of a record.

        Raises:
            UnknownPatient: The stream knows no such record.
            BrokerDown: Kafka, or inference, does not answer: do it again.
            Misconfigured: The file of a genome cannot be found, or not be deleted; the keys stand.
        """
        person = await person_of(self.log, self.vault, tenant, patient)
        entry = await self._entry(patient_key(tenant, patient), person, who, why)
        await self.log.publish([audit_message(entry, SOURCE)])
        owners = [record.encode() for record in entry.records]
        genomes = await self._delete_genomes(owners)
        for record in (each.rpartition("/")[2] for each in entry.records):
            await self._tell(tenant, record, person.told.get(record, ()))
        self.say("destroying the keys")
        n_keys = await destroy_keys(self.log, owners)
        for topic in (IDENTITY_LINKS, PATIENT_STATES):
            await self.log.publish([Message(topic, owner, b"") for owner in owners])
        n_plain = await n_plain_of(self.log, owners)
        details = f"{n_keys} keys destroyed; genomes: {', '.join(genomes) or 'none'}"
        if n_plain:
            details += f"; never sealed: {n_plain} records"
        done = replace(entry, at=datetime.now(UTC), outcome=Outcome.DONE, details=details)
        await self.log.publish([audit_message(done, SOURCE)])
        return Forgotten(entry.records, n_keys, genomes, n_plain)

    async def _entry(self, key: str, person: Person, who: str, why: str) -> Entry:
        """Begin an entry of the audit; go on with one that was begun, and whose work was not done.

        Raises:
            UnknownPatient: There is nothing to be done.
        """
        records = [each.decode() for each in person.keys]
        begun = await self._begun(key)
        if begun is not None:
            others = [each for each in begun.records if each not in records]
            return replace(begun, at=datetime.now(UTC), who=who, records=(*others, *records))
        if not records:
            raise UnknownPatient("the stream knows no such patient")
        return Entry(
            id=uuid4().hex,
            at=datetime.now(UTC),
            who=who,
            action=Action.FORGET,
            patient=key,
            why=why,
            outcome=Outcome.BEGUN,
            records=tuple(records),
        )

    async def _begun(self, key: str) -> Entry | None:
        found: Entry | None = None
        async for record in self.log.read(AUDIT, key=key.encode()):
            entry = entry_of(record)
            if entry.action is Action.FORGET:
                found = entry
        return found if found is not None and found.outcome is Outcome.BEGUN else None

    async def _delete_genomes(self, owners: Sequence[bytes]) -> list[str]:
        samples = await genomes_of(self.log, self.vault, owners)
        sent = {(sample.sealed_uri, sample.sha256): sample for sample in samples}.values()
        if self.keys is None:
            if any(sample.sealed_uri for sample in sent):
                raise Misconfigured("EPIONE_SECRET is needed: it opens the addresses of genomes")
            return ["stood in a message" for _ in sent]
        if not self.leave_genomes:
            refuse_out_of_reach(sent, self.keys, self.allowed)
        if sent:
            self.say("deleting genomes")
        return [delete_genome(sample, self.keys, self.allowed) for sample in sent]

    async def _tell(self, tenant: str, record: str, others: Sequence[str]) -> None:
        """Tell a record's log that it is forgotten, and those that were told its facts.

        Those first: it is the record's log that says who they are.

        Raises:
            BrokerDown: Inference has not answered.
        """
        self.say(f"telling inference to forget {record}")
        tail = self.log.tail(PATIENT_PLANS, from_end=True)
        try:
            async for _ in tail.news():  # from here on
                pass
            if others:
                await self.log.publish([_forgets(tenant, other, record) for other in others])
            await self.log.publish([_forgets(tenant, record, record)])
            async with asyncio.timeout(self.within_s):
                await _answered(tail, tenant, record, others)
        except TimeoutError:
            raise BrokerDown(
                f"inference has not answered within {self.within_s:g} s, and no key is destroyed: "
                "see to it that it runs, and do it again"
            ) from None
        finally:
            await tail.close()


def _forgets(tenant: str, patient: str, record: str) -> Message:
    """Give what tells a patient's log that a record is forgotten."""
    event = PatientEvent(
        tenant=tenant,
        patient=patient,
        delivery_id=f"forget/{uuid4().hex}",
        entity_id="forget",
        version=SourceVersion(0),
        status=Status.FINAL,
        recorded_at=EPOCH,  # of no time, so that none passes
        body=PatientForgotten(record),
    )
    return event_message(event, SOURCE)


async def _answered(tail: Tail, tenant: str, record: str, others: Sequence[str]) -> None:
    """Wait for the tombstone of the record, and for a plan of each other."""
    own = patient_key(tenant, record).encode()
    missing = {own, *(patient_key(tenant, other).encode() for other in others)}
    while missing:
        async for plan in tail.news():
            if plan.key != own or plan.value is None:
                missing.discard(plan.key or b"")
        await asyncio.sleep(POLL_S)
