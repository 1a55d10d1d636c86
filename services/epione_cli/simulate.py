"""`epione simulate`: a cohort of which the truth is known."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    out: Annotated[Path, typer.Option(help="The folder of the cohort")],
    lives: Annotated[int, typer.Option(min=1, help="How many")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same one draws the same lives")] = 0,
) -> None:
    """Draw lives from rates and genetic effects that are planted, not measured.

    Writes train.bin and labels.csv, for `epione train`, and truth.json, for `epione evaluate`. All
    of a cohort's lives are learned from, so those that judge need another seed.
    """
    from epione_training.lives import planted

    written = planted.planted()
    rows = planted.simulate(written, lives, seed, out)
    print(
        f"{lives} lives, {len(rows.tokens)} rows, planted world of {written['version']}, in {out}"
    )
