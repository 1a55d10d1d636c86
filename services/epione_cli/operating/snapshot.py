"""`epione snapshot`: writes the live states to a topic, so that lost ones are soon made again."""

import asyncio
from typing import Annotated

import typer


def snapshot(
    rate: Annotated[
        float, typer.Option(min=1, help="States a second at most, of all partitions together")
    ] = 5_000,
) -> None:
    """Write a snapshot of all live states to patient.states.v1; run it daily, or so.

    A state that is lost is then made again from the last snapshot and the log after it, and not
    from the whole log. The services go on meanwhile.
    """
    asyncio.run(_snapshot(rate))


async def _snapshot(rate: float) -> None:
    from epione.messaging.namespaces import Namespaces
    from epione.messaging.snapshots import Snapshots
    from epione.messaging.topics import PATIENT_STATES
    from epione_cli.operating.progress import bar
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    async with settings.log() as log, settings.store() as store:
        partitions = range(settings.partitions)
        standings = await Namespaces(store).standings(partitions)
        snapshots = Snapshots(store, log, PATIENT_STATES, settings.epoch)
        with bar("states", sum(each.n_keys for each in standings if each.is_live)) as progress:
            for partition in partitions:
                await snapshots.take(
                    partition, len(partitions), per_s=rate, on_progress=progress.add
                )
