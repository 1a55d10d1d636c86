"""A candidate release of knowledge is held against the pinned one; only differences count."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
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
from tests.unit.timeline.records import event

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import RELEASE, Guidelines
from epione.medicine.pharmacogenomics.knowledge import PINNED, release_named
from epione.medicine.plan import case_of, plan_for
from epione.timeline import Code, Consent, PatientEvent
from epione_inference.app import shadow_of
from epione_inference.handler import Inference, decode
from epione_inference.shadow_knowledge import (
    MOST_WAITING,
    KnowledgeShadow,
    candidate_in,
    differences,
    said_by,
    said_in,
)

CALLED = replace(POOR, lookup_keys=("Poor Metabolizer",))
OF_A_GENOME = [*COMPLETE, event(genome(CALLED), "genome", day=3), ORDER]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A candidate release that is the pinned one, whole, until a test changes it."""
    candidate = shutil.copytree(release_named("2025-11"), tmp_path / "candidate")
    of_its_own = shutil.ignore_patterns("SOURCE.toml")  # based on none
    return Path(shutil.copytree(PINNED, candidate, ignore=of_its_own, dirs_exist_ok=True))


def edit(folder: Path, name: str, was: str, becomes: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert was in text
    (folder / name).write_text(text.replace(was, becomes), encoding="utf-8")


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

    assert said_by(candidate_in(PINNED), case) == said_in(plan.recommendations)
    assert any(key.startswith("drug/clopidogrel/") for key in said_in(plan.recommendations))


def test_a_candidate_says_what_its_own_folder_says(folder: Path) -> None:
    for name in ("actions.tsv", "advice.tsv", "drugs.tsv"):
        edit(folder, name, "clopidogrel", "klopidogrel")

    names = {drug.display for drug in candidate_in(folder).drugs()}

    assert "klopidogrel" in names
    assert "clopidogrel" not in names
    assert "clopidogrel" in {drug.display for drug in Guidelines().drugs()}


@pytest.mark.parametrize(
    "missing", ["advice.tsv", "drugs.tsv", "actions.tsv", "inhibitors.tsv", "genes"]
)
def test_a_folder_that_is_no_release_is_refused(folder: Path, missing: str) -> None:
    path = folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()

    with pytest.raises(Misconfigured, match="no knowledge release"):
        candidate_in(folder)


def test_a_gene_that_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / "genes" / "TPMT.json").write_text("{}")

    with pytest.raises(Misconfigured, match="no knowledge release"):
        candidate_in(folder)


def test_a_wrong_candidate_is_left_out_and_no_reason_not_to_serve(tmp_path: Path) -> None:
    failed = compared("failed")

    assert shadow_of(str(tmp_path)) is None
    assert shadow_of("") is None
    assert compared("failed") == failed + 1


def test_a_candidate_is_opened_by_its_folder() -> None:
    assert isinstance(shadow_of(str(PINNED)), KnowledgeShadow)
    assert PINNED.name == RELEASE


# ── differences ──

LIVE: Mapping[str, tuple[str, str, str]] = {
    "drug/clopidogrel/CPIC": ("clopidogrel", "Avoid it", "Strong"),
    "test/gene/CYP2C19": ("CYP2C19 genotype", "Genotype it", "for information"),
}
WARFARIN = {"drug/warfarin/CPIC": ("warfarin", "Give less", "Strong")}


@pytest.mark.parametrize(
    ("candidate", "found"),
    [
        pytest.param(LIVE, [], id="none"),
        pytest.param({**LIVE, **WARFARIN}, [("warfarin", "added")], id="one more"),
        pytest.param(
            {"drug/clopidogrel/CPIC": LIVE["drug/clopidogrel/CPIC"]},
            [("CYP2C19 genotype", "removed")],
            id="one less",
        ),
        pytest.param(
            {**LIVE, "drug/clopidogrel/CPIC": ("clopidogrel", "Use it", "Strong")},
            [("clopidogrel", "changed")],
            id="another action",
        ),
        pytest.param(
            {**LIVE, "drug/clopidogrel/CPIC": ("clopidogrel", "Avoid it", "Moderate")},
            [("clopidogrel", "changed")],
            id="another grade",
        ),
    ],
)
def test_a_difference_is_of_its_subject(
    candidate: Mapping[str, tuple[str, str, str]], found: list[tuple[str, str]]
) -> None:
    assert list(differences(LIVE, candidate)) == found


# ── beside the service ──


async def observed(shadow: KnowledgeShadow, *events: PatientEvent) -> None:
    inference = Inference(Answers(), Guidelines(), observe=shadow.observe)
    records = [record_of(each, n) for n, each in enumerate(events)]
    await inference([(record, decode(record)) for record in records], {})


async def test_every_plan_of_a_batch_is_compared_after_it(folder: Path) -> None:
    edit(folder, "actions.tsv", "Avoid clopidogrel where possible", "Give anything else")
    shadow = KnowledgeShadow(candidate_in(folder))
    different, changed = compared("different"), counted("clopidogrel", "changed")
    await observed(shadow, *OF_A_GENOME)
    assert compared("different") == different

    comparing = asyncio.create_task(shadow.compare())
    await until(lambda: compared("different") == different + 1)

    assert counted("clopidogrel", "changed") == changed + 3  # one for each population
    comparing.cancel()


async def test_the_same_release_is_counted_equal() -> None:
    shadow, equal = KnowledgeShadow(candidate_in(PINNED)), compared("equal")
    comparing = asyncio.create_task(shadow.compare())

    await observed(shadow, *OF_A_GENOME)
    await until(lambda: compared("equal") == equal + 1)

    comparing.cancel()


async def test_plans_that_say_nothing_are_not_compared() -> None:
    shadow = KnowledgeShadow(candidate_in(PINNED))

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
