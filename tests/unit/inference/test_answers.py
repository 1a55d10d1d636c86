"""Answers for a batch without a cache; with one, see tests/integration/test_results.py."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from tests.running import until
from tests.unit.inference.candidates import point, version_in
from tests.unit.inference.test_prevent import PERSON

from epione.errors import Misconfigured
from epione.medicine.risk import Model
from epione_inference.answers import PreventAnswers
from epione_inference.prevent import VERSION, PreventModel, shipped
from epione_inference.serving import CPU, CUDA, Execution


@pytest.fixture
def answers() -> Iterator[PreventAnswers]:
    answers = PreventAnswers(cache=None)
    yield answers
    answers.close()


async def test_a_batch_is_answered_in_order_whatever_repeats(answers: PreventAnswers) -> None:
    others = [replace(PERSON, age=60), replace(PERSON, uacr=40.0)]
    asked = [PERSON, *others, PERSON]

    risks, _ = await answers.answer(asked)

    assert risks == PreventModel(shipped(), Execution()).answer(asked)
    assert [each.model for each in risks] == [Model.BASE, Model.BASE, Model.UACR, Model.BASE]


async def test_an_empty_batch_has_no_answers(answers: PreventAnswers) -> None:
    assert (await answers.answer([])).risks == ()


async def test_a_refused_input_is_never_asked(answers: PreventAnswers) -> None:
    with pytest.raises(ValueError, match="bmi"):
        await answers.answer([replace(PERSON, bmi=52)])


async def test_the_provider_and_the_versions_are_reported(answers: PreventAnswers) -> None:
    labels = {"model": "prevent", "version": VERSION, "provider": CPU}

    assert answers.is_ready
    assert answers.provider == CPU
    assert (await answers.answer([PERSON])).versions == {
        "prevent": VERSION,
        "prevent knowledge": "2024-02",
    }
    assert REGISTRY.get_sample_value("epione_model_provider", labels) == 1


def test_start_up_refuses_a_provider_that_is_not_there() -> None:
    with pytest.raises(Misconfigured):
        PreventAnswers(cache=None, execution=Execution(providers=(CUDA,)))


def test_start_up_refuses_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no model in"):
        PreventAnswers(cache=None, folder=tmp_path)


async def test_a_batch_is_answered_by_the_version_that_was_current_when_it_asked(
    tmp_path: Path,
) -> None:
    pointer = tmp_path / "current"
    point(pointer, version_in(tmp_path, "2024-02.1"))
    answers = PreventAnswers(None, Execution(wait_s=0.2), pointer)
    before = asyncio.create_task(answers.answer([PERSON]))
    await asyncio.sleep(0)

    point(pointer, version_in(tmp_path, "2024-02.2", scale=0.5))
    await answers.look()
    after = await answers.answer([PERSON])

    first, _ = await before
    assert (await before).versions["prevent"] == "2024-02.1"
    assert after.versions["prevent"] == "2024-02.2"
    assert after.risks[0].y10["total_cvd"] == first[0].y10["total_cvd"] / 2
    assert answers.card.version == "2024-02.2"
    answers.close()


async def test_a_candidate_answers_beside_and_only_the_difference_is_counted(
    tmp_path: Path,
) -> None:
    answers = PreventAnswers(None, shadow=version_in(tmp_path, "2030-01.1", scale=0.5))
    different, taken = compared("different"), loads("shadow", "taken")
    beside = [asyncio.create_task(each()) for each in answers.beside]

    await until(lambda: loads("shadow", "taken") == taken + 1)
    risks, versions = await answers.answer([PERSON, replace(PERSON, age=60)])
    await until(lambda: compared("different") == different + 2)

    assert risks == PreventModel(shipped(), Execution()).answer([PERSON, replace(PERSON, age=60)])
    assert versions["prevent"] == VERSION
    for task in beside:
        task.cancel()
    answers.close()


def compared(outcome: str) -> float:
    labels = {"candidate": "model", "outcome": outcome}
    return REGISTRY.get_sample_value("epione_shadow_compared_total", labels) or 0


def loads(role: str, outcome: str) -> float:
    labels = {"role": role, "outcome": outcome}
    return REGISTRY.get_sample_value("epione_model_loads_total", labels) or 0
