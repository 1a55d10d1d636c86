"""`epione evaluate` of what `epione export` wrote, and the card that it carries."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from tests.unit.training.lives.served_world import lives
from tests.unit.training.lives.worlds import write_delphi
from typer.testing import CliRunner, Result

from epione_cli.app import command_line

SEXES = ("female", "male")


def run(*arguments: object) -> Result:
    app = command_line(["evaluate", "export"])
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """Lives in the served vocabulary, as arguments."""
    folder = tmp_path_factory.mktemp("judges")
    binary, labels = write_delphi(lives(900, seed=10), folder), folder / "labels.csv"
    labels.write_text(labels.read_text().replace("*1/*2", "Genome: *1/*2"))
    return binary, "--labels", labels


@pytest.fixture(scope="module")
def told(served_life: Path, judges: tuple[object, ...]) -> dict[str, Any]:
    """What is said of the trained model, and of its export."""
    found = {}
    for name, folder in (("trained", served_life.parent), ("exported", served_life)):
        ran = run("evaluate", folder, *judges, "--json")
        assert ran.exit_code == 0, ran.output
        found[name] = json.loads(ran.stdout)
    return found


def test_an_export_is_told_of_as_its_model_is(told: dict[str, Any]) -> None:
    trained, exported = told["trained"], told["exported"]

    assert set(exported) == set(trained)
    assert exported["total_loss"] == pytest.approx(trained["total_loss"], rel=1e-5)
    assert exported["mean_auc_female"] == pytest.approx(trained["mean_auc_female"], abs=1e-3)
    assert exported["baselines"] is None
    assert set(exported["auc_within_years"]) == {"model"}


def test_areas_are_told_by_horizon_sex_and_code_beside_the_baselines(told: dict[str, Any]) -> None:
    within = told["trained"]["auc_within_years"]

    assert set(within) == {"model", "lift", "age_sex"}
    for of in within.values():
        assert set(of) == {"1", "5", "10"}
        assert all(set(by_sex) == set(SEXES) for by_sex in of.values())
    by_code = told["trained"]["codes_within_years"]["10"]["male"]
    assert {"A (first)", "B", "C", "Death"} == set(by_code)
    mean = math.fsum(by_code[code]["value"] for code in ("A (first)", "B", "C")) / 3
    assert within["model"]["10"]["male"]["mean"]["value"] == pytest.approx(mean)
    assert within["model"]["10"]["male"]["death"] == by_code["Death"]


def test_groups_are_told_with_their_differences(told: dict[str, Any]) -> None:
    groups = told["trained"]["groups"]

    assert set(groups) == {"sex", "age"}  # nobody here has a genome
    women, men = (groups["sex"][sex] for sex in SEXES)
    assert women["lives"] + men["lives"] == told["trained"]["lives"]
    assert women["auc_difference"]["value"] == pytest.approx(-men["auc_difference"]["value"])
    assert women["auc_difference"]["error"] > 0


def test_people_get_the_groups_in_a_table(served_life: Path, judges: tuple[object, ...]) -> None:
    ran = run("evaluate", served_life, *judges)

    assert "mean auc 5 y female" in ran.stdout
    assert "sex male" in ran.stdout


def test_the_card_of_an_export_is_not_filled_by_itself(
    served_life: Path, judges: tuple[object, ...]
) -> None:
    ran = run("evaluate", served_life, *judges, "--card")

    assert ran.exit_code == 2
    assert "an exported model's card is not rewritten" in ran.output


def test_a_link_that_is_none_is_refused(served_life: Path, tmp_path: Path) -> None:
    ran = run("export", served_life.parent, "--out", tmp_path / "other", "--link", "our wiki")

    assert ran.exit_code == 2
    assert "our wiki is no address of the web" in ran.output
    assert not (tmp_path / "other").exists()


def test_an_export_has_a_page_for_people(served_life: Path) -> None:
    assert (
        "31. update: frequency of performance correction" in (served_life / "card.md").read_text()
    )
