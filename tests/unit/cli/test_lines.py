import json

import pytest
from tests.unit.cli.plans import AVOID_CLOPIDOGREL, CARDIOVASCULAR_RISK, PLAN

from epione.medicine.recommendation import Recommendation
from epione_cli.lines import json_line


def line(recommendation: Recommendation) -> dict[str, object]:
    answer: dict[str, object] = json.loads(json_line(PLAN, recommendation))
    return answer


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("patient", "3f2a"),
        ("drug", "clopidogrel"),
        ("action", "Use another antiplatelet drug"),
        ("strength", "Strong"),
        ("versions", {"cpic": "2024-04"}),
    ],
)
def test_a_line_holds_what_the_contract_names(field: str, value: object) -> None:
    assert line(AVOID_CLOPIDOGREL)[field] == value


def test_each_reason_names_the_events_that_state_it() -> None:
    assert line(CARDIOVASCULAR_RISK)["reasons"] == [
        {"text": "systolic blood pressure 148 mmHg", "events": ["hospital.fhir.v1/0/0/4"]}
    ]


def test_each_source_says_of_which_date_its_knowledge_is() -> None:
    assert line(AVOID_CLOPIDOGREL)["sources"] == [
        {
            "source": "CPIC",
            "release": "2024-04",
            "reference": "PMID 35034351",
            "knowledge_as_of": "2022-05-01",
        }
    ]


def test_no_line_tells_a_birthday() -> None:
    assert "2027-03-14" not in json_line(PLAN, AVOID_CLOPIDOGREL)


def test_a_line_is_one_line() -> None:
    assert "\n" not in json_line(PLAN, CARDIOVASCULAR_RISK)
