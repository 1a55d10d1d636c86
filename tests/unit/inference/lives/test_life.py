"""A history as a model reads it, and each way in which it may be wrong."""

import pytest
from tests.unit.training.lives.served_world import GENOME, NAMES
from tests.unit.training.lives.worlds import FEMALE, MALE, NO_EVENT, A, B, life

from epione.errors import MalformedEvent
from epione_inference.lives import Codes, Event, life_of
from epione_training.lives.batches import Reading, batch_of

CODES = Codes(NAMES)


def test_a_history_is_told_as_training_tells_it() -> None:
    """Up to now, which a life in training has as the last row of its file."""
    told, _ = life_of(CODES, "male", [Event("B", 9_000), Event("A (first)", 4_000)], 12_000, 512)

    trained = batch_of([life((0, MALE), (4_000, A), (9_000, B), (12_000, NO_EVENT))], Reading())
    assert told.tokens.tolist() == trained.tokens[0].tolist()
    assert told.ages_days.tolist() == trained.ages_days[0].tolist()
    assert told.now_days == 12_000


def test_of_one_day_what_is_not_predicted_comes_first() -> None:
    told, _ = life_of(CODES, "female", [Event("A (first)", 0), Event("*1/*2", 0)], 1, 512)

    assert told.tokens.tolist() == [FEMALE, GENOME, A, NO_EVENT]


def test_where_lives_begin_with_observation_so_does_a_history() -> None:
    events = [Event("B", 9_000), Event("A", 8_000)]

    told, _ = life_of(CODES, "male", events, 12_000, 512, from_birth=False)

    observed = life((8_000, MALE), (8_000, A), (9_000, B), (12_000, NO_EVENT))
    trained = batch_of([observed], Reading())
    assert told.tokens.tolist() == trained.tokens[0].tolist()
    assert told.ages_days.tolist() == trained.ages_days[0].tolist()


def test_a_long_history_keeps_its_first_day_and_its_last_tokens() -> None:
    events = [Event("A (first)", 100.0 * n) for n in range(1, 90)]

    told, _ = life_of(CODES, "female", events, 10_000, 8)

    assert len(told.tokens) == 8
    assert told.tokens[0] == FEMALE
    assert told.now_days == 10_000


@pytest.mark.parametrize(
    ("code", "token"),
    [
        pytest.param("A (first)", A, id="by its whole name"),
        pytest.param("A", A, id="by what stands before the first space"),
        pytest.param("*1/*2", GENOME, id="of the genome"),
        pytest.param("Z", None, id="unknown"),
        pytest.param("Female", None, id="a sex is no event"),
        pytest.param("No event", None, id="nor is none"),
        pytest.param("No", None, id="nor is a part of it"),
    ],
)
def test_a_code_is_known_by_its_name(code: str, token: int | None) -> None:
    assert CODES.token_of(code) == token


def test_what_is_not_understood_is_told_once_and_not_used() -> None:
    events = [Event("Z", 10), Event("A", 20), Event("Z", 30), Event("Y", 5)]

    told, not_understood = life_of(CODES, "female", events, 40, 512)

    assert not_understood == ("Z", "Y")
    assert told.tokens.tolist() == [FEMALE, NO_EVENT, A, NO_EVENT]


def test_without_a_sex_none_is_told() -> None:
    told, _ = life_of(CODES, None, [Event("A", 20)], 40, 512)

    assert told.tokens.tolist() == [NO_EVENT, A, NO_EVENT]


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        pytest.param([Event("A", -1)], "A at -1 days is before birth", id="before birth"),
        pytest.param([Event("A", 41)], "A at 41 days is after now, 40 days", id="in the future"),
        pytest.param(
            [Event("Death", 20), Event("A", 30)],
            "A at 30 days is after death, 20",
            id="after death",
        ),
        pytest.param([Event("Death", 20)], "ends with death at 20 days", id="of someone dead"),
        pytest.param(
            [Event("Z", 41)], "Z at 41 days is after now", id="unknown, and in the future"
        ),
    ],
)
def test_a_history_that_contradicts_itself_is_refused(events: list[Event], reason: str) -> None:
    with pytest.raises(MalformedEvent, match=reason):
        life_of(CODES, "female", events, 40, 512)
