"""One process over the whole log gives, byte for byte, what the stream gave."""

import asyncio

import pytest
from tests.unit.inference.stream import Stream, inference, record_of
from tests.unit.inference.test_handler import HISTORY
from tests.unit.medicine.patients import COMPLETE

from epione_inference.single import case_in, plans_of


@pytest.mark.parametrize("batch_size", [1, 3, 500])
def test_the_streams_plans_are_those_of_a_single_fold(batch_size: int) -> None:
    stream = Stream(HISTORY).run(batch_size)

    assert asyncio.run(plans_of(stream.log, inference())) == stream.plans


def test_what_cannot_be_read_is_passed_over() -> None:
    stream = Stream(HISTORY).run()
    broken = stream.log[0]._replace(value=b"\xff", offset=999)

    assert asyncio.run(plans_of([*stream.log, broken], inference())) == stream.plans


def test_a_case_is_read_from_one_patients_records() -> None:
    case = case_in(record_of(each, n) for n, each in enumerate(COMPLETE))

    assert case is not None
    assert (case.patient, case.history.age) == ("p-1", 55)


def test_without_records_there_is_no_case() -> None:
    assert case_in([]) is None


@pytest.mark.parametrize("n_records", range(1, 12))
def test_a_plan_as_of_an_offset_is_the_one_that_was_published_then(n_records: int) -> None:
    stream = Stream(HISTORY[:n_records]).run(batch_size=1)

    whole = Stream(HISTORY).run(batch_size=500)

    assert asyncio.run(plans_of(whole.log[:n_records], inference())) == stream.plans
