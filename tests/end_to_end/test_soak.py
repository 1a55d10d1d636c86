"""The soak, in the size of the suite: every kind of fault once, while messages flow."""

import sys
from pathlib import Path

import pytest
from tests.end_to_end.soak.__main__ import main
from tests.end_to_end.soak.faults import KINDS
from tests.end_to_end.soak.report import table
from tests.end_to_end.soak.soak import Soak, soaked
from tests.real_parts import Broker, Faults

N_MESSAGES = 50_000
SEED = 8


@pytest.mark.kafka
@pytest.mark.redis
async def test_under_every_fault_nothing_is_lost_nor_double_nor_out_of_order(
    own_kafka: Broker, own_redis: Faults, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = Soak(N_MESSAGES, len(KINDS), SEED)

    found, report = await soaked(asked, own_kafka, own_redis, tmp_path)

    with capsys.disabled():
        sys.stdout.write(f"\n{table(report)}\n")
    assert not any(found.totals.values()), found.examples


def test_fewer_faults_than_kinds_are_refused_before_anything_is_started(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(20_000, 4, 8)

    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err == f"4 faults are fewer than the {len(KINDS)} kinds\n"
