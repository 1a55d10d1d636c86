"""A record as a model reads it."""

import numpy as np
from tests.unit.training.lives.served_world import GENOME, NAMES
from tests.unit.training.lives.worlds import DEATH, FEMALE, MALE, NO_EVENT, A, B, life

from epione.medicine.life import LifeQuestion
from epione.timeline.tokens import Entry, NoLife
from epione.timeline.vocabulary import Kind, Vocabulary, range_names
from epione_inference.lives.life import Life, life_of
from epione_training.lives.batches import Reading, batch_of
from epione_training.lives.cohort import Life as CohortsLife

WOMAN, MAN = Entry(None, "Female", Kind.SEX), Entry(None, "Male", Kind.SEX)


def told(
    *entries: Entry, now_days: int, longest: int = 512, from_birth: bool = True
) -> tuple[Life | NoLife, tuple[str, ...]]:
    return life_of(LifeQuestion(entries, now_days), NAMES, longest, from_birth=from_birth)


def life_told(*entries: Entry, now_days: int, longest: int = 512, from_birth: bool = True) -> Life:
    found, _ = told(*entries, now_days=now_days, longest=longest, from_birth=from_birth)
    assert isinstance(found, Life)
    return found


def test_a_record_is_told_as_training_tells_it() -> None:
    """Up to now, which a life in training has as the last row of its file."""
    found = life_told(Entry(9_000, "B"), MAN, Entry(4_000, "A (first)"), now_days=12_000)

    trained = batch_of([life((0, MALE), (4_000, A), (9_000, B), (12_000, NO_EVENT))], Reading())
    assert found.tokens.tolist() == trained.tokens[0].tolist()
    assert found.ages_days.tolist() == trained.ages_days[0].tolist()
    assert found.now_days == 12_000


def test_of_one_day_what_is_not_predicted_comes_first() -> None:
    found = life_told(WOMAN, Entry(0, "A (first)"), Entry(0, "*1/*2", Kind.GENOME), now_days=1)

    assert found.tokens.tolist() == [FEMALE, GENOME, A, NO_EVENT]


def test_where_lives_begin_with_observation_so_does_a_record() -> None:
    entries = (MAN, Entry(9_000, "B"), Entry(8_000, "A (first)"))

    found = life_told(*entries, now_days=12_000, from_birth=False)

    observed = life((8_000, MALE), (8_000, A), (9_000, B), (12_000, NO_EVENT))
    trained = batch_of([observed], Reading())
    assert found.tokens.tolist() == trained.tokens[0].tolist()
    assert found.ages_days.tolist() == trained.ages_days[0].tolist()


PRESSURE = "LOINC/8480-6"
MEASURED = Vocabulary(
    ("Padding", "No event", "Female", *range_names(PRESSURE, "mm[Hg]", [120]), "A", "B"),
    (Kind.PADDING, Kind.NO_EVENT, Kind.SEX, *(Kind.LIFESTYLE,) * 2, *(Kind.EVENT,) * 2),
)


def measured_often() -> LifeQuestion:
    pressures = [
        Entry(20_000.0 + n, PRESSURE, Kind.EVENT, 110.0 + n % 20, "mm[Hg]") for n in range(800)
    ]
    return LifeQuestion((WOMAN, Entry(17_500, "A"), Entry(17_900, "B"), *pressures), 20_800)


def test_what_was_had_long_ago_outlives_measurements_and_what_is_cut_is_said() -> None:
    found, not_understood = life_of(measured_often(), MEASURED, 512, from_birth=True)

    assert isinstance(found, Life)
    assert len(found.tokens) == 512
    assert found.ages_days[[0, -1]].tolist() == [0, 20_800]
    assert found.had(MEASURED) == 2
    assert np.isin([5, 6], found.tokens).all()
    assert (found.ages_days[found.tokens == 5], found.ages_days[found.tokens == 6]) == (
        17_500,
        17_900,
    )
    assert (np.diff(found.ages_days) >= 0).all()
    assert np.diff(found.ages_days[found.tokens == NO_EVENT])[:-1].max() <= 1_826.25
    assert not_understood == (f"{PRESSURE} (more than the model reads)",)


def test_a_long_record_is_cut_as_training_cuts_it() -> None:
    found, _ = life_of(measured_often(), MEASURED, 512, from_birth=True)
    whole, _ = life_of(measured_often(), MEASURED, 2_000, from_birth=True)

    assert isinstance(found, Life)
    assert isinstance(whole, Life)
    quiet = (whole.tokens == NO_EVENT) & (whole.ages_days < whole.now_days)
    told = CohortsLife(whole.ages_days[~quiet], whole.tokens[~quiet])
    trained = batch_of([told], Reading(), predicted=MEASURED.predicted)
    assert found.tokens.tolist() == trained.tokens[0].tolist()
    assert found.ages_days.tolist() == trained.ages_days[0].tolist()


def test_a_life_without_its_last_or_first_token_begins_and_ends_when_it_did() -> None:
    whole = life_told(Entry(0, "A (first)"), Entry(9_000, "B"), now_days=9_000)

    without = whole.without(np.isin(whole.tokens, [A, B]))

    assert without.tokens.tolist() == [NO_EVENT] * 7
    assert without.ages_days[[0, -1]].tolist() == [0, 9_000]
    beside = life_told(WOMAN, Entry(0, "A (first)"), now_days=0)
    assert beside.without(beside.tokens == A).tokens.tolist() == [FEMALE]


def test_what_is_not_understood_is_told_with_its_reason() -> None:
    entries = (Entry(10, "Z"), Entry(30, "Z"), Entry(20, "A (first)"), Entry(50, "B"))

    _, not_understood = told(*entries, now_days=40)

    assert set(not_understood) == {"Z", "B (in the future)"}
    assert len(not_understood) == 2


def test_nothing_dated_is_no_life() -> None:
    assert told(WOMAN, now_days=40) == (NoLife.EMPTY, ())


def test_a_quiet_life_goes_on_by_five_years_from_where_it_began() -> None:
    found = life_told(MAN, Entry(9_000, "B"), now_days=9_200).quiet_until(9_200 + 3_652.5)

    assert found.ages_days[-3:].tolist() == [9_200, 1 + 6 * 1_826.25, 1 + 7 * 1_826.25]
    assert found.tokens[-3:].tolist() == [NO_EVENT] * 3
    assert np.array_equal(np.diff(found.ages_days) > 0, np.ones(len(found.ages_days) - 1, bool))


def test_different_codes_that_happened_are_counted() -> None:
    entries = [Entry(5, "A (first)"), Entry(9, "A (first)"), Entry(0, "*1/*2", Kind.GENOME)]

    assert life_told(WOMAN, *entries, now_days=40).had(NAMES) == 1
    assert life_told(*entries, Entry(9, "B"), now_days=40).had(NAMES) == 2
    assert DEATH in NAMES.predicted


def test_a_sex_is_read_off_a_life() -> None:
    sexes = [life_told(*sex, Entry(5, "B"), now_days=9).sex(NAMES) for sex in ([WOMAN], [MAN], [])]

    assert sexes == [0, 1, 2]
