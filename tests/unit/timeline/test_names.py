"""One name for a code, whatever the source."""

import pytest

from epione.timeline import ICD10CM, RXNORM, SNOMED, Code
from epione.timeline.names import name_of, standard_name


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
