"""`epione namespaces`: which states there are, and which are live."""

import asyncio
from typing import Annotated

import typer


def namespaces(
    drop: Annotated[
        str, typer.Option(help="Delete this one, in every partition; never one that is live")
    ] = "",
) -> None:
    """List the namespaces of states, with how far each is; or delete one."""
    asyncio.run(_namespaces(drop))


async def _namespaces(drop: str) -> None:
    from epione.messaging.namespaces import Namespaces
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    async with settings.store() as store:
        known, partitions = Namespaces(store), range(settings.partitions)
        if drop:
            await known.drop(drop, partitions)
        for each in await known.standings(partitions):
            applied = "nothing applied" if each.applied is None else f"applied to {each.applied}"
            live = "live" if each.is_live else ""
            print(
                f"{each.namespace:24} partition {each.partition:3}  {each.n_keys:9} patients  "
                f"{applied:24} {live}".rstrip()
            )
