"""A candidate answers behind; what differs is counted, and nothing of it hurts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import REGISTRY
from tests.running import until
from tests.unit.inference.candidates import version_in
from tests.unit.inference.test_prevent import PERSON

from epione.errors import ModelNotLoaded
from epione.medicine.risk import rows_of
from epione_inference.prevent import prevent_in, shipped
from epione_inference.serving import Arrays, Execution, Session, Shadow
from epione_inference.serving.shadowing import MOST_WAITING, largest_differences

ROWS = (rows_of([PERSON, PERSON]),)


@pytest.fixture(scope="module")
def answers() -> Arrays:
    """What the shipped model answers."""
    return Session((shipped() / "model.onnx").read_bytes(), Execution()).run(ROWS)


@pytest.fixture
def counts() -> dict[str, float]:
    return {outcome: compared(outcome) for outcome in ("equal", "different", "dropped", "failed")}


def compared(outcome: str) -> float:
    labels = {"candidate": "model", "outcome": outcome}
    return REGISTRY.get_sample_value("epione_shadow_compared_total", labels) or 0


def difference(version: str, sample: str) -> float:
    labels = {"model": "prevent", "version": version}
    return REGISTRY.get_sample_value(f"epione_shadow_difference_{sample}", labels) or 0


@asynccontextmanager
async def shadowed_by(folder: Path) -> AsyncIterator[Shadow]:
    shadow = Shadow(folder, partial(prevent_in, execution=Execution()))
    beside = [asyncio.create_task(each()) for each in shadow.beside]
    await until(lambda: shadow._candidate.is_ready)
    yield shadow
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    shadow.close()


async def test_the_same_answers_are_counted_equal(
    tmp_path: Path, answers: Arrays, counts: dict[str, float]
) -> None:
    async with shadowed_by(version_in(tmp_path, "1.1")) as shadow:
        shadow.offer(ROWS, answers)
        await until(lambda: compared("equal") == counts["equal"] + 2)

    assert compared("different") == counts["different"]
    assert difference("1.1", "count") == 0


async def test_other_answers_are_counted_with_how_far_off_they_are(
    tmp_path: Path, answers: Arrays, counts: dict[str, float]
) -> None:
    async with shadowed_by(version_in(tmp_path, "1.2", scale=0.5)) as shadow:
        shadow.offer(ROWS, answers)
        await until(lambda: compared("different") == counts["different"] + 2)

    assert difference("1.2", "count") == 2
    assert difference("1.2", "sum") == pytest.approx(answers[0].astype(np.float64).max())


async def test_what_a_candidate_cannot_keep_up_with_is_dropped(
    answers: Arrays, counts: dict[str, float]
) -> None:
    shadow = Shadow(shipped(), partial(prevent_in, execution=Execution()))

    for _ in range(MOST_WAITING + 3):
        shadow.offer(ROWS, answers)

    assert compared("dropped") == counts["dropped"] + 3 * 2
    shadow.close()


async def test_a_candidate_that_is_refused_is_nobodys_fault(
    tmp_path: Path, answers: Arrays, counts: dict[str, float]
) -> None:
    shadow = Shadow(tmp_path / "nowhere", partial(prevent_in, execution=Execution()))
    beside = [asyncio.create_task(each()) for each in shadow.beside]

    shadow.offer(ROWS, answers)
    await until(lambda: compared("failed") == counts["failed"] + 2)

    assert not any(task.done() for task in beside)
    for task in beside:
        task.cancel()
    shadow.close()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ModelNotLoaded("its provider failed"), id="a fault that we know"),
        pytest.param(RuntimeError("anything"), id="a fault that nobody foresaw"),
    ],
)
async def test_a_candidate_that_fails_is_counted_and_asked_again(
    tmp_path: Path, answers: Arrays, counts: dict[str, float], fault: Exception
) -> None:
    async with shadowed_by(version_in(tmp_path, "1.3")) as shadow:
        version = shadow._candidate.current
        run = version._batches._run
        version._batches._run = Fails(fault)

        shadow.offer(ROWS, answers)
        await until(lambda: compared("failed") == counts["failed"] + 2)
        version._batches._run = run
        shadow.offer(ROWS, answers)

        await until(lambda: compared("equal") == counts["equal"] + 2)


class Fails:
    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def __call__(self, _: Arrays) -> Arrays:
        raise self._fault


NAN = float("nan")


@pytest.mark.parametrize(
    ("answer", "other", "difference"),
    [
        pytest.param([[0.1, 0.2]], [[0.1, 0.2]], 0.0, id="the same"),
        pytest.param([[0.1, 0.2]], [[0.1, 0.5]], 0.3, id="the largest of a row"),
        pytest.param([[NAN, 0.2]], [[NAN, 0.2]], 0.0, id="nothing equals nothing"),
        pytest.param([[NAN, 0.2]], [[0.1, 0.2]], float("inf"), id="a number where there was none"),
    ],
)
def test_the_difference_of_a_row_is_that_of_its_worst_number(
    answer: list[list[float]], other: list[list[float]], difference: float
) -> None:
    (found,) = largest_differences((np.array(answer),), (np.array(other),))

    assert found == pytest.approx(difference)


def test_every_output_counts() -> None:
    risks = np.array([0.5, 0.5])

    found = largest_differences((risks, np.array([0, 1])), (risks, np.array([0, 4])))

    assert found.tolist() == [0, 3]
