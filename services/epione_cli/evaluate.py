"""`epione evaluate`: how well a model of a life foresees lives."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epione.errors import MalformedCohort

if TYPE_CHECKING:
    from rich.table import Table

    from epione_training.lives.auc import Area
    from epione_training.lives.cohort import Cohort
    from epione_training.lives.evaluation import Evaluation
    from epione_training.lives.genome import Estimate
    from epione_training.lives.groups import Group


def evaluate(
    model: Annotated[Path, typer.Argument(help="The folder of a trained model")],
    cohort: Annotated[
        Path,
        typer.Argument(help="A folder, of which those held out judge; or, with --labels, a binary"),
    ],
    labels: Annotated[Path | None, typer.Option(help="The names of the binary's tokens")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="The truth.json of a planted cohort: its floor, and more")
    ] = None,
    card: Annotated[bool, typer.Option(help="Write the figures into the model's card")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False,
) -> None:
    """Say how well a model foresees lives, beside what counting alone foresees.

    With the truth of a planted cohort, also what the truth itself foresees, how much of what the
    genome gains is recovered, and whether what is refused is what is wrong.
    """
    from epione_training.cohorts.sources import opened_cohort
    from epione_training.lives.against_truth import limits_of, recovered
    from epione_training.lives.batches import Reading
    from epione_training.lives.calibration import read_calibration
    from epione_training.lives.card import write_card
    from epione_training.lives.evaluation import evaluation_of
    from epione_training.lives.planted import read_world
    from epione_training.lives.store import load
    from epione_training.lives.truth import Truth

    stored = load(model)
    networks = {"model": stored.network, "lift": stored.counting(), "age_sex": stored.counting(0)}
    reading = Reading()
    with opened_cohort(cohort, stored.vocabulary, labels) as all_lives:
        lives = all_lives.judging
        if not len(lives):
            raise MalformedCohort(f"of {cohort} no life is held out to judge by")
        found = {name: evaluation_of(each, lives, reading) for name, each in networks.items()}
        said = _as_json(found, lives)
        if truth is not None:
            true = Truth(read_world(truth))
            found["truth"] = evaluation_of(true, lives, reading)
            limits = limits_of(stored.network, true, read_calibration(model), lives, reading)
            said["oracle"] = _figures(found["truth"])
            said["genome"] = recovered(stored.network, true, lives, reading)
            said["limits"] = limits.to_json()
    if card:
        write_card(model, stored.facts, datetime.now(UTC).date(), said)
    if as_json:
        print(json.dumps(said))
    else:
        _print_tables(found)


def _as_json(found: dict[str, "Evaluation"], lives: "Cohort") -> dict[str, object]:
    """Give the object of the acceptance contract, and what else was found."""
    model, names = found["model"], lives.vocabulary.names
    return {
        **_figures(model),
        "baselines": {name: _figures(each) for name, each in found.items() if name != "model"},
        "lives": len(lives),
        "events": int(model.losses.n_events),
        "codes": {
            sex: {names[code]: asdict(area) for code, area in areas.items()}
            for sex, areas in model.areas.items()
        },
        "auc_within_years": {name: _within(each) for name, each in found.items()},
        "codes_within_years": {
            years: {
                sex: {names[code]: asdict(area) for code, area in areas.codes.items()}
                for sex, areas in by_sex.items()
            }
            for years, by_sex in model.within.items()
        },
        "groups": {
            kind: {name: asdict(group) for name, group in groups.items()}
            for kind, groups in model.groups.items()
        },
        "observed_expected_by_ten_years": model.calibration,
    }


def _figures(evaluation: "Evaluation") -> dict[str, float | None]:
    aucs = {f"mean_auc_{sex}": evaluation.mean_auc(sex) for sex in evaluation.areas}
    return {**evaluation.per_event, **aucs, "death_auc": evaluation.death_auc}


def _within(evaluation: "Evaluation") -> dict[int, dict[str, dict[str, object]]]:
    """Give by horizon and sex the mean area of the codes, and that of death."""
    return {
        years: {
            sex: {
                "mean": areas.mean and asdict(areas.mean),
                "death": areas.death and asdict(areas.death),
            }
            for sex, areas in by_sex.items()
        }
        for years, by_sex in evaluation.within.items()
    }


def _print_tables(found: dict[str, "Evaluation"]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title="Losses per event, in nats; areas under the curve by sex and age")
    table.add_column("")
    for name in found:
        table.add_column(name, justify="right")
    columns = [_figures(each) for each in found.values()]
    for figure in columns[0]:
        values = (column[figure] for column in columns)
        cells = ("none" if value is None else f"{value:.4f}" for value in values)
        table.add_row(figure.replace("_", " "), *cells)
    for years, by_sex in found["model"].within.items():
        for sex in by_sex:
            each = [evaluation.within[years][sex] for evaluation in found.values()]
            said = f"within {years} y, {sex}"
            table.add_row(f"mean auc {said}", *(_estimate(areas.mean) for areas in each))
            table.add_row(f"death auc {said}", *(_estimate(areas.death) for areas in each))
    console.print(table)
    console.print(_table_of_groups(found["model"].groups))


def _table_of_groups(groups: Mapping[str, Mapping[str, "Group"]]) -> "Table":
    """Lay out what differs between groups, a row a group of whom something is known."""
    from rich.table import Table

    from epione_training.lives.groups import WITHIN_YEARS

    table = Table(title="The model by group, and how much more that is than in the others")
    for column in (
        "",
        "lives",
        f"auc within {WITHIN_YEARS} y",
        "more",
        "observed/expected",
        "more",
    ):
        table.add_column(column, justify="right")
    for kind, of_kind in groups.items():
        for name, group in of_kind.items():
            if group.auc or group.observed_expected:
                table.add_row(
                    f"{kind} {name}",
                    str(group.lives),
                    _estimate(group.auc),
                    _difference(group.auc_difference),
                    _estimate(group.observed_expected),
                    _difference(group.observed_expected_difference),
                )
    return table


def _estimate(of: "Estimate | Area | None") -> str:
    """Give a figure and its standard error."""
    return "none" if of is None else f"{of.value:.4f} ±{of.error:.4f}"


def _difference(of: "Estimate | None") -> str:
    from epione_training.lives.groups import may_be_chance

    if of is None:
        return "none"
    return f"{of.value:+.4f} ±{of.error:.4f}" + (" (may be chance)" if may_be_chance(of) else "")
