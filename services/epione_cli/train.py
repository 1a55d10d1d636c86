"""`epione train`: the language model of a life."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    cohort: Annotated[Path, typer.Argument(help="A folder: of `epione cohort`, MEDS, or Delphi's")],
    out: Annotated[Path, typer.Option(help="The folder of the model")],
    minutes: Annotated[float | None, typer.Option(min=0.01, help="End after so long")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="End after so many batches")] = None,
    size: Annotated[
        str, typer.Option(help="0.5M, 2M, 8M, 25M or 100M weights; by the cohort if not said")
    ] = "",
    seed: Annotated[
        int, typer.Option(help="With --steps the same seed gives the same weights")
    ] = 0,
    resume: Annotated[bool, typer.Option(help="Go on with the run in the folder")] = False,
) -> None:
    """Train the language model of a life on a cohort.

    The model of a run by minutes depends on how fast the machine is; that of a run by steps does
    not. Without either, it takes 4,000 steps, or ends sooner where nothing is gained any more.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from epione_training.cohorts.sources import opened_cohort
    from epione_training.lives.learning import learn
    from epione_training.lives.network import SIZES
    from epione_training.lives.planted import planted_version
    from epione_training.lives.training import Progress as Reached
    from epione_training.lives.training import Schedule

    if size and size not in SIZES:
        raise typer.BadParameter(f"{size} is none of {', '.join(SIZES)}", param_hint="--size")
    if minutes and steps:
        raise typer.BadParameter("minutes are given, or steps, and not both", param_hint="--steps")
    schedule = Schedule(steps=steps or (None if minutes else 4_000), minutes=minutes, seed=seed)
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True))
    with opened_cohort(cohort) as lives, bar:
        task = bar.add_task("counting", total=1.0)

        def told(reached: Reached) -> None:
            said = f"step {reached.step}, loss {reached.likelihood:.3f}"
            bar.update(task, completed=reached.done, description=said)

        learn(lives, out, schedule, size, resume, told, planted_version(cohort))
