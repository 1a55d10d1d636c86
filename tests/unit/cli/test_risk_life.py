"""`epione risk life` and the options of `epione export`, from the outside."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.inference.lives.versions import version_in
from typer.testing import CliRunner, Result

from epione.medicine.life import HAD, LifeQuestion
from epione.timeline.tokens import Entry
from epione.timeline.vocabulary import Kind, Vocabulary, range_names
from epione_cli.app import command_line
from epione_cli.life_lines import Asked, Codes, asked_in
from epione_inference.lives.life import Life, life_of

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


def test_a_risk_comes_with_its_interval_parts_and_reasons(served_life: Path) -> None:
    answer = one(served_life, WOMAN, "--code", "Death")

    (risk,) = answer["risks"]
    assert (risk["outcome"], risk["codes"]) == ("Death", ["Death"])
    assert 0 < risk["within_years"]["1"] < risk["within_years"]["5"] < 1
    for year, (low, high) in risk["interval"].items():
        assert low < risk["within_years"][year] < high
    names = ["age and sex", "lifts", "transformer", "genome", "meanwhile", "calibration"]
    assert [*risk["parts"]] == names
    assert risk["parts"]["calibration"] == risk["within_years"]["10"]
    assert {each["name"] for each in risk["moved_by"]} == {"A (first)", "B", "C", "*1/*2"}
    assert risk["genome_times"] > 0
    assert "by_futures" not in risk
    assert answer["now_age"] == 50
    assert answer["not_understood"] == answer["warnings"] == []


def test_futures_are_drawn_by_the_seed_whatever_the_other_lines_are(served_life: Path) -> None:
    options = ("--code", "Death", "--futures", 200)
    (first,) = answers(served_life, WOMAN, options=options)
    again, _ = answers(served_life, WOMAN, {**WOMAN, "sex": "male"}, options=options)
    (other,) = answers(served_life, WOMAN, options=(*options, "--seed", 7))

    drawn = [each["risks"][0]["by_futures"] for each in (first, again, other)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert 0 < drawn[0]["5"]["risk"] < 1
    assert 0 < drawn[0]["5"]["error"] < 0.05
    assert first["warnings"] == ["futures are drawn by rates that are not calibrated"]


def test_what_is_on_the_record_has_no_risk(served_life: Path) -> None:
    answer = one(served_life, WOMAN, "--code", "A")

    assert answer["risks"] == []
    assert answer["silent"] == {"A (first)": HAD}


def test_without_a_code_it_is_said_what_a_plan_would_say(served_life: Path) -> None:
    answer = one(served_life, {**WOMAN, "events": [ONE]})

    assert answer["silent"] == dict.fromkeys(
        ("heart_failure", "stroke", "chd"), "the model has no code of it"
    )
    assert all(risk["within_years"]["10"] >= 0.01 for risk in answer["risks"])


def test_an_unknown_code_is_told_and_not_used(served_life: Path) -> None:
    more = {**WOMAN, "events": [*WOMAN["events"], {"age": 3, "code": "Z99"}]}

    with_it, without = answers(served_life, more, WOMAN, options=("--code", "Death"))

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
            "A (first) at 20000 days is after now, 18262.5 days",
            id="in the future",
        ),
        pytest.param(
            {**WOMAN, "events": [{"age_days": 1, "code": "Death"}, ONE]},
            "A (first) at 7305 days is after death, 1 days",
            id="after death",
        ),
        pytest.param(
            {**WOMAN, "events": [{"age_days": 1, "code": "Death"}]},
            "the history ends with death at 1 days",
            id="of someone dead",
        ),
        pytest.param(
            {**WOMAN, "events": [{"age": 1, "code": "Female"}]}, "Female is no event", id="a sex"
        ),
        pytest.param(
            {**WOMAN, "events": [{"age": 1, "code": "No event"}]},
            "No event is no event",
            id="nor is none",
        ),
        pytest.param(
            {**WOMAN, "events": [{**ONE, "value": "7"}]},
            "value of event 1 is not a number",
            id="a value that is a text",
        ),
        pytest.param(
            {**WOMAN, "events": [{**ONE, "unit": 7}]}, "unit of event 1 is not a text", id="a unit"
        ),
    ],
)
def test_a_line_that_cannot_be_answered_says_why_and_the_next_is_answered(
    served_life: Path, line: bytes | dict[str, object], error: str
) -> None:
    refused, answered = answers(served_life, line, WOMAN, options=("--code", "Death"))

    assert refused == {"error": error}
    assert answered["risks"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param({**WOMAN, "events": []}, "an empty history", id="empty"),
        pytest.param(
            {**WOMAN, "events": [{"age": 3, "code": "Z99"}]},
            "not enough history: 0",
            id="too little",
        ),
        pytest.param({**WOMAN, "sex": None}, "sex is not known", id="no sex"),
        pytest.param({**WOMAN, "now_age": 120}, "the cohort holds 20 years of female", id="old"),
    ],
)
def test_of_whom_it_knows_too_little_the_model_does_not_speak(
    served_life: Path, line: dict[str, object], reason: str
) -> None:
    answer = one(served_life, line)

    assert str(answer["abstained"]).startswith(reason)
    assert "risks" not in answer


def test_a_model_of_an_invented_cohort_says_so(served_life: Path, tmp_path: Path) -> None:
    cohort = {"cohort": {"planted": "2026-11-30, 27f8b69a31d2"}}
    invented = version_in(tmp_path, served_life, "life-1", model=cohort)
    said = "for demonstration: the model's cohort is invented, it tells of no people"

    answer = one(invented, WOMAN, "--code", "Death")
    table = " ".join(run(invented, WOMAN, options=("--code", "Death")).stdout.split())
    (abstained,) = answers(invented, {**WOMAN, "events": []})
    measured = one(served_life, WOMAN, "--code", "Death")

    assert (answer["planted"], answer["warnings"]) == (True, [said])
    assert "invented" in table
    assert (abstained["planted"], abstained["warnings"]) == (True, [said])
    assert (measured["planted"], measured["warnings"]) == (False, [])


def test_what_is_not_read_is_told(served_life: Path) -> None:
    assert one(served_life, {**WOMAN, "weight": 80})["warnings"] == ["not read: weight"]


NAMES = Vocabulary(
    ("Padding", "No event", *range_names("LOINC/4548-4", "%", [6.5]), "A (first)", "A (second)"),
    (Kind.PADDING, Kind.NO_EVENT, *[Kind.EVENT] * 4),
)


@pytest.mark.parametrize(
    ("event", "entry"),
    [
        pytest.param(
            {"code": "LOINC/4548-4", "age_days": 9, "value": 7.1, "unit": "%"},
            Entry(9, "LOINC/4548-4", value=7.1, unit="%"),
            id="a measurement keeps its number, for ranges are the vocabulary's",
        ),
        pytest.param(
            {"code": "A (first)", "age_days": 9}, Entry(9, "A (first)"), id="by its whole name"
        ),
        pytest.param({"code": "A", "age_days": 9}, Entry(9, "A"), id="one of two that begin so"),
    ],
)
def test_an_event_states_an_entry(event: dict[str, object], entry: Entry) -> None:
    line = {"sex": "male", "now_age": 50, "events": [event]}

    asked = asked_in(json.dumps(line).encode(), Codes(NAMES))

    assert isinstance(asked, Asked)
    assert asked.question == LifeQuestion((Entry(None, "Male", Kind.SEX), entry), 18_262)


def test_a_measurement_goes_into_its_range() -> None:
    line = {"now_age": 50, "events": [{"code": "LOINC/4548-4", "age": 9, "value": 7, "unit": "%"}]}
    asked = asked_in(json.dumps(line).encode(), Codes(NAMES))
    assert isinstance(asked, Asked)

    life, _ = life_of(asked.question, NAMES, 512, from_birth=True)

    assert isinstance(life, Life)
    assert NAMES.by_name["LOINC/4548-4 [6.5, ) %"] in life.tokens


def test_no_line_is_no_answer(served_life: Path) -> None:
    assert answers(served_life, b"") == []


@pytest.mark.parametrize("code", ["Z99", "Female", "*1/*2"])
def test_a_code_that_the_model_does_not_foresee_is_refused(served_life: Path, code: str) -> None:
    ran = run(served_life, WOMAN, options=("--code", code))

    assert ran.exit_code == 2
    assert "no code that the model" in ran.output


def test_people_get_a_table(served_life: Path) -> None:
    more = {**WOMAN, "events": [*WOMAN["events"], {"age": 3, "code": "Z99"}], "weight": 80}
    lines = [json.dumps(each) for each in (more, {**WOMAN, "events": []}, {"sex": "male"})]

    ran = CliRunner().invoke(
        command_line(["risk"]),
        ["risk", "life", str(served_life), "--futures", "20", "--code", "Death", "--code", "A"],
        input="\n".join(lines),
        env={"COLUMNS": "200"},
    )

    assert ran.exit_code == 0, ran.output
    assert "Death" in ran.stdout
    assert "±" in ran.stdout
    assert "it is on the record" in ran.stdout
    assert "not understood: Z99" in ran.stdout
    assert "not read: weight" in ran.stdout
    assert "an empty history" in ran.stdout
    assert "the line has no now_age" in ran.stdout


def test_labels_without_lives_are_refused(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        command_line(["export", "evaluate"]),
        ["export", str(tmp_path), "--out", str(tmp_path / "o"), "--labels", "labels.csv"],
    )

    assert ran.exit_code == 2
    assert "those of --judged-by" in ran.output
