"""From entries to a life: what becomes of each, and a named answer where it cannot be one."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.timeline.records import START, condition, consent, event, order, person, reading

from epione.medicine.life import question_of
from epione.timeline import (
    LOINC,
    RXNORM,
    SNOMED,
    Code,
    Gender,
    GeneCall,
    GenomicFeatures,
    History,
    Observation,
    PatientEvent,
    Procedure,
    Timeline,
    fold,
    genome_of,
    history_of,
)
from epione.timeline.codes import HBA1C
from epione.timeline.tokens import Entry, Lived, NoLife, Omission, entries_of, lived
from epione.timeline.vocabulary import NO_EVENT, Kind, Vocabulary, range_names

DIABETES, METFORMIN = "SNOMED/44054006", "RXNORM/6809"
NAMES = (
    "Padding",
    "No event",
    "Female",
    "Male",
    "Tobacco/smokes",
    "CYP2C19/Poor Metabolizer",
    DIABETES,
    METFORMIN,
    *range_names("LOINC/4548-4", "%", [5.7, 6.5]),
    "DEATH",
)
KINDS = (
    Kind.PADDING,
    Kind.NO_EVENT,
    Kind.SEX,
    Kind.SEX,
    Kind.LIFESTYLE,
    Kind.GENOME,
    *(Kind.EVENT,) * 5,
    Kind.DEATH,
)
VOCABULARY = Vocabulary(NAMES, KINDS)
FEMALE, SMOKES, POOR, SICK, TREATED, HIGH, DEATH = (
    VOCABULARY.by_name[name]
    for name in (
        "Female",
        "Tobacco/smokes",
        "CYP2C19/Poor Metabolizer",
        DIABETES,
        METFORMIN,
        "LOINC/4548-4 [6.5, ) %",
        "DEATH",
    )
)
DIED = Entry(900, "DEATH", Kind.DEATH)
SEX = Entry(None, "Female", Kind.SEX)


def rows(life: Lived | NoLife) -> list[tuple[int, int]]:
    assert isinstance(life, Lived)
    return list(zip(life.ages_days.tolist(), life.tokens.tolist(), strict=True))


def omitted(life: Lived | NoLife) -> Counter[tuple[Omission, str]]:
    assert isinstance(life, Lived)
    return life.omitted


def test_a_life_is_its_entries_in_order_of_age() -> None:
    entries = [Entry(800, METFORMIN), Entry(700.9, DIABETES), SEX]

    assert rows(lived(entries, VOCABULARY)) == [(700, FEMALE), (700, SICK), (800, TREATED)]


def test_of_one_day_death_comes_last_and_what_is_not_predicted_first() -> None:
    entries = [DIED, Entry(900, DIABETES), Entry(900, "Tobacco/smokes", Kind.LIFESTYLE)]

    assert rows(lived(entries, VOCABULARY)) == [(900, SMOKES), (900, SICK), (900, DEATH)]


def test_a_token_is_there_once_a_day() -> None:
    entries = [Entry(5, DIABETES), Entry(5.5, DIABETES), Entry(6, DIABETES)]

    assert rows(lived(entries, VOCABULARY)) == [(5, SICK), (6, SICK)]


def test_who_was_first_seen_at_fifty_is_observed_from_fifty_on() -> None:
    seen = 50 * 365

    assert rows(lived([SEX, Entry(seen, DIABETES)], VOCABULARY))[0] == (seen, FEMALE)


def test_a_model_of_lives_from_birth_reads_a_record_from_birth_on() -> None:
    life = lived([SEX, Entry(18_000, DIABETES)], VOCABULARY, 18_100, from_birth=True)

    assert rows(life) == [(0, FEMALE), (18_000, SICK), (18_100, NO_EVENT)]


def test_who_states_an_entry_makes_no_other_entry_of_it() -> None:
    one, other = (Entry(5, DIABETES, event_id=by, words=by) for by in ("a", "b"))

    assert one == other
    assert hash(one) == hash(other)


def test_observation_ends_now() -> None:
    assert rows(lived([Entry(5, DIABETES)], VOCABULARY, until_days=90.5)) == [
        (5, SICK),
        (90, NO_EVENT),
    ]


def test_observation_ends_with_death() -> None:
    life = lived([Entry(5, DIABETES), DIED], VOCABULARY, until_days=2_000)

    assert rows(life) == [(5, SICK), (900, DEATH)]


def test_what_is_not_known_was_still_observed() -> None:
    entries = [Entry(3, "X/1"), Entry(5, DIABETES), Entry(9, "X/1")]

    assert rows(lived(entries, VOCABULARY)) == [(3, NO_EVENT), (5, SICK), (9, NO_EVENT)]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        pytest.param(Entry(5, "X/1"), Omission.UNKNOWN_CODE, id="unknown code"),
        pytest.param(Entry(5, "Padding"), Omission.UNKNOWN_CODE, id="no word of a life"),
        pytest.param(Entry(-1, DIABETES), Omission.BEFORE_BIRTH, id="before birth"),
        pytest.param(Entry(901, DIABETES), Omission.AFTER_DEATH, id="after death"),
        pytest.param(Entry(1001, DIABETES), Omission.IN_THE_FUTURE, id="in the future"),
        pytest.param(Entry(5, "LOINC/4548-4"), Omission.NO_NUMBER, id="no number"),
        pytest.param(
            Entry(5, "LOINC/4548-4", value=48, unit="mmol/mol"), Omission.OTHER_UNIT, id="unit"
        ),
    ],
)
def test_an_entry_that_is_not_in_a_life_is_told_with_its_reason(
    entry: Entry, why: Omission
) -> None:
    life = lived([Entry(7, METFORMIN), DIED, entry], VOCABULARY, until_days=1000)

    assert omitted(life) == {(why, entry.name): 1}
    assert SICK not in {token for _, token in rows(life)}


@pytest.mark.parametrize(
    "age", [pytest.param(0, id="on the day of birth"), pytest.param(900, id="on that of death")]
)
def test_the_first_and_the_last_day_belong_to_a_life(age: float) -> None:
    life = lived([Entry(7, METFORMIN), DIED, Entry(age, DIABETES)], VOCABULARY)

    assert (age, SICK) in rows(life)
    assert not omitted(life)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([], id="nothing"),
        pytest.param([SEX], id="no date"),
        pytest.param([SEX, Entry(-5, DIABETES)], id="nothing since birth"),
    ],
)
def test_an_empty_history_is_no_life(entries: list[Entry]) -> None:
    assert lived(entries, VOCABULARY) is NoLife.EMPTY


def test_a_condition_is_understood_by_its_category_where_the_vocabulary_has_that_alone() -> None:
    categories = Vocabulary(
        ("Padding", "No event", "ICD10CM/I10"), (Kind.PADDING, Kind.NO_EVENT, Kind.EVENT)
    )

    life = lived([Entry(5, "SNOMED/59621000"), Entry(7, "SNOMED/44054006")], categories)

    assert rows(life) == [(5, categories.by_name["ICD10CM/I10"]), (7, NO_EVENT)]
    assert omitted(life) == {(Omission.UNKNOWN_CODE, "SNOMED/44054006"): 1}


def test_a_quantity_is_read_by_any_of_its_codes() -> None:
    entries = [Entry(5, "LOINC/17856-6", value=7.1, unit="%"), Entry(6, "LOINC/17856-6")]

    life = lived(entries, VOCABULARY)

    assert rows(life) == [(5, HIGH), (6, NO_EVENT)]
    assert omitted(life) == {(Omission.NO_NUMBER, "LOINC/17856-6"): 1}


BORN = person("1970-04-21", Gender.FEMALE)
SMOKING = Observation(Code(LOINC, "72166-2"), Code(LOINC, "LA18976-3"))


def read(*events: PatientEvent, now: datetime = START + timedelta(days=60)) -> History:
    return history_of(fold(Timeline("north", "p-1"), events), now)


def life(history: History) -> Lived | NoLife:
    """Tell a record as serving asks about it."""
    asked = question_of(history, genome_of(history), lambda _: None)
    if asked.none:
        return NoLife(asked.none)
    return lived(asked.entries, VOCABULARY, asked.now_days)


def test_a_patients_life_is_what_the_history_and_the_genome_state() -> None:
    call = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor Metabolizer",))
    stopped = order("6809", state="completed", ends_at=START + timedelta(days=20))
    history = read(
        event(BORN, "person"),
        event(reading(HBA1C, 7.1), "hba1c"),
        event(condition("44054006"), "diabetes", day=1),
        event(stopped, "metformin", day=2),
        event(SMOKING, "smoking", day=3),
        event(GenomicFeatures("0", "GRCh38", "2026-11", (call,)), "genome", day=4),
    )
    first = (START.date() - datetime(1970, 4, 21, tzinfo=UTC).date()).days

    assert rows(life(history)) == [
        (first, FEMALE),
        (first, POOR),
        (first, HIGH),
        (first + 1, SICK),
        (first + 2, TREATED),
        (first + 3, SMOKES),
        (first + 60, NO_EVENT),
    ]


def test_a_condition_from_before_the_first_contact_is_known_from_that_day_on() -> None:
    onset = datetime(1990, 1, 1, tzinfo=UTC)
    history = read(
        event(BORN, "person"),
        event(condition("44054006", onset_at=onset), "old", effective_at=onset),
        event(Procedure(Code(SNOMED, "1"), START), "procedure", effective_at=START),
    )

    told = {token: age for age, token in rows(life(history))}

    assert told[SICK] == told[FEMALE] > 50 * 365


def test_what_a_gene_means_is_open_where_no_one_phenotype_is_assigned() -> None:
    calls = (
        GeneCall("CYP2D6", "*1/*4", phenotypes=("Poor Metabolizer", "Normal Metabolizer")),
        GeneCall("TPMT", "*1/*1", phenotypes=(None,)),
        GeneCall("DPYD", None, no_call_reason="no position was read"),
    )
    history = read(
        event(BORN, "person"),
        event(reading(HBA1C, 7.1), "hba1c"),
        event(GenomicFeatures("0", "GRCh38", "2026-11", calls), "genome"),
    )

    entries = entries_of(history, genome_of(history), lambda _: None)

    assert not isinstance(entries, NoLife)
    assert [entry.name for entry in entries if entry.kind is Kind.GENOME] == [
        "CYP2D6/indeterminate",
        "TPMT/indeterminate",
    ]


def test_an_entry_names_its_delivery_and_how_a_clinician_reads_it() -> None:
    call = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor Metabolizer",))
    shown = Procedure(Code(SNOMED, "80146002", "Appendectomy"), START)
    history = read(
        event(BORN, "person"),
        event(reading(HBA1C, 7.1), "hba1c"),
        event(condition("44054006"), "diabetes"),
        event(SMOKING, "smoking"),
        event(shown, "procedure", effective_at=START),
        event(GenomicFeatures("0", "GRCh38", "2026-11", (call,)), "genome"),
    )

    entries = entries_of(history, genome_of(history), lambda _: None)

    assert not isinstance(entries, NoLife)
    assert {(entry.event_id, entry.words) for entry in entries} == {
        ("person@1", "female"),
        ("hba1c@1", "HbA1c"),
        ("diabetes@1", "type 2 diabetes mellitus"),
        ("smoking@1", "smokes tobacco"),
        ("procedure@1", "Appendectomy"),
        ("genome@1", "CYP2C19 Poor Metabolizer"),
    }


@pytest.mark.parametrize(
    ("events", "why"),
    [
        pytest.param([event(SMOKING)], NoLife.NO_BIRTH_DATE, id="nothing of who it is"),
        pytest.param([event(person(""))], NoLife.NO_BIRTH_DATE, id="no birth date"),
        pytest.param([event(person("2031"))], NoLife.BORN_IN_THE_FUTURE, id="not born yet"),
        pytest.param([event(BORN)], NoLife.EMPTY, id="nothing but who it is"),
    ],
)
def test_why_there_is_no_life_has_a_name(events: list[PatientEvent], why: NoLife) -> None:
    history = read(*events)

    assert life(history) is why


def test_what_is_stated_after_death_is_told() -> None:
    died = person("1970-04-21", Gender.FEMALE, deceased_at=START)
    history = read(event(died, "person"), event(reading(HBA1C, 7.1), "late", day=9))
    early = read(event(died, "person"), event(reading(HBA1C, 7.1), "early"))

    assert omitted(life(history)) == {(Omission.AFTER_DEATH, "LOINC/4548-4"): 1}
    assert [token for _, token in rows(life(early))] == [FEMALE, HIGH, DEATH]


def test_a_genome_that_is_held_says_nothing() -> None:
    call = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor Metabolizer",))
    history = read(
        event(BORN, "person"),
        event(reading(HBA1C, 7.1), "hba1c"),
        event(GenomicFeatures("0", "GRCh38", "2026-11", (call,)), "genome"),
        event(consent("genomics", False), "consent"),
    )

    assert POOR not in {token for _, token in rows(life(history))}


@pytest.mark.parametrize(
    ("onset_at", "is_since"),
    [
        pytest.param(START + timedelta(days=2), False, id="while it was observed"),
        pytest.param(START - timedelta(days=900), True, id="before, and moved"),
        pytest.param(None, True, id="not said"),
    ],
)
def test_of_what_began_before_observation_it_is_known_since_when(
    onset_at: datetime | None, is_since: bool
) -> None:
    history = read(
        event(BORN, "person"),
        event(reading(HBA1C, 7.1), "hba1c"),
        event(condition("44054006", onset_at=onset_at), "diabetes", day=3),
    )

    entries = entries_of(history, genome_of(history), lambda _: None)

    assert not isinstance(entries, NoLife)
    assert [each.is_since for each in entries if each.event_id == "diabetes@1"] == [is_since]


def test_a_medicine_without_words_is_read_as_its_ingredient() -> None:
    history = read(event(BORN, "person"), event(order("860975", ""), "order"))

    entries = entries_of(history, genome_of(history), lambda _: Code(RXNORM, "6809", "metformin"))

    assert not isinstance(entries, NoLife)
    assert [each.words for each in entries if each.event_id == "order@1"] == ["metformin"]
