"""`epione watch`: what becomes of recommendations, as it happens."""

import asyncio
import time
from typing import Annotated

import typer

from epione_cli.options import AsJson


def watch(
    patient: Annotated[str, typer.Option(help="Of this patient alone")] = "",
    since_start: Annotated[
        bool, typer.Option("--all", help="From the beginning of the stream, not from now")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow what is added, superseded and retracted, until interrupted."""
    since_ms = 0 if since_start else int(time.time() * 1000)
    asyncio.run(_follow(patient, since_ms, as_json))


async def _follow(patient: str, since_ms: int, as_json: bool) -> None:
    from rich.console import Console

    from epione_cli.lines import change_line
    from epione_cli.reading import changes
    from epione_cli.settings import stream_settings
    from epione_cli.show import changes_view

    settings = stream_settings()
    console = Console(highlight=False)
    key = settings.key_of(patient) if patient else None
    async with settings.reading() as (log, vault):
        async for changed in changes(log, vault, since_ms, key):
            if as_json:
                print(change_line(changed), flush=True)
            else:
                console.print(f"[dim]{changed.patient}[/dim]", changes_view([changed]))
