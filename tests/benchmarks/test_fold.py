"""What one patient costs in the inference step, without Kafka and Redis.

pytest tests/benchmarks/test_fold.py -s

Each patient has about 80 facts, a third of them a genome of their own; a batch brings each one more
blood pressure. Processor time, the least of the rounds: the machine has other work.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.unit.medicine.patients import NEVER_SMOKED, answer
from tests.unit.timeline.records import condition, event, order, person, reading

from epione.medicine.pharmacogenomics import Guidelines, gene_names, gene_of
from epione.medicine.risk import PreventInputs
from epione.messaging import Record
from epione.timeline import GenomicFeatures, PatientEvent, codes
from epione_cli.patients.vcf import genome
from epione_genomics.features import features_of, genome_of
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Answered, Inference, decode
from epione_inference.messages import told_message

N_PATIENTS, ROUNDS = 50, 12
RANGES = {
    codes.SYSTOLIC: (100, 170),
    codes.TOTAL_CHOLESTEROL: (140, 300),
    codes.HDL_CHOLESTEROL: (30, 90),
    codes.EGFR: (40, 110),
    codes.BODY_MASS_INDEX: (20, 39),
}


class Timed(PreventAnswers):
    """The models, with the processor time that their answers took."""

    spent_s = 0.0

    async def answer(self, inputs: Sequence[PreventInputs]) -> Answered:
        began = time.process_time()
        answered = await super().answer(inputs)
        self.spent_s += time.process_time() - began
        return answered


def features(number: int) -> GenomicFeatures:
    """Give a genome with four variants, another for each number."""
    places = [
        place
        for name in gene_names()
        for place in gene_of(name).positions.values()
        if place.rsid and len(place.ref) == len(place.alts[0]) == 1
    ]
    chosen = {p.rsid: f"{p.ref}/{p.alts[0]}" for p in random.Random(number).sample(places, 4)}
    return features_of(genome_of(genome(chosen).splitlines(keepends=True)), f"{number:064x}")


def history(number: int, chance: random.Random) -> Iterator[PatientEvent]:
    yield event(person(f"{1950 + number % 40}-06-11"), "who")
    yield event(answer(codes.SMOKING_STATUS, NEVER_SMOKED), "smoking")
    yield event(condition("38341003", "Hypertension"), "hypertension")
    for day in range(14):
        for measurement, (low, high) in RANGES.items():
            value = round(chance.uniform(low, high), 1)
            yield event(reading(measurement, value), f"{measurement.name} {day}", day=day)
    for rxnorm in ("309362", "312961", "855332"):
        yield event(order(rxnorm), rxnorm, day=3)
    if number % 3 == 0:
        yield event(features(number), "genome", day=6)


def pressures(round_: int, chance: random.Random) -> list[PatientEvent]:
    return [
        replace(
            event(reading(codes.SYSTOLIC, round(chance.uniform(100, 170), 1)), f"sbp {round_}"),
            patient=f"p-{number}",
            delivery_id=f"sbp {round_}",
        )
        for number in range(N_PATIENTS)
    ]


def recorded(events: Sequence[PatientEvent]) -> list[tuple[Record, PatientEvent]]:
    messages = [told_message(each) for each in events]
    records = [
        Record(m.topic.name, 0, offset, m.key, m.value, m.headers, 0)
        for offset, m in enumerate(messages)
    ]
    return [(record, decode(record)) for record in records]


async def test_what_a_patient_costs() -> None:
    chance, answers, guidelines = random.Random(7), Timed(None), Guidelines()
    known = [
        replace(each, patient=f"p-{number}")
        for number in range(N_PATIENTS)
        for each in history(number, chance)
    ]
    inference = Inference(answers, guidelines)
    states = dict((await inference(recorded(known), {})).states)
    spent: dict[str, list[float]] = {"remembered": [], "read": [], "of it, the model": []}
    for round_ in range(ROUNDS):
        batch = recorded(pressures(round_, chance))
        stranger = Inference(answers, guidelines)  # another process: it remembers no state
        spent["read"].append(await cost(stranger, batch, states))
        before = answers.spent_s
        spent["remembered"].append(await cost(inference, batch, states))
        spent["of it, the model"].append((answers.spent_s - before) / N_PATIENTS)
        states.update((await inference(batch, states)).states)
    answers.close()
    report(spent)


async def cost(
    inference: Inference, batch: list[tuple[Record, PatientEvent]], states: dict[str, bytes]
) -> float:
    """Give the processor time of a patient, in s."""
    began = time.process_time()
    await inference(batch, states)
    return (time.process_time() - began) / N_PATIENTS


def report(spent: dict[str, list[float]]) -> None:
    least = {name: min(each) for name, each in spent.items()}
    print()
    for name, each_s in least.items():
        print(f"  {name:18} {each_s * 1e3:5.2f} ms  {each_s / least['remembered']:.2f}x")
