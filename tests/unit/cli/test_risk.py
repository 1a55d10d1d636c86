"""`epione risk prevent`: a JSON line in, a JSON line out, or a table."""

import json

import pytest
from typer.testing import CliRunner

from epione_cli.risk import app

PERSON = {
    "age": 50,
    "sex": "female",
    "sbp": 160,
    "bp_tx": True,
    "total_c": 200,
    "hdl_c": 45,
    "statin": False,
    "dm": True,
    "smoking": False,
    "egfr": 90,
    "bmi": 35,
}


def answers_to(*lines: bytes | dict[str, object]) -> list[dict[str, object]]:
    text = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    ran = CliRunner().invoke(app, ["prevent", "--json"], input=b"\n".join(text))
    assert ran.exit_code == 0, ran.output
    return [json.loads(line) for line in ran.stdout.splitlines()]


# Khan et al. 2024, Supplement, Table S25.
def test_the_published_example_is_answered() -> None:
    (answer,) = answers_to(PERSON)

    assert answer["model"] == "base"
    assert {name: round(risk, 3) for name, risk in answer["y10"].items()} == {  # type: ignore[attr-defined]
        "total_cvd": 0.147,
        "ascvd": 0.092,
        "heart_failure": 0.081,
        "chd": 0.044,
        "stroke": 0.054,
    }
    assert answer["warnings"] == []
    assert answer["versions"] == {"prevent": "2024-02.1", "knowledge": "2024-02"}


def test_null_is_the_same_as_absent() -> None:
    with_null, without = answers_to({**PERSON, "hba1c": None, "sdi_decile": None}, PERSON)

    assert with_null == without


def test_above_59_years_the_warning_names_age() -> None:
    at_59, at_60 = answers_to({**PERSON, "age": 59}, {**PERSON, "age": 60})

    assert at_59["warnings"] == []
    assert "age" in str(at_60["warnings"]).split()


def test_a_refusal_names_every_field_and_gives_no_risk() -> None:
    (answer,) = answers_to({**PERSON, "bmi": 52, "sbp": None})

    assert answer == {"error": "sbp is not known; bmi 52 is outside 18.5 to 39.9"}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param(b"{bad", "the line is not JSON", id="not JSON"),
        pytest.param(b"\xff\xfe", "the line is not JSON", id="not text"),
        pytest.param(b"[1]", "the line is not a JSON object", id="not an object"),
        pytest.param({**PERSON, "sbp": "160"}, "sbp is not a number", id="a text for a number"),
        pytest.param({**PERSON, "egfr": True}, "egfr is not a number", id="true for a number"),
        pytest.param({**PERSON, "dm": 1}, "dm is neither true nor false", id="1 for true"),
        pytest.param({**PERSON, "sex": 1}, "sex is not a text", id="a number for the sex"),
        pytest.param({**PERSON, "sex": "F"}, "sex is neither female nor male", id="another word"),
    ],
)
def test_a_line_that_cannot_be_read_is_answered_and_so_is_the_next(
    line: bytes | dict[str, object], error: str
) -> None:
    answers = answers_to(line, PERSON)

    assert answers[0] == {"error": error}
    assert answers[1]["model"] == "base"


def test_a_name_that_no_equation_asks_for_is_said() -> None:
    (answer,) = answers_to({**PERSON, "hbA1c": 7.5})

    assert answer["model"] == "base"
    assert answer["warnings"] == ["not read: hbA1c"]


def test_no_line_is_no_answer() -> None:
    assert answers_to(b"") == []


def test_people_get_a_table() -> None:
    lines = f"{json.dumps(PERSON)}\n{json.dumps({**PERSON, 'age': 29})}\n"

    ran = CliRunner().invoke(app, ["prevent"], input=lines, env={"COLUMNS": "200"})

    assert ran.exit_code == 0
    assert "14.7%" in ran.stdout
    assert "53.0%" in ran.stdout
    assert "age 29 is outside 30 to 79" in ran.stdout
