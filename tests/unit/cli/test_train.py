"""`epione train` and `epione evaluate` from the outside."""

import json
from pathlib import Path

import pytest
import torch
from tests.unit.training.cohorts.told_lives import MANY
from tests.unit.training.lives.worlds import world, write_delphi
from typer.testing import CliRunner, Result

from epione.errors import MalformedCohort, Misconfigured
from epione_cli.app import command_line
from epione_training.cohorts.meds_writing import write_meds
from epione_training.lives import evaluation

FIGURES = {
    "total_loss",
    "event_loss",
    "time_loss",
    "mean_auc_female",
    "mean_auc_male",
    "death_auc",
}


def run(*arguments: object) -> Result:
    app = command_line(["train", "evaluate", "export"])
    return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=True)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    write_delphi(world(600), folder)
    answer = run("train", folder, "--out", folder / "model", "--steps", 30)
    assert answer.exit_code == 0, answer.output
    return folder


def test_a_trained_model_is_held_against_counting_alone(trained: Path) -> None:
    lives, labels = trained / "train.bin", trained / "labels.csv"

    answer = run("evaluate", trained / "model", lives, "--labels", labels, "--json")

    told = json.loads(answer.stdout)
    assert set(told) >= FIGURES
    assert all(set(each) >= FIGURES for each in told["baselines"].values())
    assert set(told["baselines"]) == {"lift", "age_sex"}
    assert told["total_loss"] == pytest.approx(told["event_loss"] + told["time_loss"])
    assert told["lives"] == told["lives_there"] == 600
    assert set(told["codes"]["female"]) == {"A", "B", "C", "Death"}


def test_people_get_a_table(trained: Path) -> None:
    labels = trained / "labels.csv"

    answer = run("evaluate", trained / "model", trained / "train.bin", "--labels", labels)

    assert "death auc" in answer.stdout
    assert "age_sex" in answer.stdout


def test_lives_that_were_learned_from_are_told_of_as_such_and_fill_no_card(
    trained: Path, tmp_path: Path
) -> None:
    """Whether they come as a folder or as a binary; and a card's figures are of others."""
    other = write_delphi(world(600, seed=1), tmp_path)
    labels = trained / "labels.csv"

    same = run("evaluate", trained / "model", trained, "--json")
    others = run("evaluate", trained / "model", other, "--labels", labels, "--json")
    card = run("evaluate", trained / "model", trained / "train.bin", "--labels", labels, "--card")
    exported = run("export", trained / "model", "--out", tmp_path / "out", "--judged-by", trained)

    assert json.loads(same.stdout)["learned_from"] is True
    assert "warning: the lives are those that the model learned from" in same.stderr
    assert json.loads(others.stdout)["learned_from"] is False
    assert "warning" not in others.stderr
    for refused in (card, exported):
        assert isinstance(refused.exception, Misconfigured)
        assert "do not judge it: take others" in str(refused.exception)


def test_of_more_lives_some_judge(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_JUDGES", 200)

    told = json.loads(run("evaluate", trained / "model", trained, "--json").stdout)

    assert (told["lives"], told["lives_there"]) == (200, 600)


def test_lives_in_other_words_are_refused(trained: Path, tmp_path: Path) -> None:
    names = (trained / "labels.csv").read_text().replace("\nA\n", "\nX\n")
    (tmp_path / "labels.csv").write_text(names)

    answer = run(
        "evaluate", trained / "model", trained / "train.bin", "--labels", tmp_path / "labels.csv"
    )

    assert isinstance(answer.exception, MalformedCohort)
    assert "names other tokens than those of the model" in str(answer.exception)


def test_a_run_is_configured_by_a_file_and_gone_on_with_as_it_was(tmp_path: Path) -> None:
    """Options win over the file, and MEDS is made rows of once."""
    write_meds(MANY, tmp_path / "meds")
    (tmp_path / "run.toml").write_text('size = "2M"\nsteps = 3\n[reading]\nsize = 8\n')
    out = tmp_path / "model"
    arguments = ["train", tmp_path / "meds", "--out", out]

    begun = run(*arguments, "--config", tmp_path / "run.toml", "--size", "0.5M", "--device", "cpu")
    resumed = run(*arguments, "--resume", "--steps", 5)

    assert (begun.exit_code, resumed.exit_code) == (0, 0), begun.output + resumed.output
    facts = json.loads((out / "model.json").read_text())
    assert facts["size"] == "0.5M"
    assert facts["training"]["took_steps"] == 5
    assert facts["training"]["reading"]["size"] == 8
    assert len([*out.glob("rows-*")]) == 1
    assert [*(out / "tensorboard").iterdir()]


def test_a_setting_that_is_none_is_named(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("rat = 0.1\n")

    answer = run("train", trained, "--out", tmp_path / "other", "--config", tmp_path / "run.toml")

    assert isinstance(answer.exception, Misconfigured)
    assert "run.toml: rat = 0.1: no setting has this name" in str(answer.exception)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA")
def test_cuda_that_is_not_there_is_refused(trained: Path, tmp_path: Path) -> None:
    answer = run("train", trained, "--out", tmp_path / "other", "--device", "cuda")

    assert isinstance(answer.exception, Misconfigured)
    assert "device cuda is asked for" in str(answer.exception)


def test_a_second_run_into_the_same_folder_is_refused(trained: Path) -> None:
    answer = run("train", trained, "--out", trained / "model", "--steps", 3)

    assert isinstance(answer.exception, Misconfigured)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(
            ["--size", "3M"], "size = '3M': Value error, none of", id="a size that is none"
        ),
        pytest.param(
            ["--steps", 3, "--minutes", 3],
            "the command line: steps are given, or minutes",
            id="two ends",
        ),
    ],
)
def test_options_that_contradict_are_refused(
    trained: Path, tmp_path: Path, options: list[object], says: str
) -> None:
    answer = run("train", trained, "--out", tmp_path / "other", *options)

    assert isinstance(answer.exception, Misconfigured)
    assert says in str(answer.exception)
