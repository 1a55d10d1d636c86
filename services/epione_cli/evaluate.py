"""`epione evaluate`: how well a model of a life foresees lives."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epione.errors import MalformedCohort, Misconfigured

if TYPE_CHECKING:
    from rich.table import Table

    from epione_training.lives.auc import Area
    from epione_training.lives.cohort import Cohort
    from epione_training.lives.evaluation import Evaluation
    from epione_training.lives.genome import Estimate
    from epione_training.lives.groups import Group


BASELINES = ("lift", "age_sex")


def evaluate(
    model: Annotated[Path, typer.Argument(help="The folder of a trained or an exported model")],
    cohort: Annotated[
        Path,
        typer.Argument(help="A folder, of which those held out judge; or, with --labels, a binary"),
    ],
    labels: Annotated[Path | None, typer.Option(help="The names of the binary's tokens")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="The truth.json of a planted cohort: its floor, and more")
    ] = None,
    card: Annotated[
        bool, typer.Option(help="Write the figures into a trained model's card")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False,
) -> None:
    """Say how well a model foresees lives, beside what counting alone foresees.

    Areas under the curve are given for what comes next, and for what comes within 1, 5 and 10
    years, by the rates as they stand before they are calibrated, which is not the risk that is
    served; and by sex, age and genome, with what of the differences may be chance. Of a cohort
    without splits all lives judge, at most 20,000 of them, each so many after the one before: a
    warning says where the model learned from them, and such lives fill no card.

    An exported model is judged by its graph. What counting alone foresees is not in it, and its
    figures are in its card when it is exported after the trained model's card was filled.

    With the truth of a planted cohort, also what the truth itself foresees, how much of what the
    genome gains is recovered, and whether what is refused is what is wrong.
    """
    from epione_training.cohorts.sources import opened_cohort
    from epione_training.lives.against_truth import limits_of, recovered
    from epione_training.lives.batches import Reading
    from epione_training.lives.card import known_in, write_card
    from epione_training.lives.cohort import LEARNED_FROM
    from epione_training.lives.evaluation import MOST_JUDGES, evaluation_of
    from epione_training.lives.judged import judged_in
    from epione_training.lives.planted import read_world
    from epione_training.lives.truth import Truth

    judged, reading = judged_in(model), Reading()
    if card and judged.facts is None:
        raise typer.BadParameter("an exported model's card is not rewritten", param_hint="--card")
    with opened_cohort(cohort, judged.vocabulary, labels) as all_lives:
        lives = all_lives.judging
        if not len(lives):
            raise MalformedCohort(f"of {cohort} no life is held out to judge by")
        if learned_from := lives.was_learned_from(judged.cohort):
            if card:
                raise Misconfigured(LEARNED_FROM)
            typer.echo(f"warning: {LEARNED_FROM}", err=True)
        n_there, lives = len(lives), lives.strided(MOST_JUDGES)
        networks = {"model": judged.model, **judged.baselines}
        found = {name: evaluation_of(each, lives, reading) for name, each in networks.items()}
        said = _as_json(found, lives) | {"lives_there": n_there, "learned_from": learned_from}
        if truth is not None:
            true = Truth(read_world(truth))
            found["truth"] = evaluation_of(true, lives, reading)
            said["oracle"] = _figures(found["truth"])
            said["genome"] = recovered(judged.model, true, lives, reading)
            limits = limits_of(judged.model, true, judged.calibration, lives, reading)
            said["limits"] = limits.to_json()
    if card and judged.facts is not None:
        on = {"evaluated_on": datetime.now(UTC).date().isoformat()}
        write_card(model, judged.facts, known_in(model).made_on, said | on)
    if as_json:
        print(json.dumps(said))
    else:
        _print_tables(found)


def _as_json(found: dict[str, "Evaluation"], lives: "Cohort") -> dict[str, object]:
    """Give the object of the acceptance contract, and what else was found."""
    model, names = found["model"], lives.vocabulary.names
    return {
        **_figures(model),
        "baselines": {name: _figures(found[name]) for name in BASELINES if name in found} or None,
        "lives": len(lives),
        "events": int(model.losses.n_events),
        "codes": {
            sex: {names[code]: asdict(area) for code, area in areas.items()}
            for sex, areas in model.areas.items()
        },
        "auc_within_years": {name: _within(each) for name, each in found.items()},
        "codes_within_years": {
            str(years): {
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


def _within(evaluation: "Evaluation") -> dict[str, dict[str, dict[str, object]]]:
    """Give by horizon and sex the mean area of the codes, and that of death."""
    return {
        str(years): {
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
            for name in ("mean", "death"):
                areas = (_estimate(getattr(one, name)) for one in each)
                table.add_row(f"{name} auc {years} y {sex}", *areas)
    console.print(table)
    console.print(_table_of_groups(found["model"].groups))


def _table_of_groups(groups: Mapping[str, Mapping[str, "Group"]]) -> "Table":
    """Lay out what differs between groups, a row a group of whom something is known."""
    from rich.table import Table

    from epione_training.lives.groups import WITHIN_YEARS

    table = Table(title="The model by group, and how far above the others; * is more than chance")
    for column in ("", "lives", f"auc {WITHIN_YEARS} y", "above", "obs./exp.", "above"):
        table.add_column(column, justify="right", no_wrap=True)
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
    return "none" if of is None else f"{of.value:.3f} ±{of.error:.3f}"


def _difference(of: "Estimate | None") -> str:
    from epione_training.lives.groups import may_be_chance

    if of is None:
        return "none"
    return f"{of.value:+.3f} ±{of.error:.3f}" + (" " if may_be_chance(of) else "*")
