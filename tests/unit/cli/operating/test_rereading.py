"""A raw topic read again, on a log in memory."""

import pytest
from tests.vaults import SECRET, vault_on

from epione.messaging import Done, MemoryLog, Record, topics
from epione.messaging.dead_letter import FLOOD
from epione_cli.operating.rereading import RAW, Living, subscription_of


@pytest.mark.parametrize("name", RAW)
async def test_any_number_that_cannot_be_read_is_no_flood(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for setting in ("SECRET", "VAULT"):
        monkeypatch.setenv(f"EPIONE_{setting}", SECRET)
    monkeypatch.setenv("EPIONE_KAFKA", "nowhere:1")
    log = MemoryLog()
    living = Living(log)
    reading = subscription_of(RAW[name], living, vault_on(log), reading=1)

    outcome = await reading.step([Record(name, 0, n, b"a", b"\xff", (), 0) for n in range(FLOOD)])

    assert outcome == Done(FLOOD)
    assert living.n_dead == FLOOD
    assert topics.PATIENT_EVENTS.name not in living.published
