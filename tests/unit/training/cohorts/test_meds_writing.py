"""MEDS that others read: its schemas keep, and no date of a person is in it."""

import json
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from meds import schema as meds
from tests.unit.training.cohorts.told_lives import DIED, FEMALE, MANY, SICK, glucose, source, told

from epione.errors import MalformedCohort, Misconfigured
from epione.timeline.tokens import NoLife
from epione_training.cohorts import meds_writing
from epione_training.cohorts.meds_writing import write_meds
from epione_training.lives.cohort import Split


def test_every_file_keeps_to_its_schema(tmp_path: Path) -> None:
    write_meds(MANY, tmp_path / "m")

    meds.DataSchema.validate(pq.read_table(tmp_path / "m/data/0.parquet"))
    meds.CodeMetadataSchema.validate(pq.read_table(tmp_path / "m/metadata/codes.parquet"))
    meds.SubjectSplitSchema.validate(pq.read_table(tmp_path / "m/metadata/subject_splits.parquet"))
    about = json.loads((tmp_path / "m/metadata/dataset.json").read_text())
    meds.DatasetMetadataSchema.validate(about)
    assert about["code_modifier_columns"] == ["unit"]


def test_a_person_is_rows_by_time_from_one_birth_for_all(tmp_path: Path) -> None:
    write_meds(source(told(7, DIED, FEMALE, glucose(1, 80.5), SICK)), tmp_path / "m")

    rows = pq.read_table(tmp_path / "m/data/0.parquet").to_pylist()
    assert [(row["time"], row["code"], row["numeric_value"], row["unit"]) for row in rows] == [
        (None, "Female", None, None),
        (datetime(2000, 1, 1), "MEDS_BIRTH", None, None),  # noqa: DTZ001, as MEDS has times
        (datetime(2000, 1, 2), "LOINC/2339-0", 80.5, "mg/dL"),  # noqa: DTZ001
        (datetime(2049, 4, 13), "SNOMED/44054006", None, None),  # noqa: DTZ001
        (datetime(2054, 10, 4), "MEDS_DEATH", None, None),  # noqa: DTZ001
    ]
    codes = pq.read_table(tmp_path / "m/metadata/codes.parquet").to_pylist()
    assert {row["code"] for row in codes} == {row["code"] for row in rows}
    assert "only the days since it are true" in codes[0]["description"]


def test_splits_are_named_as_meds_does(tmp_path: Path) -> None:
    lives = [told(n, SICK, split=Split(n)) for n in range(3)]

    write_meds(source(*lives), tmp_path / "m")

    rows = pq.read_table(tmp_path / "m/metadata/subject_splits.parquet").to_pylist()
    assert [row["split"] for row in rows] == ["train", "tuning", "held_out"]


def test_many_lives_are_written_in_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meds_writing, "PER_SHARD", 15)

    write_meds(MANY, tmp_path / "m")

    shards = sorted((tmp_path / "m/data").iterdir())
    people = [set(pq.read_table(shard)["subject_id"].to_pylist()) for shard in shards]
    assert [len(each) for each in people] == [15, 15, 10]
    assert set.union(*people) == set(range(40))


def test_who_has_no_life_is_counted(tmp_path: Path) -> None:
    remainder = write_meds(source(told(7, SICK), NoLife.DENIED), tmp_path / "m")

    assert remainder.people == {NoLife.DENIED: 1}


def test_a_subject_that_is_told_of_twice_leaves_no_meds_folder(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="it would leak"):
        write_meds(source(told(7, SICK), told(7, DIED)), tmp_path / "m")

    assert not (tmp_path / "m/data").exists()


def test_a_cohort_without_lives_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="no life is told of"):
        write_meds(source(NoLife.EMPTY), tmp_path / "m")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_meds(MANY, tmp_path / "m")

    with pytest.raises(Misconfigured, match="is not empty"):
        write_meds(MANY, tmp_path / "m")
