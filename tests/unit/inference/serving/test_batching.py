"""What is asked together runs together, in order, off the event loop, and never too much."""

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from epione.errors import ModelNotLoaded
from epione_inference.serving import Arrays, Execution, MicroBatches, RunPool

DEADLINE_S = 10.0


class Model:
    """Doubles numbers; holds every run until it is let go, and remembers how many rows each had."""

    def __init__(self, *, held: bool = False) -> None:
        self.runs: list[int] = []
        self.threads: set[threading.Thread] = set()
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self.may_run = threading.Event()
        if not held:
            self.may_run.set()

    def __call__(self, inputs: Arrays) -> Arrays:
        with self._lock:
            self.runs.append(len(inputs[0]))
            self.threads.add(threading.current_thread())
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        assert self.may_run.wait(DEADLINE_S)
        with self._lock:
            self._at_once -= 1
        (numbers,) = inputs
        return (numbers * 2,)


@pytest.fixture
def pool() -> Iterator[RunPool]:
    pool = RunPool(1)
    yield pool
    pool.close()


def numbers(*values: float) -> Arrays:
    return (np.array(values, dtype=np.float64).reshape(-1, 1),)


async def until_running(model: Model, n_runs: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while len(model.runs) < n_runs:  # noqa: ASYNC110 - a thread tells nobody
            await asyncio.sleep(0.001)


async def test_rows_are_answered_in_order_off_the_event_loop(pool: RunPool) -> None:
    model = Model()

    (answers,) = await MicroBatches(model, pool, Execution()).answer(numbers(1, 2, 3))

    assert answers.ravel().tolist() == [2, 4, 6]
    assert threading.current_thread() not in model.threads


async def test_what_is_asked_at_once_is_one_run(pool: RunPool) -> None:
    model = Model()
    batches = MicroBatches(model, pool, Execution())

    answers = await asyncio.gather(*(batches.answer(numbers(n, n + 1)) for n in range(5)))

    assert model.runs == [10]
    assert [each[0].ravel().tolist() for each in answers] == [[2 * n, 2 * n + 2] for n in range(5)]


async def test_what_waits_while_the_threads_are_busy_is_one_run(pool: RunPool) -> None:
    model = Model(held=True)
    batches = MicroBatches(model, pool, Execution())
    first = asyncio.create_task(batches.answer(numbers(0)))
    await until_running(model, 1)

    others = [asyncio.create_task(batches.answer(numbers(n))) for n in range(4)]
    await asyncio.sleep(0)
    model.may_run.set()

    await asyncio.gather(first, *others)
    assert model.runs == [1, 4]


async def test_a_run_takes_no_more_rows_than_it_may(pool: RunPool) -> None:
    model = Model()
    batches = MicroBatches(model, pool, Execution(rows_at_once=4))

    answers = await asyncio.gather(*(batches.answer(numbers(n, n, n)) for n in range(3)))

    assert model.runs == [3, 3, 3]
    assert [each[0][0, 0] for each in answers] == [0, 2, 4]


async def test_what_is_too_much_for_a_run_is_parted(pool: RunPool) -> None:
    model = Model()
    batches = MicroBatches(model, pool, Execution(rows_at_once=4))

    (answers,) = await batches.answer(numbers(*range(10)))

    assert model.runs == [4, 4, 2]
    assert answers.ravel().tolist() == [2 * n for n in range(10)]


async def test_rows_of_another_form_run_apart(pool: RunPool) -> None:
    model = Model()
    batches = MicroBatches(model, pool, Execution())
    wide = (np.ones((2, 3)),)

    narrow, wider = await asyncio.gather(batches.answer(numbers(1)), batches.answer(wide))

    assert sorted(model.runs) == [1, 2]
    assert (narrow[0].shape, wider[0].shape) == ((1, 1), (2, 3))


async def test_a_run_that_is_not_full_waits_for_more(pool: RunPool) -> None:
    model = Model()
    batches = MicroBatches(model, pool, Execution(rows_at_once=2, wait_s=DEADLINE_S))
    first = asyncio.create_task(batches.answer(numbers(1)))
    await asyncio.sleep(0.01)
    assert model.runs == []

    await asyncio.gather(first, batches.answer(numbers(2)))

    assert model.runs == [2]


async def test_a_run_waits_no_longer_than_it_may(pool: RunPool) -> None:
    model = Model()

    async with asyncio.timeout(DEADLINE_S):
        await MicroBatches(model, pool, Execution(wait_s=0.01)).answer(numbers(1))

    assert model.runs == [1]


async def test_no_more_runs_at_once_than_allowed() -> None:
    model, pool = Model(held=True), RunPool(2)
    batches = MicroBatches(model, pool, Execution(rows_at_once=1))

    asked = asyncio.create_task(batches.answer(numbers(*range(6))))
    await until_running(model, 2)
    model.may_run.set()
    await asked

    pool.close()
    assert (model.most_at_once, len(model.runs)) == (2, 6)


async def test_what_a_run_raises_comes_to_everyone_who_asked(pool: RunPool) -> None:
    def fail(_: Arrays) -> Arrays:
        raise ModelNotLoaded("the provider failed")

    batches = MicroBatches(fail, pool, Execution())

    outcomes = await asyncio.gather(
        *(batches.answer(numbers(n)) for n in range(3)), return_exceptions=True
    )

    assert [type(each) for each in outcomes] == [ModelNotLoaded] * 3


async def test_one_who_gives_up_takes_nobody_along(pool: RunPool) -> None:
    model = Model(held=True)
    batches = MicroBatches(model, pool, Execution())
    asked = [asyncio.create_task(batches.answer(numbers(n))) for n in range(2)]
    await until_running(model, 1)

    asked[0].cancel()
    model.may_run.set()

    (answers,) = await asked[1]
    assert answers.tolist() == [[2]]
    assert asked[0].cancelled()


async def test_who_gave_up_before_the_run_is_not_asked_about(pool: RunPool) -> None:
    model = Model(held=True)
    batches = MicroBatches(model, pool, Execution())
    first = asyncio.create_task(batches.answer(numbers(0)))
    await until_running(model, 1)
    gone, stays = (asyncio.create_task(batches.answer(numbers(n))) for n in range(2))
    await asyncio.sleep(0)

    gone.cancel()
    await asyncio.sleep(0)
    model.may_run.set()

    await asyncio.gather(first, stays)
    assert model.runs == [1, 1]


async def test_what_waits_is_bounded(pool: RunPool) -> None:
    model = Model(held=True)
    batches = MicroBatches(model, pool, Execution(rows_at_once=1))
    asked = asyncio.create_task(batches.answer(numbers(*range(200))))
    await until_running(model, 1)

    assert len(batches._waiting) < 64

    model.may_run.set()
    (answers,) = await asked
    assert answers.ravel().tolist() == [2 * n for n in range(200)]


async def test_threads_in_the_background_yield_to_all_others() -> None:
    import os

    pool = RunPool(1, in_background=True)

    def priority(_: Arrays) -> Arrays:
        return (np.array([os.getpriority(os.PRIO_PROCESS, threading.get_native_id())]),)

    (found,) = await pool.run(priority, ())

    pool.close()
    assert found.tolist() == [19]
    assert os.getpriority(os.PRIO_PROCESS, 0) < 19
