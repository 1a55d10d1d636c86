"""Synthea's table of events as lives."""

import gzip
from pathlib import Path

import pytest
from tests.unit.training.cohorts.told_lives import mapped

from epione.errors import MalformedCohort
from epione.timeline.events import RXNORM, Code
from epione.timeline.tokens import Entry, NoLife, Omission
from epione.timeline.vocabulary import Kind
from epione_training.cohorts.mapped import map_lives
from epione_training.cohorts.meds_reading import meds_source
from epione_training.cohorts.meds_writing import write_meds
from epione_training.cohorts.sources import source_in
from epione_training.cohorts.synthea import is_synthea, synthea_source
from epione_training.cohorts.told import Told, subject_of

HEADER = "subject,birth,sex,dead,type,time,code,display,value,unit\n"
PERSON = "a,1950-01-01,female,2000-01-11"
BMI = f"{PERSON},O,2000-01-02,39156-5,BMI,31.5,kg/m2\n"


def read(folder: Path, *rows: str) -> list[Told | NoLife]:
    file = folder / "events.csv"
    file.write_text(HEADER + "".join(rows))
    ingredients = {"309362": Code(RXNORM, "32968")}
    return list(synthea_source(file, lambda drug: ingredients.get(drug.code)).lives())


def test_rows_of_a_subject_are_a_person(tmp_path: Path) -> None:
    people = read(
        tmp_path,
        BMI,
        f'{PERSON},M,2000-01-03,309362,"Clopidogrel 75 MG, tablet",,\n',
        f"{PERSON},P,2000-01-04,73761001,Colonoscopy,,\n",
        f"{PERSON},C,2000-01-05,44054006,Diabetes,,\n",
    )

    assert people == [
        Told(
            subject_of("a"),
            (
                Entry(None, "Female", Kind.SEX),
                Entry(18272, "DEATH", Kind.DEATH),
                Entry(18263, "LOINC/39156-5", value=31.5, unit="kg/m2"),
                Entry(18264, "RXNORM/32968"),
                Entry(18265, "SNOMED/73761001"),
                Entry(18266, "SNOMED/44054006"),
            ),
        )
    ]


def test_a_condition_from_before_the_first_contact_is_known_from_that_day_on(
    tmp_path: Path,
) -> None:
    (person,) = read(tmp_path, f"{PERSON},C,1990-01-01,44054006,Diabetes,,\n", BMI)

    assert isinstance(person, Told)
    assert {entry.age_days for entry in person.entries} == {None, 18263, 18272}


def test_who_has_no_birth_date_has_no_life(tmp_path: Path) -> None:
    assert read(tmp_path, "a,,male,,C,1990-01-01,1,x,,\n") == [NoLife.NO_BIRTH_DATE]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(f"{PERSON},O,2000-01-02,39156-5,BMI,fat,kg/m2\n", id="no number"),
        pytest.param(f"{PERSON},X,2000-01-02,39156-5,BMI,3,kg/m2\n", id="no such type"),
        pytest.param(f"{PERSON},O,January,39156-5,BMI,3,kg/m2\n", id="no date"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(MalformedCohort, match="before line 4"):
        read(tmp_path, BMI, row)


@pytest.mark.parametrize(
    ("name", "text", "is_one"),
    [
        pytest.param("a.csv", HEADER + BMI, True, id="its header"),
        pytest.param("a.csv", "a,b\n", False, id="another header"),
        pytest.param("a.txt", HEADER, False, id="no CSV"),
    ],
)
def test_a_table_is_known_by_its_header(tmp_path: Path, name: str, text: str, is_one: bool) -> None:
    (tmp_path / name).write_text(text)

    assert is_synthea(tmp_path / name) is is_one


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(HEADER.encode())[:-12])

    with pytest.raises(MalformedCohort, match="cannot be read"):
        is_synthea(tmp_path / "a.csv.gz")


@pytest.mark.reference
def test_the_reference_patients_are_read_whole(tmp_path: Path, reference_data: Path) -> None:
    """Counts of distinct days per subject, by csv and sets alone, on 2026-11-29.

    Of 647 sinusitis days 644 are left, for three conditions of before the first contact fall on a
    day that has one; 60 rows are after death, 4 before birth.
    """
    place = reference_data / "timeline" / "smart_synthea_events.csv.gz"

    remainder = map_lives(source_in(place), tmp_path / "rows")
    write_meds(source_in(place), tmp_path / "meds")
    cohort = mapped(meds_source(tmp_path / "meds"), tmp_path / "again", at_least=10)

    of = dict(zip(cohort.vocabulary.names, cohort.counts.tolist(), strict=True))
    bmi = [n for name, n in of.items() if name.startswith("LOINC/39156-5 [")]
    assert (len(cohort), of["Female"], of["Male"], of["DEATH"]) == (615, 284, 331, 124)
    assert (of["SNOMED/444814009"], of["SNOMED/73761001"], of["RXNORM/36567"]) == (644, 397, 1392)
    assert (len(bmi), sum(bmi)) == (5, 4_860)
    assert sum(life.ages_days[-1] - life.ages_days[0] for life in cohort) == 4_860_279
    assert remainder.by_reason[Omission.AFTER_DEATH] == 60
    assert remainder.by_reason[Omission.BEFORE_BIRTH] == 4
    assert not remainder.people
    for name in ("patients", "splits", "starts", "ages_days", "tokens"):
        one, other = (tmp_path / each / f"{name}.npy" for each in ("rows", "again"))
        assert one.read_bytes() == other.read_bytes()
