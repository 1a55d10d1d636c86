"""MEDS of ours and of others, and what contradicts it."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.training.cohorts.told_lives import MANY, is_equal, mapped
from tests.unit.training.lives.worlds import world, write_delphi

from epione.errors import MalformedCohort
from epione.timeline.events import RXNORM, Code
from epione.timeline.tokens import Entry, NoLife
from epione.timeline.vocabulary import Kind
from epione_training.cohorts.meds_reading import is_meds, meds_source
from epione_training.cohorts.meds_writing import write_meds
from epione_training.cohorts.sources import source_in
from epione_training.cohorts.told import Told
from epione_training.lives.cohort import Split

Row = tuple[int, str | None, str, float | None]
BORN = (1, "1950-03-01T08:00", "MEDS_BIRTH", None)
SEEN = (1, "2000-03-01T07:00", "SNOMED/44054006", None)


def write(folder: Path, *shards: list[Row], unit: bool = True) -> Path:
    """Write shards as another program would."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for n, rows in enumerate(shards):
        subjects, times, codes, values = zip(*rows, strict=True)
        columns = {
            "subject_id": pa.array(subjects, pa.int64()),
            "time": pa.array([time and datetime.fromisoformat(time) for time in times]),
            "code": pa.array(codes),
            "numeric_value": pa.array(values, pa.float32()),
        }
        columns["time"] = columns["time"].cast(pa.timestamp("us"))
        if unit:
            columns["unit"] = pa.array(["%" if value else None for value in values], pa.string())
        pq.write_table(pa.table(columns), folder / "data" / f"{n}.parquet")
    return folder


def write_splits(folder: Path, *rows: tuple[int, str]) -> None:
    (folder / "metadata").mkdir(exist_ok=True)
    subjects, splits = zip(*rows, strict=True)
    table = pa.table({"subject_id": pa.array(subjects, pa.int64()), "split": pa.array(splits)})
    pq.write_table(table, folder / "metadata" / "subject_splits.parquet")


def read(folder: Path) -> list[Told | NoLife]:
    return list(meds_source(folder).lives())


def test_a_cohort_that_was_written_is_read_back_equal(tmp_path: Path) -> None:
    cohort = mapped(MANY, tmp_path / "rows", at_least=3)

    write_meds(source_in(tmp_path / "rows"), tmp_path / "meds")

    assert is_equal(mapped(meds_source(tmp_path / "meds"), tmp_path / "again"), cohort)


def test_raw_entries_give_the_same_cohort_by_way_of_meds(tmp_path: Path) -> None:
    write_meds(MANY, tmp_path / "meds")

    again = mapped(meds_source(tmp_path / "meds"), tmp_path / "again", at_least=3)

    assert is_equal(again, mapped(MANY, tmp_path / "rows", at_least=3))


def test_a_delphi_cohort_keeps_its_tokens_by_way_of_meds(tmp_path: Path) -> None:
    lives = world(60)
    write_delphi(lives, tmp_path)

    write_meds(source_in(tmp_path), tmp_path / "meds")
    again = mapped(meds_source(tmp_path / "meds"), tmp_path / "again")

    assert again.vocabulary == lives.vocabulary
    assert again.tokens.tolist() == lives.tokens.tolist()
    assert again.ages_days.tolist() == lives.ages_days.tolist()


def test_codes_of_others_get_our_names_where_their_terminology_is_known(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        [
            (1, None, "GENDER//F", None),
            (1, None, "RACE//WHITE", None),
            BORN,
            SEEN,
            (1, "2000-03-02T00:00", "ICD10CM/E119", None),
            (1, "2000-03-02T00:00", "RxNorm/309362", None),
            (1, "2000-03-03T00:00", "LOINC/4548-4", 7.5),
            (1, "2000-03-04T00:00", "HR//bpm", 71.0),
            (1, "2001-01-01T00:00", "MEDS_DEATH", None),
        ],
    )
    ingredients = {"309362": Code(RXNORM, "32968")}

    (person,) = meds_source(folder, lambda drug: ingredients.get(drug.code)).lives()

    assert isinstance(person, Told)
    assert person.entries == (
        Entry(None, "Female", Kind.SEX),
        Entry(None, "RACE//WHITE", Kind.LIFESTYLE),
        Entry(18263, "SNOMED/44054006"),
        Entry(18264, "ICD10CM/E11"),
        Entry(18264, "RXNORM/32968"),
        Entry(18265, "LOINC/4548-4", value=7.5, unit="%"),
        Entry(18266, "HR//bpm", value=71.0, unit="%"),
        Entry(18569, "DEATH", Kind.DEATH),
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param("DEATH", Kind.DEATH, id="death"),
        pytest.param("Male", Kind.SEX, id="a sex"),
        pytest.param("SEX/m", Kind.SEX, id="a sex by a letter"),
        pytest.param("No event", Kind.NO_EVENT, id="no event"),
        pytest.param("Padding", Kind.EVENT, id="a code like any other"),
    ],
)
def test_a_word_of_ours_means_what_it_does_here(tmp_path: Path, code: str, kind: Kind) -> None:
    (person,) = read(write(tmp_path / "meds", [BORN, (1, "2000-03-03T00:00", code, None)]))

    assert isinstance(person, Told)
    assert person.entries[0].kind is kind


def test_a_measurement_without_a_column_of_units_has_none(tmp_path: Path) -> None:
    folder = write(tmp_path, [BORN, (1, "2000-03-03T00:00", "HR//bpm", 71.0)], unit=False)

    (person,) = read(folder)

    assert isinstance(person, Told)
    assert person.entries[0].unit == ""


def test_a_number_that_is_none_is_no_number(tmp_path: Path) -> None:
    folder = write(tmp_path, [BORN, (1, "2000-03-03T00:00", "HR//bpm", float("nan"))])

    (person,) = read(folder)

    assert isinstance(person, Told)
    assert person.entries[0].value is None


def test_who_has_no_birth_has_no_life(tmp_path: Path) -> None:
    assert read(write(tmp_path, [SEEN])) == [NoLife.NO_BIRTH_DATE]


def test_splits_are_kept(tmp_path: Path) -> None:
    other = [(2, *row[1:]) for row in (BORN, SEEN)]
    folder = write(tmp_path, [BORN, SEEN, *other])
    write_splits(folder, (1, "held_out"), (2, "tuning"))

    people = read(folder)

    assert [p.split for p in people if isinstance(p, Told)] == [Split.HELD_OUT, Split.TUNING]


@pytest.mark.parametrize(
    ("splits", "says"),
    [
        pytest.param([(1, "train"), (1, "tuning")], "a subject into two splits", id="a leak"),
        pytest.param([(1, "test")], "test is none of train, tuning, held_out", id="unknown name"),
        pytest.param([(2, "train")], "puts a subject of .* into no split", id="none"),
    ],
)
def test_splits_that_leak_or_say_nothing_are_refused(
    tmp_path: Path, splits: list[tuple[int, str]], says: str
) -> None:
    folder = write(tmp_path, [BORN, SEEN])
    write_splits(folder, *splits)

    with pytest.raises(MalformedCohort, match=says):
        read(folder)


@pytest.mark.parametrize(
    "shards",
    [
        pytest.param([[BORN], [BORN, SEEN]], id="in two shards"),
        pytest.param([[BORN], [SEEN]], id="in two shards, born in one"),
        pytest.param([[BORN, SEEN, (2, *BORN[1:]), (2, *SEEN[1:]), BORN, SEEN]], id="interleaved"),
    ],
)
def test_a_subject_whose_rows_lie_apart_is_refused(tmp_path: Path, shards: list[list[Row]]) -> None:
    shards[0] = [*shards[0], (1, "2000-03-09T00:00", "SNOMED/1", None)]
    folder = write(tmp_path / "meds", *shards)

    with pytest.raises(MalformedCohort, match="told of in two places"):
        read(folder)


def test_rows_that_are_not_sorted_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="not sorted by time"):
        read(write(tmp_path, [SEEN, BORN]))


def test_a_shard_that_keeps_not_to_the_schema_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"subject_id": [1], "code": ["A"]}), tmp_path / "data/0.parquet")

    with pytest.raises(MalformedCohort, match=r"0\.parquet keeps not to MEDS.*time"):
        read(tmp_path)


def test_a_shard_that_is_cut_off_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, [BORN, SEEN])
    shard = folder / "data/0.parquet"
    shard.write_bytes(shard.read_bytes()[:-20])

    with pytest.raises(MalformedCohort, match=r"0\.parquet keeps not to MEDS"):
        read(folder)


def test_tokens_that_contradict_themselves_are_refused(tmp_path: Path) -> None:
    mapped(MANY, tmp_path / "rows")
    write_meds(source_in(tmp_path / "rows"), tmp_path / "meds")
    file = tmp_path / "meds/metadata/codes.parquet"
    pq.write_table(pq.read_table(file).slice(0, 4), file)
    table = pq.read_table(file)
    pq.write_table(table.filter(pa.array([True, True, False, True])), file)

    with pytest.raises(MalformedCohort, match=r"codes\.parquet contradicts itself"):
        meds_source(tmp_path / "meds")


def test_a_folder_without_shards_is_no_meds(tmp_path: Path) -> None:
    assert not is_meds(tmp_path)
    assert is_meds(write(tmp_path, [BORN]))
