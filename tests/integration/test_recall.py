"""Another release of knowledge: whose advice differs is listed, and told why; no one else is."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.end_to_end.command import epione
from tests.end_to_end.test_operating import PARTITIONS, Stage, publish, stage, until_folded
from tests.integration.test_replay import assert_each_said_once, newest_plans, said
from tests.unit.medicine.patients import genome
from tests.unit.pharmacogenomics.candidates import candidate
from tests.unit.timeline.records import event, order, person
from tests.vaults import KEYS, records_on

from epione.errors import StateDown
from epione.medicine.pharmacogenomics import RELEASE, read_whole, release_named
from epione.messaging import topics
from epione.messaging.state_keys import pointer_key
from epione.privacy import Vault, opened_vault
from epione.timeline import Consent, GeneCall, PatientEvent, time_reached
from epione.wire import Change, Changed, plan_from_wire, recommendation_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference
from epione_inference.recalling import Comparison, compared
from epione_inference.single import plans_of

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

__all__ = ["stage"]  # the fixture

N_PATIENTS = 24
N_POOR, N_SLOW = 7, 8  # of the first sort one allows no plan
NOW = datetime.now(UTC)
CLOPIDOGREL, SIMVASTATIN = "309362", "312961"
POOR, NORMAL = "Poor Metabolizer", "Normal Metabolizer"
SLOW = "Poor Function"
BASE = "2025-11"
NEXT = "2027-01"


def called(gene: str, diplotype: str, means: str) -> GeneCall:
    return GeneCall(gene, diplotype, (diplotype,), (means,), lookup_keys=(means,))


GENOMES = (
    genome(called("CYP2C19", "*2/*2", POOR), called("SLCO1B1", "*1/*1", "Normal Function")),
    genome(called("CYP2C19", "*1/*1", NORMAL), called("SLCO1B1", "*5/*5", SLOW)),
    genome(called("CYP2C19", "*1/*1", NORMAL), called("SLCO1B1", "*1/*1", "Normal Function")),
)


def histories() -> list[PatientEvent]:
    """Give patients of three genomes with two orders each, and one who allows no plan."""
    withheld = event(Consent("treatment", False), "no", patient="p-0")
    return [withheld] + [
        each
        for n in range(N_PATIENTS)
        for each in (
            event(person("1960-02-03"), "who", patient=f"p-{n}"),
            event(order(CLOPIDOGREL), "one", patient=f"p-{n}"),
            event(order(SIMVASTATIN), "another", patient=f"p-{n}"),
            event(GENOMES[n % 3], "genome", patient=f"p-{n}"),
            time_reached("north", f"p-{n}", NOW),
        )
    ]


def next_release(folder: Path) -> Path:
    """Write a release that says of clopidogrel something else, and of simvastatin nothing more."""
    text = release_named(BASE).joinpath("advice.tsv").read_text(encoding="utf-8")
    (row,) = (r for r in text.splitlines() if "\tsimvastatin\t" in r and f"={SLOW}\t" in r)
    avoid = "Avoid clopidogrel where possible"
    edits = (("advice.tsv", f"{row}\n", ""), ("actions.tsv", avoid, "Do not give clopidogrel"))
    return candidate(folder, *edits, name=NEXT, base=BASE)


async def serve(stage: Stage, release: str) -> Path:
    """Have the service serve a release; give the file of its log lines."""
    for replica in stage.replicas:
        await asyncio.to_thread(replica.stop)
    stage.replicas.clear()
    stage.settings["EPIONE_KNOWLEDGE"] = release
    return stage.start("inference")


Listing = list[dict[str, object]]


async def listed(stage: Stage, *command: str) -> Listing:
    lines = (json.loads(line) for line in (await stage.run(*command, "--json")).splitlines())
    return [line for line in lines if "patient" in line]


async def recommended(stage: Stage) -> Mapping[str, object]:
    """Give each patient's recommendations, by the patient's key."""
    return recommended_in(await newest_plans(stage.log))


def recommended_in(plans: Mapping[str, bytes]) -> Mapping[str, object]:
    return {key: plan_from_wire(plan)[0].recommendations for key, plan in plans.items()}


def asked_for(line: Mapping[str, object]) -> tuple[object, object, object]:
    return line["patient"], line["key"], line["change"]


def was_told(changed: Changed) -> tuple[object, object, object]:
    return f"{changed.tenant}/{changed.patient}", changed.recommendation.key, changed.change.value


def whys(changes: Sequence[Changed]) -> set[str]:
    """Give the reasons that are of the very events which made the changes."""
    assert all(len(each.caused_by) == 1 for each in changes)
    return {
        reason.text
        for each in changes
        for reason in each.recommendation.reasons
        if reason.event_ids == each.caused_by
    }


def asked_again(before: str, after: str) -> set[str]:
    return {f"the plan was asked for again: knowledge {before} → {after}"}


async def recalled(stage: Stage, before: str, after: str) -> tuple[Listing, list[Changed]]:
    """Recall what a release said, once another is served; give who is listed, and what is told."""
    ends = await stage.log.offsets_at(topics.RECOMMENDATIONS, 1 << 62)
    listing = await listed(stage, "knowledge", "diff", before, after, "--patients")
    told_of = await listed(stage, "knowledge", "recall", before, after)
    await until_folded(stage)
    assert told_of == listing
    told = await records_on(stage.log, topics.RECOMMENDATIONS)
    news = (record for record in told if record.offset >= ends[record.partition])
    return listing, [recommendation_from_wire(record.value) for record in news]


async def test_a_candidate_is_rolled_out_and_back(stage: Stage, tmp_path: Path) -> None:
    candidate = next_release(tmp_path / "next")
    await publish(stage.log, histories())
    await serve(stage, BASE)
    await until_folded(stage)
    first = await recommended(stage)

    lines = await serve(stage, str(candidate))
    listing, forth = await recalled(stage, BASE, str(candidate))
    then, anew = await recommended(stage), recommended_in(await undisturbed(stage, candidate))
    await listed(stage, "knowledge", "recall", BASE, str(candidate))
    await until_folded(stage)
    await serve(stage, BASE)
    _, back = await recalled(stage, str(candidate), BASE)

    by_change = Counter((each.recommendation.key.split("/")[1], each.change) for each in forth)
    assert f"by knowledge of {NEXT}" in lines.read_text()
    assert {line["patient"] for line in listing} == {
        f"north/p-{n}" for n in range(1, N_PATIENTS) if n % 3 < 2
    }
    assert by_change == {
        ("clopidogrel", Change.SUPERSEDED): 3 * N_POOR,
        ("simvastatin", Change.RETRACTED): N_SLOW,
        ("gene", Change.ADDED): N_SLOW,
    }
    assert Counter(map(asked_for, listing)) == Counter(map(was_told, forth))
    assert then == anew
    assert whys(forth) == asked_again(BASE, NEXT)
    assert whys(back) == asked_again(NEXT, BASE)
    assert await recommended(stage) == first
    assert_each_said_once(await said(stage.log))


async def test_the_release_that_is_held_beside_its_base_is_rolled_out_and_back(
    stage: Stage,
) -> None:
    await publish(stage.log, histories())
    await serve(stage, BASE)
    await until_folded(stage)
    first = await recommended(stage)

    await serve(stage, RELEASE)
    listing, forth = await recalled(stage, BASE, RELEASE)
    then = await recommended(stage)
    anew = recommended_in(await undisturbed(stage, release_named(RELEASE)))
    await serve(stage, BASE)
    _, back = await recalled(stage, RELEASE, BASE)

    patients = {line["patient"] for line in listing}
    assert {f"{each.tenant}/{each.patient}" for each in forth} == patients
    assert Counter(map(asked_for, listing)) <= Counter(map(was_told, forth))
    assert {each: then[str(each)] for each in patients} == {
        each: anew[str(each)] for each in patients
    }
    assert {each.patient for each in back} == {each.patient for each in forth}
    assert await recommended(stage) == first
    assert_each_said_once(await said(stage.log))


async def test_what_is_not_served_is_not_recalled_to(stage: Stage) -> None:
    settings = {**stage.settings, "EPIONE_KNOWLEDGE": BASE}

    ran = await asyncio.to_thread(epione, "knowledge", "recall", BASE, RELEASE, **settings)

    assert ran.status == 1
    assert f"EPIONE_KNOWLEDGE says that {BASE} is served" in ran.err


async def undisturbed(stage: Stage, release: Path) -> Mapping[str, bytes]:
    """Fold the log in one process, by a release."""
    answers = PreventAnswers(None)
    records = await records_on(stage.log, topics.PATIENT_EVENTS)
    try:
        return await plans_of(records, Inference(answers, read_whole(release)))
    finally:
        answers.close()


# ── reading the states ──


@pytest.fixture
async def vault(stage: Stage) -> AsyncIterator[Vault]:
    """Opens the states of patients whom the service knows."""
    await publish(stage.log, histories())
    await serve(stage, BASE)
    await until_folded(stage)
    async with opened_vault(stage.log, KEYS) as vault:
        yield vault


@pytest.fixture
def comparison() -> Comparison:
    """Compare a release with itself."""
    guidelines = read_whole(release_named(BASE))
    return Comparison(guidelines, guidelines, NOW)


async def test_every_patient_is_compared_once_and_nothing_is_written(
    stage: Stage, vault: Vault, comparison: Comparison
) -> None:
    held = [await stage.store.held(n) for n in PARTITIONS]

    found = [
        each.key
        for n in PARTITIONS
        async for some in compared(stage.store, vault, n, comparison)
        for each in some
    ]

    assert sorted(found) == sorted(f"north/p-{n}" for n in range(N_PATIENTS))
    assert [await stage.store.held(n) for n in PARTITIONS] == held


async def test_states_that_are_exchanged_meanwhile_are_not_taken_for_all(
    stage: Stage, vault: Vault, comparison: Comparison
) -> None:
    partition = max(await stage.standings(), key=lambda each: each.n_keys).partition

    async def exchanged() -> None:
        async for _ in compared(stage.store, vault, partition, comparison):
            await stage.store.redis.set(pointer_key(partition), "anew")

    with pytest.raises(StateDown, match="became the live ones"):
        await exchanged()
