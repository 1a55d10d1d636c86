"""Many patients with a history each, and entries for their logs, to measure inference by."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from tests.benchmarks.stage import LAYOUT, SECRET
from tests.benchmarks.ward import START, admissions, panel

from epione.identity import keys_of, patient_key
from epione.medicine.naming import name_of
from epione.medicine.pharmacogenomics import Guidelines
from epione.medicine.plan import case_of, plan_for
from epione.medicine.recommendation import Recommendation
from epione.medicine.risk_recommendations import Models
from epione.messaging import Message, Record, topics
from epione.messaging.partition import partition_of
from epione.messaging.state import StateStore
from epione.patient_message import event_message
from epione.privacy import Vault
from epione.timeline import PatientEvent, Timeline, fold, now_of
from epione.wire import event_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.states import Kept, States
from epione_ingestion import Rules, translate

AT_ONCE = 500  # states of one write
TENANT, SOURCE = "default", "/epione/bench"


def pseudonym_of(number: int) -> str:
    return f"{number:032x}"


def key_of(number: int) -> str:
    return patient_key(TENANT, pseudonym_of(number))


def history(n_panels: int) -> tuple[PatientEvent, ...]:
    """Give the facts of one patient: who it is, and panels of six results."""
    chance, (admission,) = random.Random(7), admissions(1)
    panels = (panel(chance, 0, n, START + timedelta(days=n)) for n in range(n_panels))
    return tuple(_events((admission, *panels)))


@cache
def _rules() -> Rules:
    return Rules(keys_of(SECRET))


def _events(messages: Sequence[Message]) -> Iterator[PatientEvent]:
    for n, (topic, key, value, headers) in enumerate(messages):
        record = Record(topic.name, n % 6, 1_000 * n, key, value, headers, 1_790_000_000_000 + n)
        for message in translate(record, _rules()).messages:
            if message.topic == topics.PATIENT_EVENTS:
                yield event_from_wire(message.value)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of every patient, and what each was told of it."""

    facts: Sequence[PatientEvent]
    told: Sequence[Recommendation]


async def past_of(facts: Sequence[PatientEvent]) -> Past:
    """Give these facts with what inference says of them."""
    answers = PreventAnswers(None)
    timeline = fold(Timeline(TENANT, facts[0].patient), facts)
    case = case_of(timeline, now_of(timeline))
    answered = await answers.answer(case.questions)
    known = dict(zip(case.questions, answered.risks, strict=True))
    answers.close()
    plan = plan_for(case, Guidelines(), Models(known.__getitem__, answered.versions))
    return Past(facts, [each.named("") for each in plan.recommendations])


def states_of(numbers: range, past: Past) -> Iterator[tuple[str, bytes]]:
    """Give the state of each patient, all with the same past, as inference writes it."""
    writer = States(remembered=1)
    for number in numbers:
        patient = pseudonym_of(number)
        own = (replace(fact, patient=patient) for fact in past.facts)
        timeline = fold(Timeline(TENANT, patient), own)
        ids = {each.key: name_of(TENANT, patient, each) for each in past.told}
        yield key_of(number), writer.write(key_of(number), Kept(timeline, ids))


async def settle_in(store: StateStore, vault: Vault, n_patients: int, past: Past) -> None:
    """Write the states of all patients, sealed, at the beginning of their logs."""
    for start in range(0, n_patients, AT_ONCE):
        by_partition: dict[int, dict[str, bytes]] = defaultdict(dict)
        for key, state in states_of(range(start, min(start + AT_ONCE, n_patients)), past):
            by_partition[partition_of(key.encode(), LAYOUT.partitions)][key] = state
        for partition, states in by_partition.items():
            held = await store.held(partition)
            await store.apply(
                partition,
                start=held.position,
                next_offset=None,
                states=await vault.sealed_states(states, None),
                due={},
                outbox=b"",
            )


async def news(vault: Vault, n_panels: int, n_patients: int, seed: int) -> list[Message]:
    """Give panels of patients by chance, as entries of their logs, sealed."""
    return await vault.sealed([(each, None) for each in _news(n_panels, n_patients, seed)])


def _news(n_panels: int, n_patients: int, seed: int) -> Iterator[Message]:
    chance = random.Random(seed)
    for n in range(n_panels):
        patient = pseudonym_of(chance.randrange(n_patients))
        at = START + timedelta(days=150, minutes=n)
        for event in _events((panel(chance, 0, 10_000 + n, at),)):
            own = replace(event, patient=patient, delivery_id=f"bench/{seed}/{n}/{event.entity_id}")
            yield event_message(own, SOURCE)
