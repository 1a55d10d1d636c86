"""`epione unmapped`: the codes that no map makes standard ones, most frequent first."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.options import AsJson

if TYPE_CHECKING:
    from epione_ingestion.unmapped import UnmappedCode


def unmapped(
    maps: Annotated[
        list[Path] | None,
        typer.Option(help="A map to try, CSV or FHIR ConceptMap: what it knows is left out"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the codes on patients' logs that no map knows, with how many facts have each."""
    from epione.timeline import Code
    from epione_ingestion.maps import read_maps

    known = read_maps(maps or ())
    for found, n in asyncio.run(_count()).most_common():
        if known.target_of(Code(found.system, found.code)) is not None:
            continue
        if as_json:
            print(json.dumps({**found._asdict(), "facts": n}))
        else:
            print(f"{n:8}  {found.kind:12}  {found.system}  {found.code}")


async def _count() -> "Counter[UnmappedCode]":
    from epione_cli.reading import unmapped_codes
    from epione_cli.settings import stream_settings

    async with stream_settings().reading() as (log, vault):
        return await unmapped_codes(log, vault)
