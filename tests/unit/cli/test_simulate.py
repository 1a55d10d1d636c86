"""`epione simulate`, and what `epione evaluate` says of a cohort whose truth is known."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from epione_cli.app import command_line


def run(*arguments: object) -> Result:
    app = command_line(["simulate", "train", "evaluate"])
    return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    answer = run("simulate", "--out", folder, "--lives", 150, "--seed", 7)
    assert "150 lives" in answer.output
    run("simulate", "--out", folder / "judges", "--lives", 60, "--seed", 8)
    run("train", folder, "--out", folder / "model", "--steps", 2, "--size", "0.5M")
    return folder


def test_a_model_is_held_against_the_truth_and_its_card_filled(planted: Path) -> None:
    model = planted / "model"
    known = ("--labels", planted / "labels.csv", "--truth", planted / "truth.json")

    answer = run("evaluate", model, planted / "judges" / "train.bin", *known, "--card", "--json")

    told = json.loads(answer.stdout)
    assert told["oracle"]["total_loss"] < told["baselines"]["age_sex"]["total_loss"]
    assert set(told["genome"]["recovered"]) == {"total", "event", "likelihood"}
    assert told["genome"]["oracle_gained"]["likelihood"]["value"] > 0
    assert set(told["limits"]["observed_expected"]) == {"1", "5", "10"}
    card = json.loads((model / "card.json").read_text())
    attributes = card["source attributes"].values()
    assert sum(f"{told['total_loss']:.3f} nats" in said for said in attributes) == 1
    assert any("planted, not measured" in said for said in attributes)


def test_without_the_truth_there_is_none_told(planted: Path) -> None:
    answer = run(
        "evaluate", planted / "model", planted / "train.bin",
        "--labels", planted / "labels.csv", "--json",
    )  # fmt: skip

    assert not {"oracle", "genome", "limits"} & set(json.loads(answer.stdout))
