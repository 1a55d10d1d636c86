"""One name for a code, whatever the source."""

import csv
import gzip
from importlib.resources import files
from pathlib import Path

import pytest

from epione.timeline import ICD10CM, RXNORM, SNOMED, Code
from epione.timeline.codes import (
    ATHEROSCLEROSIS,
    DIABETES,
    GOUT,
    HEART_FAILURE,
    HYPERKALAEMIA,
    HYPERTENSION,
    HYPOKALAEMIA,
    HYPONATRAEMIA,
    KIDNEY_DISEASE,
    PREGNANCY,
    STROKE,
    ConditionGroup,
)
from epione.timeline.names import (
    RELEASE,
    ingredient_of_product,
    name_of,
    other_name,
    standard_name,
    words_of,
)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param(Code(ICD10CM, "e11.9"), "ICD10CM/E11", id="ICD-10 to three characters"),
        pytest.param(Code(SNOMED, "44054006"), "SNOMED/44054006", id="SNOMED whole"),
        pytest.param(Code(RXNORM, "860975"), "RXNORM/6809", id="a product by its ingredient"),
        pytest.param(Code(RXNORM, "1"), "RXNORM/1", id="a product that no map knows"),
        pytest.param(Code("http://www.whocc.no/atc", "A10BA02"), "ATC/A10BA02", id="ATC"),
    ],
)
def test_codes_have_one_name_whatever_the_source(code: Code, name: str) -> None:
    known = {"860975": Code(RXNORM, "6809")}

    assert name_of(code, lambda drug: known.get(drug.code)) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        pytest.param("RxNorm/860975", "RXNORM/6809", id="OMOP's name of the terminology"),
        pytest.param("RXNORM/6809", "RXNORM/6809", id="a name of ours stays"),
        pytest.param("ICD10CM//E119", "ICD10CM/E11", id="two strokes"),
        pytest.param("LOINC/883-9=LOINC/LA1-0", "LOINC/883-9=LOINC/LA1-0", id="an answer stays"),
        pytest.param("HR//bpm", "HR//bpm", id="no terminology"),
    ],
)
def test_a_code_that_is_written_with_its_terminology_has_that_name(written: str, name: str) -> None:
    known = {"860975": Code(RXNORM, "6809")}

    assert standard_name(written, lambda drug: known.get(drug.code)) == name


# Its category, Z86, holds histories of many organs.
HISTORY_OF_MANY = {"275526006"}


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(group, id=group.name)
        for group in (
            ATHEROSCLEROSIS,
            DIABETES,
            GOUT,
            HEART_FAILURE,
            HYPERKALAEMIA,
            HYPERTENSION,
            HYPOKALAEMIA,
            HYPONATRAEMIA,
            KIDNEY_DISEASE,
            PREGNANCY,
            STROKE,
        )
    ],
)
def test_a_condition_of_a_group_has_a_category_that_the_group_speaks_of(
    group: ConditionGroup,
) -> None:
    categories = {
        concept: other_name(f"SNOMED/{concept}") for concept in group.snomed - HISTORY_OF_MANY
    }

    spoken_of = {f"ICD10CM/{prefix[:3]}" for prefix in group.icd10cm}
    assert {k: v for k, v in categories.items() if v not in spoken_of} == {}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("SNOMED/6285003", id="one that may be more than one category"),
        pytest.param("SNOMED/1", id="one that no map knows"),
        pytest.param("SNOMED/449868002", id="smoking, which is no disorder"),
        pytest.param("SNOMED/275526006", id="a history, of a category of many organs"),
        pytest.param("ICD10CM/I10", id="a category already"),
        pytest.param("59621000", id="no name"),
    ],
)
def test_what_no_map_knows_has_no_other_name(name: str) -> None:
    assert other_name(name) == ""


@pytest.mark.parametrize(
    ("code", "ingredient"),
    [
        pytest.param(Code(RXNORM, "197361"), Code(RXNORM, "17767"), id="amlodipine 5 mg"),
        pytest.param(Code(RXNORM, "861007"), Code(RXNORM, "6809"), id="metformin 500 mg"),
        pytest.param(Code(RXNORM, "17767"), None, id="an ingredient is no product"),
        pytest.param(Code(SNOMED, "197361"), None, id="another terminology's number"),
    ],
)
def test_a_product_has_the_ingredient_that_its_name_states(
    code: Code, ingredient: Code | None
) -> None:
    assert ingredient_of_product(code) == ingredient


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("conditions.tsv", "snomed"),
        ("categories.tsv", "icd10cm"),
        ("products.tsv", "product"),
    ],
)
def test_every_row_is_there_once_and_has_all_its_columns(table: str, key: str) -> None:
    text = files("epione.timeline").joinpath("knowledge", RELEASE, table).read_text("utf-8")

    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))

    assert len({row[key] for row in rows}) == len(rows)
    assert all(all(row.values()) for row in rows)


def test_every_condition_has_a_category_with_a_title() -> None:
    text = files("epione.timeline").joinpath("knowledge", RELEASE, "conditions.tsv").read_text()
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))

    names = {f"ICD10CM/{row['icd10cm']}" for row in rows}

    assert {name for name in names if words_of(name) == name} == set()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("SNOMED/59621000", "essential hypertension", id="a condition"),
        pytest.param("ICD10CM/F17", "Nicotine dependence", id="a category"),
        pytest.param("LOINC/38483-4", "creatinine", id="a quantity by any of its codes"),
        pytest.param("ICD10CM/X00", "ICD10CM/X00", id="what no table knows"),
    ],
)
def test_a_name_is_read_in_words_where_they_are_known(name: str, words: str) -> None:
    assert words_of(name) == words


# What SOURCE.toml says is not held.
WITHOUT_CATEGORY = {
    "428251008",
    "429007001",
    "449868002",
    "126906006",
    "156073000",
    "162573006",
    "236077008",
    "262574004",
    "263102004",
    "30832001",
    "314994000",
    "48333001",
    "698754002",
    "703151001",
    "92691004",
}


@pytest.mark.reference
def test_conditions_of_synthea_have_a_category_but_those_that_are_named(
    reference_data: Path,
) -> None:
    with gzip.open(reference_data / "timeline/smart_synthea_events.csv.gz", "rt") as lines:
        stated = {row["code"] for row in csv.DictReader(lines) if row["type"] == "C"}

    assert {code for code in stated if not other_name(f"SNOMED/{code}")} == WITHOUT_CATEGORY
