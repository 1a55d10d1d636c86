"""A candidate release of knowledge is held against the pinned one; only differences count."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from prometheus_client import REGISTRY
from tests.running import until
from tests.unit.inference.stream import Answers, record_of
from tests.unit.inference.test_handler import ORDER
from tests.unit.medicine.patients import (
    COMPLETE,
    MODELS,
    NOW,
    POOR,
    OneGuideline,
    genome,
    timeline_of,
)
from tests.unit.pharmacogenomics.candidates import candidate
from tests.unit.timeline.records import event

from epione.medicine.knowledge_differences import differences, recommended
from epione.medicine.pharmacogenomics import PINNED, RELEASE, Guidelines, read_whole
from epione.medicine.plan import case_of, plan_for
from epione.timeline import Code, Consent, PatientEvent
from epione_inference.app import shadow_of
from epione_inference.handler import Inference, decode
from epione_inference.shadow_knowledge import (
    MOST_WAITING,
    KnowledgeShadow,
    guided,
)

CALLED = replace(POOR, lookup_keys=("Poor Metabolizer",))
OF_A_GENOME = [*COMPLETE, event(genome(CALLED), "genome", day=3), ORDER]


def compared(outcome: str) -> float:
    labels = {"candidate": "knowledge", "outcome": outcome}
    return REGISTRY.get_sample_value("epione_shadow_compared_total", labels) or 0


def counted(subject: str, difference: str) -> float:
    labels = {"subject": subject, "difference": difference}
    return REGISTRY.get_sample_value("epione_shadow_recommendations_total", labels) or 0


# ── what a release says ──


def test_the_pinned_release_as_a_folder_says_what_it_says() -> None:
    case = case_of(timeline_of(*OF_A_GENOME), NOW)
    plan = plan_for(case, Guidelines(), MODELS)

    made = guided(plan.recommendations)

    assert not list(differences(made, guided(recommended(case, read_whole(PINNED)).values())))
    assert any(key.startswith("drug/clopidogrel/") for key in made)


def test_a_wrong_candidate_is_left_out_and_no_reason_not_to_serve(tmp_path: Path) -> None:
    failed = compared("failed")

    assert shadow_of(str(tmp_path)) is None
    assert shadow_of("") is None
    assert compared("failed") == failed + 1


def test_a_candidate_is_opened_by_its_folder() -> None:
    assert isinstance(shadow_of(str(PINNED)), KnowledgeShadow)
    assert PINNED.name == RELEASE


# ── beside the service ──


async def observed(shadow: KnowledgeShadow, *events: PatientEvent) -> None:
    inference = Inference(Answers(), Guidelines(), observe=shadow.observe)
    records = [record_of(each, n) for n, each in enumerate(events)]
    await inference([(record, decode(record)) for record in records], {})


async def test_every_plan_of_a_batch_is_compared_after_it(tmp_path: Path) -> None:
    edit = ("actions.tsv", "Avoid clopidogrel where possible", "Give anything else")
    shadow = KnowledgeShadow(read_whole(candidate(tmp_path, edit)))
    different, changed = compared("different"), counted("clopidogrel", "changed")
    await observed(shadow, *OF_A_GENOME)
    assert compared("different") == different

    comparing = asyncio.create_task(shadow.compare())
    await until(lambda: compared("different") == different + 1)

    assert counted("clopidogrel", "changed") == changed + 3  # one for each population
    comparing.cancel()


async def test_the_same_release_is_counted_equal() -> None:
    shadow, equal = KnowledgeShadow(read_whole(PINNED)), compared("equal")
    comparing = asyncio.create_task(shadow.compare())

    await observed(shadow, *OF_A_GENOME)
    await until(lambda: compared("equal") == equal + 1)

    comparing.cancel()


async def test_plans_that_say_nothing_are_not_compared() -> None:
    shadow = KnowledgeShadow(read_whole(PINNED))

    await observed(shadow, *OF_A_GENOME, event(Consent("treatment", False), "consent", day=5))

    assert shadow._waiting.empty()


async def test_what_it_cannot_keep_up_with_is_dropped() -> None:
    shadow, dropped = KnowledgeShadow(Guidelines()), compared("dropped")
    case = case_of(timeline_of(*COMPLETE), NOW)
    plan = plan_for(case, Guidelines(), MODELS)

    for _ in range(MOST_WAITING + 2):
        shadow.observe(case, plan)

    assert compared("dropped") == dropped + 2


async def test_a_candidate_that_fails_is_counted_and_goes_on() -> None:
    class Broken(OneGuideline):
        def drugs(self) -> Sequence[Code]:
            raise KeyError("anything")

    shadow, failed = KnowledgeShadow(Broken()), compared("failed")
    comparing = asyncio.create_task(shadow.compare())

    for _ in range(2):
        await observed(shadow, *OF_A_GENOME)
    await until(lambda: compared("failed") == failed + 2)

    assert not comparing.done()
    comparing.cancel()
