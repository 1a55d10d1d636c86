"""`epione cohort`: people's lives from where they are told, as a cohort to train on or as MEDS."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from epione_training.cohorts.told import Remainder

STREAM = "stream"


class Form(StrEnum):
    ROWS = "rows"
    MEDS = "meds"


def cohort(
    source: Annotated[
        str,
        typer.Argument(
            help="MEDS, OMOP (CSV, folder or ZIP), Synthea's events, Delphi's or our own folder;"
            f" or the word {STREAM}, for what the stream says of its patients"
        ),
    ],
    out: Annotated[Path, typer.Option(help="A new folder")],
    form: Annotated[
        Form, typer.Option("--as", help="Rows to train on, or MEDS with ages for dates")
    ] = Form.ROWS,
    at_least: Annotated[
        int, typer.Option(min=1, help="Lives that must have a code for it to be a token")
    ] = 10,
    like: Annotated[
        Path | None, typer.Option(help="Use the tokens of this model or cohort, to judge by it")
    ] = None,
) -> None:
    """Make a cohort; one person in ten is held out of training, by a hash, unless MEDS says whom.

    What is left out is counted by reason on standard error, and in full in cohort.json.
    """
    from epione_training.cohorts.mapped import map_lives, vocabulary_in
    from epione_training.cohorts.meds_reading import meds_source
    from epione_training.cohorts.meds_writing import write_meds
    from epione_training.cohorts.sources import source_in

    vocabulary = vocabulary_in(like) if like else None
    if source != STREAM:
        lives = source_in(Path(source))
        is_meds = form is Form.MEDS
        _tell(write_meds(lives, out) if is_meds else map_lives(lives, out, at_least, vocabulary))
        return
    with TemporaryDirectory() as folder:
        into = out if form is Form.MEDS else Path(folder) / "meds"
        _tell(asyncio.run(_write_stream(into)))
        if form is Form.ROWS:
            _tell(map_lives(meds_source(into), out, at_least, vocabulary))


async def _write_stream(into: Path) -> "Remainder":
    from epione_cli.cohort_stream import write_lives
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    async with settings.reading() as (log, vault):
        return await write_lives(log, vault, settings.tenant, into)


def _tell(remainder: "Remainder") -> None:
    """Say what was left out, by reason."""
    for reason, n in sorted(remainder.people.items()):
        print(f"left out: {n} people, {reason}", file=sys.stderr)
    for why, n in sorted(remainder.by_reason.items()):
        print(f"left out: {n} entries, {why}", file=sys.stderr)
