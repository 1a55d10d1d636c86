"""`epione risk life` and the options of `epione export`, from the outside."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from epione_cli.app import command_line

WOMAN: dict[str, Any] = {
    "sex": "female",
    "now_age": 50,
    "events": [
        {"age": 20, "code": "A"},
        {"age_days": 9_000, "code": "B"},
        {"age": 30, "code": "C"},
        {"age": 0, "code": "*1/*2"},
    ],
}
ONE = {"age": 20, "code": "A"}


def run(
    served: Path, *lines: bytes | dict[str, object], options: tuple[object, ...] = ()
) -> Result:
    text = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    arguments = ["risk", "life", str(served), *map(str, options)]
    return CliRunner().invoke(command_line(["risk"]), arguments, input=b"\n".join(text))


def answers(
    served: Path, *lines: bytes | dict[str, object], options: tuple[object, ...] = ()
) -> list[dict[str, Any]]:
    ran = run(served, *lines, options=(*options, "--json"))
    assert ran.exit_code == 0, ran.output
    return [json.loads(line) for line in ran.stdout.splitlines()]


def one(served: Path, line: dict[str, object], *options: object) -> dict[str, Any]:
    (answer,) = answers(served, line, options=options)
    return answer


def test_a_risk_comes_with_its_parts_and_reasons(served_life: Path) -> None:
    answer = one(served_life, WOMAN, "--within", 5, "--within", 1, "--code", "Death")

    (risk,) = answer["risks"]
    assert risk["code"] == "Death"
    assert 0 < risk["within_years"]["1"] < risk["within_years"]["5"] < 1
    parts = risk["log_rate_a_day"]
    whole = parts["age_sex"] + parts["lift"] + parts["transformer"]
    assert parts["log_rates"] == pytest.approx(whole, abs=1e-4)
    assert {each["code"] for each in risk["moved_by"]} == {"A (first)", "B", "C", "*1/*2"}
    assert risk["genome"]["log_rate"] != 0
    assert "by_futures" not in risk
    assert answer["now_age"] == 50
    assert answer["not_understood"] == answer["warnings"] == []


def test_futures_are_drawn_by_the_seed_whatever_the_other_lines_are(served_life: Path) -> None:
    options = ("--code", "Death", "--futures", 200, "--no-why")
    (first,) = answers(served_life, WOMAN, options=options)
    again, _ = answers(served_life, WOMAN, {**WOMAN, "sex": "male"}, options=options)
    (other,) = answers(served_life, WOMAN, options=(*options, "--seed", 7))

    assert first == again
    assert first != other
    by_futures = first["risks"][0]["by_futures"]["5"]
    assert 0 < by_futures["risk"] < 1
    assert 0 < by_futures["error"] < 0.05
    assert "moved_by" not in first["risks"][0]


def test_what_was_had_and_happens_once_has_no_risk(served_life: Path) -> None:
    answer = one(served_life, WOMAN, "--code", "A")

    assert answer["risks"] == [{"code": "A (first)", "abstained": "it was had, and happens once"}]


def test_without_a_code_the_highest_risks_are_given(served_life: Path) -> None:
    risks = one(served_life, WOMAN)["risks"]

    assert [each["code"] for each in risks] == ["Death"]  # A, B and C were had


def test_the_highest_risks_come_in_order(served_life: Path, tmp_path: Path) -> None:
    """Of a cohort of which it is not known what it told enough of: which is told."""
    folder = Path(shutil.copytree(served_life, tmp_path / "copy"))
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "support": None}))

    answer = one(folder, {**WOMAN, "events": [ONE]})

    given = [each["within_years"]["5"] for each in answer["risks"]]
    assert given == sorted(given, reverse=True)
    assert {each["code"] for each in answer["risks"]} == {"B", "C", "Death"}
    assert answer["warnings"] == [
        "of which ages and codes the model's cohort told enough is not known"
    ]


def test_an_unknown_code_is_told_and_not_used(served_life: Path) -> None:
    more = {**WOMAN, "events": [*WOMAN["events"], {"age": 3, "code": "Z99"}]}

    with_it, without = answers(served_life, more, WOMAN)

    assert with_it["not_understood"] == ["Z99"]
    assert with_it["risks"] == without["risks"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param(b"{bad", "the line is not JSON", id="not JSON"),
        pytest.param(b"[1]", "the line is not a JSON object", id="not an object"),
        pytest.param(
            {**WOMAN, "sex": "F"}, "sex is neither female nor male", id="another word for a sex"
        ),
        pytest.param(
            {"sex": "male", "events": [ONE]},
            "the line has no now_age: ages are counted from birth",
            id="no age, so no birth",
        ),
        pytest.param({**WOMAN, "now_age": "50"}, "now_age of the line is not an age", id="a text"),
        pytest.param({**WOMAN, "now_age": True}, "now_age of the line is not an age", id="true"),
        pytest.param({**WOMAN, "now_age": -1}, "now_age of the line is not an age", id="negative"),
        pytest.param(
            {**WOMAN, "events": [{"code": "A"}]},
            "event 1 has no age: ages are counted from birth",
            id="an event without an age",
        ),
        pytest.param({**WOMAN, "events": [ONE, {"age": 1}]}, "event 2 has no code", id="no code"),
        pytest.param({**WOMAN, "events": {}}, "events is not a list of objects", id="no list"),
        pytest.param(
            {**WOMAN, "events": [{"age_days": 20_000, "code": "A"}]},
            "A at 20000 days is after now, 18262.5 days",
            id="in the future",
        ),
        pytest.param(
            {**WOMAN, "events": [{"age_days": 1, "code": "Death"}, ONE]},
            "A at 7305 days is after death, 1 days",
            id="after death",
        ),
    ],
)
def test_a_line_that_cannot_be_answered_says_why_and_the_next_is_answered(
    served_life: Path, line: bytes | dict[str, object], error: str
) -> None:
    refused, answered = answers(served_life, line, WOMAN)

    assert refused == {"error": error}
    assert answered["risks"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param({**WOMAN, "events": []}, "not enough history: 0 events", id="empty"),
        pytest.param({**WOMAN, "events": [ONE]}, "not enough history: 1 events", id="too little"),
        pytest.param({**WOMAN, "now_age": 120}, "age 120.0 is outside", id="older than any"),
    ],
)
def test_of_whom_it_knows_too_little_the_model_does_not_speak(
    served_life: Path, line: dict[str, object], reason: str
) -> None:
    answer = one(served_life, line)

    assert str(answer["abstained"]).startswith(reason)
    assert "risks" not in answer


def test_what_is_missing_or_not_read_is_told(served_life: Path) -> None:
    answer = one(served_life, {**WOMAN, "sex": None, "weight": 80})

    assert answer["warnings"] == [
        "sex is not known: rates are those of everyone",
        "not read: weight",
    ]


def test_no_line_is_no_answer(served_life: Path) -> None:
    assert answers(served_life, b"") == []


@pytest.mark.parametrize("code", ["Z99", "Female", "*1/*2"])
def test_a_code_that_the_model_does_not_foresee_is_refused(served_life: Path, code: str) -> None:
    ran = run(served_life, WOMAN, options=("--code", code))

    assert ran.exit_code == 2
    assert "no code that the model" in ran.output


def test_people_get_a_table(served_life: Path) -> None:
    lines = [json.dumps(each) for each in (WOMAN, {**WOMAN, "events": []}, {"sex": "male"})]

    ran = CliRunner().invoke(
        command_line(["risk"]),
        ["risk", "life", str(served_life), "--futures", "20"],
        input="\n".join(lines),
        env={"COLUMNS": "200"},
    )

    assert ran.exit_code == 0, ran.output
    assert "Death" in ran.stdout
    assert "±" in ran.stdout
    assert "not enough history: 0 events" in ran.stdout
    assert "the line has no now_age" in ran.stdout


def test_labels_without_lives_are_refused(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        command_line(["export", "evaluate"]),
        ["export", str(tmp_path), "--out", str(tmp_path / "o"), "--labels", "labels.csv"],
    )

    assert ran.exit_code == 2
    assert "those of --judged-by" in ran.output
