import json

import pytest
from tests.unit.cli.plans import AVOID_CLOPIDOGREL, CARDIOVASCULAR_RISK, GENOTYPE, PLAN

from epione.medicine.recommendation import Recommendation
from epione.wire import Change, Changed, Revision
from epione_cli.lines import change_line, json_line


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


def test_a_test_names_the_drug_that_it_serves() -> None:
    named = line(GENOTYPE)

    assert (named["test"], named["drug"]) == ("SLCO1B1 genotype", "simvastatin")


def test_a_change_names_what_it_replaces_and_what_caused_it() -> None:
    causes = ("hospital.hl7v2.v1/0/4/0",)
    changed = Changed(
        "north", "3f2a", Change.SUPERSEDED, AVOID_CLOPIDOGREL, Revision(0, 7), causes, "r-0"
    )

    said = json.loads(change_line(changed))

    assert (said["change"], said["replaces"]) == ("superseded", "r-0")
    assert said["caused_by"] == ["hospital.hl7v2.v1/0/4/0"]
    assert said["drug"] == "clopidogrel"
