"""One process over the whole log gives, byte for byte, what the stream gave."""

import asyncio

import pytest
from tests.unit.inference.stream import Stream, inference
from tests.unit.inference.test_handler import HISTORY

from epione_inference.single import plans_of


@pytest.mark.parametrize("batch_size", [1, 3, 500])
def test_the_streams_plans_are_those_of_a_single_fold(batch_size: int) -> None:
    stream = Stream(HISTORY).run(batch_size)

    assert asyncio.run(plans_of(stream.log, inference())) == stream.plans


def test_what_cannot_be_read_is_passed_over() -> None:
    stream = Stream(HISTORY).run()
    broken = stream.log[0]._replace(value=b"\xff", offset=999)

    assert asyncio.run(plans_of([*stream.log, broken], inference())) == stream.plans
