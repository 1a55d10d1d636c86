"""`epione train` and `epione evaluate`: the language model of a life."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epione.errors import MalformedCohort

if TYPE_CHECKING:
    from epione_training.lives.cohort import Cohort
    from epione_training.lives.evaluation import Evaluation


class Device(StrEnum):
    CPU = "cpu"
    CUDA = "cuda"


def train(
    cohort: Annotated[Path, typer.Argument(help="A folder: of `epione cohort`, MEDS, or Delphi's")],
    out: Annotated[Path, typer.Option(help="The folder of the model")],
    minutes: Annotated[float | None, typer.Option(min=0.01, help="End after so long")] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="End after so many batches; 4,000 if nothing is said")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="0.5M, 2M, 8M, 25M or 100M weights; else by the cohort"),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="With --steps the same seed gives the same weights; 0")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file of these and further settings; options win")
    ] = None,
    device: Annotated[
        Device, typer.Option(help="On CUDA compiled and in bfloat16; refused where there is none")
    ] = Device.CPU,
    resume: Annotated[
        bool, typer.Option(help="Go on with the run in the folder, as it was configured")
    ] = False,
) -> None:
    """Train the language model of a life on a cohort.

    The model of a run by minutes depends on how fast the machine is; that of a run by steps does
    not. It ends sooner where nothing is gained any more. The folder gets the settings
    (config.toml), a log (log.jsonl, and tensorboard/ for TensorBoard), a checkpoint each minute,
    and of MEDS and other tables the rows that were made of them (rows-*), which --resume takes
    again.

    Several processes share a run where torchrun starts them: torchrun --nproc-per-node 4
    "$(command -v epione)" train …; each takes its rows of every batch. On several machines the
    model's folder must be one that all of them see.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from epione_training.cohorts.sources import opened_cohort, rows_of
    from epione_training.lives.configuration import CONFIG, configured
    from epione_training.lives.learning import learn, ready
    from epione_training.lives.log import Progress as Reached
    from epione_training.lives.network import SIZES
    from epione_training.lives.planted import planted_version
    from epione_training.lives.ranks import joined

    if size and size not in SIZES:
        raise typer.BadParameter(f"{size} is none of {', '.join(SIZES)}", param_hint="--size")
    if minutes and steps:
        raise typer.BadParameter("minutes are given, or steps, and not both", param_hint="--steps")
    ready(out, resume)
    said = {"size": size, "steps": steps, "minutes": minutes, "seed": seed}
    files = ([out / CONFIG] if resume else []) + ([config] if config else [])
    size_said, schedule = configured(files, said)
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with (
        joined(device) as ranks,
        Progress(*columns, console=Console(stderr=True), disable=not ranks.is_first) as bar,
    ):
        task = bar.add_task("counting", total=1.0)

        def told(reached: Reached) -> None:
            now = f"step {reached.step}, loss {reached.likelihood:.3f}"
            bar.update(task, completed=reached.done, description=now)

        with opened_cohort(ranks.from_first(lambda: rows_of(cohort, out))) as lives:
            planted = planted_version(cohort)
            learn(lives, out, schedule, size_said, resume, told, planted, ranks)


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
        _print_table(found)


def _as_json(found: dict[str, "Evaluation"], lives: "Cohort") -> dict[str, object]:
    """Give the object of the acceptance contract, and what else was found."""
    model = found["model"]
    return {
        **_figures(model),
        "baselines": {name: _figures(each) for name, each in found.items() if name != "model"},
        "lives": len(lives),
        "events": int(model.losses.n_events),
        "codes": {
            sex: {lives.vocabulary.names[code]: asdict(area) for code, area in areas.items()}
            for sex, areas in model.areas.items()
        },
        "observed_expected_by_ten_years": model.calibration,
    }


def _figures(evaluation: "Evaluation") -> dict[str, float | None]:
    aucs = {f"mean_auc_{sex}": evaluation.mean_auc(sex) for sex in evaluation.areas}
    return {**evaluation.per_event, **aucs, "death_auc": evaluation.death_auc}


def _print_table(found: dict[str, "Evaluation"]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Losses per event, in nats; areas under the curve by sex and age")
    table.add_column("")
    for name in found:
        table.add_column(name, justify="right")
    columns = [_figures(each) for each in found.values()]
    for figure in columns[0]:
        values = (column[figure] for column in columns)
        cells = ("none" if value is None else f"{value:.4f}" for value in values)
        table.add_row(figure.replace("_", " "), *cells)
    Console().print(table)
