from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.vaults import record_of

from epione.errors import MalformedEvent
from epione.messaging import Message, attributes_of, topics
from epione.privacy import Action, Entry, Outcome, audit_message, entry_of

ENTRY = Entry(
    id="7f",
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    who="ada",
    action=Action.FORGET,
    patient="north/p-1",
    why="she asked for it",
    outcome=Outcome.BEGUN,
    records=("north/p-0", "north/p-1"),
)


def test_an_entry_comes_back_as_it_went() -> None:
    assert entry_of(record_of(audit_message(ENTRY, "/test"))) == ENTRY


def test_an_entry_stands_under_its_patient_and_says_how_far_it_is() -> None:
    message = audit_message(ENTRY, "/epione/cli")
    done = audit_message(replace(ENTRY, outcome=Outcome.DONE), "/epione/cli")

    assert (message.topic, message.key) == (topics.AUDIT, b"north/p-1")
    assert attributes_of(message.headers)["ce_id"] == "7f/begun"
    assert attributes_of(done.headers)["ce_id"] == "7f/done"


def test_what_names_no_patient_has_a_key_of_its_own() -> None:
    assert audit_message(replace(ENTRY, patient=""), "/test").key == b"-/-"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[1]", id="another kind of JSON"),
        pytest.param(b'{"id": "7f"}', id="half of it"),
    ],
)
def test_what_is_no_entry_is_refused(value: bytes) -> None:
    with pytest.raises(MalformedEvent):
        entry_of(record_of(Message(topics.AUDIT, b"north/p-1", value)))
