"""Answers for a batch without a cache; with one, see tests/integration/test_results.py."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from tests.unit.inference.test_prevent import PERSON

from epione.errors import Misconfigured
from epione.medicine.risk import Model
from epione_inference.answers import PreventAnswers
from epione_inference.prevent import VERSION, PreventModel, shipped
from epione_inference.sessions import CPU, CUDA, Execution


@pytest.fixture
def answers() -> Iterator[PreventAnswers]:
    answers = PreventAnswers(cache=None)
    yield answers
    answers.close()


async def test_a_batch_is_answered_in_order_whatever_repeats(answers: PreventAnswers) -> None:
    others = [replace(PERSON, age=60), replace(PERSON, uacr=40.0)]
    asked = [PERSON, *others, PERSON]

    risks = await answers.answer(asked)

    assert risks == PreventModel(shipped(), Execution()).answer(asked)
    assert [each.model for each in risks] == [Model.BASE, Model.BASE, Model.UACR, Model.BASE]


async def test_an_empty_batch_has_no_answers(answers: PreventAnswers) -> None:
    assert await answers.answer([]) == []


async def test_a_refused_input_is_never_asked(answers: PreventAnswers) -> None:
    with pytest.raises(ValueError, match="bmi"):
        await answers.answer([replace(PERSON, bmi=52)])


def test_the_provider_and_the_versions_are_reported(answers: PreventAnswers) -> None:
    labels = {"model": "prevent", "version": VERSION, "provider": CPU}

    assert answers.provider == CPU
    assert answers.versions == {"prevent": VERSION, "prevent knowledge": "2024-02"}
    assert REGISTRY.get_sample_value("epione_model_provider", labels) == 1


def test_start_up_refuses_a_provider_that_is_not_there() -> None:
    with pytest.raises(Misconfigured):
        PreventAnswers(cache=None, execution=Execution(providers=(CUDA,)))
