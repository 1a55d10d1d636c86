"""OMOP's tables as lives."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from tests.unit.training.cohorts.told_lives import mapped

from epione.errors import MalformedCohort
from epione.timeline.events import RXNORM, Code
from epione.timeline.tokens import Entry, NoLife
from epione.timeline.vocabulary import Kind
from epione_training.cohorts.meds_reading import meds_source
from epione_training.cohorts.meds_writing import write_meds
from epione_training.cohorts.omop import is_omop, omop_source
from epione_training.cohorts.sources import source_in
from epione_training.cohorts.told import Told

TABLES = {
    "PERSON": "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth\n"
    "1,8532,1950,1,1\n",
    "OBSERVATION_PERIOD": "person_id,observation_period_start_date,observation_period_end_date\n"
    "1,2000-01-01,2010-01-01\n",
    "CONCEPT": "concept_id,vocabulary_id,concept_code,concept_name\n"
    "11,SNOMED,44054006,Diabetes\n12,RxNorm,309362,clopidogrel\n13,LOINC,4548-4,HbA1c\n"
    "14,UCUM,%,percent\n15,NDC,77,\n16,LOINC,LA11884-6,Negative\n",
    "CONDITION_OCCURRENCE": "person_id,condition_concept_id,condition_start_date,"
    "condition_source_value\n1,11,1980-05-05,44054006\n1,99,2001-01-01,E11\n1,0,2002-01-01,X.1\n",
    "DRUG_EXPOSURE": "person_id,drug_concept_id,drug_exposure_start_date,drug_source_value\n"
    "1,12,2003-01-01,309362\n1,15,2003-01-02,77\n",
    "MEASUREMENT": "person_id,measurement_concept_id,measurement_date,operator_concept_id,"
    "value_as_number,value_as_concept_id,unit_concept_id,unit_source_value,"
    "measurement_source_value\n"
    "1,13,2004-01-01,0,7.5,0,14,pct,x\n1,13,2004-01-02,4171756,4,0,14,pct,x\n"
    "1,13,2004-01-03,4172703,7.0,,0,{score},x\n1,13,2004-01-04,0,,16,0,,x\n",
}


def write(folder: Path, **tables: str) -> Path:
    for name, text in (TABLES | tables).items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def read(place: Path) -> list[Told | NoLife]:
    ingredients = {"309362": Code(RXNORM, "32968")}
    return list(omop_source(place, lambda drug: ingredients.get(drug.code)).lives())


def test_what_happened_to_a_person_is_a_life(tmp_path: Path) -> None:
    assert read(write(tmp_path)) == [
        Told(
            1,
            (
                Entry(18262, "SNOMED/44054006"),  # of 1980: known from the first day on
                Entry(18628, "OMOP/99"),
                Entry(18993, "source/X.1"),
                Entry(19358, "RXNORM/32968"),
                Entry(19359, "NDC/77"),
                Entry(19723, "LOINC/4548-4", value=7.5, unit="%"),
                Entry(19724, "LOINC/4548-4"),  # below 4
                Entry(19725, "LOINC/4548-4", value=7.0, unit="{score}"),
                Entry(19726, "LOINC/4548-4=LOINC/LA11884-6"),
                Entry(None, "Female", Kind.SEX),
                Entry(18262, "No event", Kind.NO_EVENT),
                Entry(21915, "No event", Kind.NO_EVENT),
            ),
        )
    ]


def test_who_died_is_observed_until_then(tmp_path: Path) -> None:
    (person,) = read(write(tmp_path, DEATH="person_id,death_date\n1,2009-01-01\n"))

    assert isinstance(person, Told)
    assert [e for e in person.entries if e.kind is not Kind.EVENT and e.age_days is not None] == [
        Entry(21550, "DEATH", Kind.DEATH),
        Entry(18262, "No event", Kind.NO_EVENT),
    ]


@pytest.mark.parametrize(
    ("row", "middle"),
    [
        pytest.param("1,8532,1950,,", date(1950, 7, 2), id="the year alone"),
        pytest.param("1,8532,1950,3,", date(1950, 3, 16), id="the month"),
    ],
)
def test_a_birth_that_is_half_known_counts_from_its_middle(
    tmp_path: Path, row: str, middle: date
) -> None:
    header = TABLES["PERSON"].partition("\n")[0]

    (person,) = read(write(tmp_path, PERSON=f"{header}\n{row}\n"))

    assert isinstance(person, Told)
    assert person.entries[0].age_days == (date(2000, 1, 1) - middle).days


def test_who_has_no_birth_date_has_no_life(tmp_path: Path) -> None:
    header = TABLES["PERSON"].partition("\n")[0]

    assert read(write(tmp_path, PERSON=f"{header}\n1,8532,,,\n")) == [NoLife.NO_BIRTH_DATE]


@pytest.mark.parametrize(
    ("table", "text", "says"),
    [
        pytest.param("DEATH", "person_id,death_date\n777,2000-01-01\n", "nobody", id="of nobody"),
        pytest.param("DEATH", "person_id,death_date\n1,someday\n", "someday", id="no date"),
        pytest.param("DEATH", "person_id,death_date\n1\n", "", id="a short row"),
        pytest.param("PERSON", "person_id\n1\n", "year_of_birth", id="a missing column"),
        pytest.param("PERSON", "person_id\nid777\n", "is no number", id="no number"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_its_table_and_names_nobody(
    tmp_path: Path, table: str, text: str, says: str
) -> None:
    says = f"{table} of .* has a row that does not fit: .*{says}"
    with pytest.raises(MalformedCohort, match=says) as fault:
        read(write(tmp_path, **{table: text}))

    assert "777" not in str(fault.value)


def test_a_zip_file_is_read_as_the_folder_is(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    folder = write(tmp_path / "folder")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("__MACOSX/._PERSON.csv", "\0")
        for name, text in TABLES.items():
            archive.writestr(f"export/{name.lower()}.csv", text.replace("person_id", "PERSON_ID"))

    assert read(tmp_path / "export.zip") == read(folder)


def test_an_export_is_known_by_its_persons(tmp_path: Path) -> None:
    assert not is_omop(tmp_path)
    assert is_omop(write(tmp_path))
    assert not is_omop(tmp_path / "PERSON.csv")


@pytest.mark.reference
def test_the_reference_patients_are_read_whole(tmp_path: Path, reference_data: Path) -> None:
    """Counts by csv and sets alone, on 2026-11-29: 28 people, 3 of whom died, one condition early.

    Days are those of observation periods, until death, or a row that comes after the period.
    """
    place = reference_data / "timeline" / "synthea_omop" / "Synthea27Nj_5.4.zip"

    write_meds(source_in(place), tmp_path / "meds")
    cohort = mapped(meds_source(tmp_path / "meds"), tmp_path / "rows", at_least=3)

    of = dict(zip(cohort.vocabulary.names, cohort.counts.tolist(), strict=True))
    weights = [n for name, n in of.items() if name.startswith("LOINC/29463-7 [")]
    assert (len(cohort), of["Female"], of["Male"], of["DEATH"]) == (28, 13, 15, 3)
    assert (of["SNOMED/73595000"], of["SNOMED/444814009"], of["RXNORM/36567"]) == (113, 61, 71)
    assert sum(weights) == 511
    assert sum(life.ages_days[-1] - life.ages_days[0] for life in cohort) == 293_943
