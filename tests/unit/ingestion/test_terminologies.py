import pytest

from epione.timeline import (
    LOINC,
    RXNORM,
    SNOMED,
    Allergy,
    Body,
    Code,
    Condition,
    Demographics,
    Medication,
    Observation,
    Procedure,
)
from epione_ingestion import CodeMap
from epione_ingestion.terminologies import chosen, unmapped_code, uri_of

LOCAL = Code("urn:id:L", "CHOL")
TOTAL = Code(LOINC, "2093-3")


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("LN", LOINC),
        ("ln", LOINC),
        ("SCT", SNOMED),
        ("RXNORM", RXNORM),
        ("urn:oid:2.16.840.1.113883.6.1", LOINC),
        (LOINC, LOINC),
        ("HL70078", "http://terminology.hl7.org/CodeSystem/v2-0078"),
        ("L", "urn:id:L"),
        ("99LAB", "urn:id:99LAB"),
        ("https://lab.example/codes", "https://lab.example/codes"),
        ("", ""),
    ],
)
def test_a_code_system_is_named_as_fhir_does(name: str, uri: str) -> None:
    assert uri_of(name) == uri


@pytest.mark.parametrize(
    ("codings", "maps", "code"),
    [
        pytest.param([LOCAL, TOTAL], CodeMap(), TOTAL, id="the standard one"),
        pytest.param(
            [LOCAL], CodeMap({("urn:id:L", "CHOL"): TOTAL}), TOTAL, id="one that a map knows"
        ),
        pytest.param([LOCAL], CodeMap(), LOCAL, id="else as sent"),
        pytest.param([], CodeMap(), None, id="none"),
    ],
)
def test_of_several_codings_one_is_chosen(
    codings: list[Code], maps: CodeMap, code: Code | None
) -> None:
    assert chosen(codings, (LOINC,), maps) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(Observation(LOCAL, None), LOCAL, id="an observation"),
        pytest.param(Condition(LOCAL), LOCAL, id="a condition"),
        pytest.param(Medication(LOCAL), LOCAL, id="a medication"),
        pytest.param(Allergy(LOCAL), LOCAL, id="an allergy"),
        pytest.param(Procedure(LOCAL), LOCAL, id="a procedure"),
        pytest.param(Medication(TOTAL), TOTAL, id="a code of another kind's system"),
        pytest.param(Observation(TOTAL, None), None, id="a standard code"),
        pytest.param(Condition(Code("", "")), None, id="a withdrawal without a code"),
        pytest.param(Demographics(), None, id="a fact that has no code"),
    ],
)
def test_a_code_is_unmapped_where_no_rule_can_read_it(body: Body, code: Code | None) -> None:
    assert unmapped_code(body) == code
