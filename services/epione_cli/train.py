"""`epione train`: the language model of a life."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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
        Path | None, typer.Option(help="A TOML file of settings, named above; options win")
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
    from epione_training.lives.planted import planted_version
    from epione_training.lives.ranks import joined

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
