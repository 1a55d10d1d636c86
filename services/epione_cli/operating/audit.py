"""`epione audit`: who asked for what of which patient, and what came of it."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.options import AsJson

if TYPE_CHECKING:
    from epione.privacy import Entry


def audit(
    patient: Annotated[str, typer.Option(help="Of this patient alone")] = "",
    as_json: AsJson = False,
) -> None:
    """List who forgot or resolved whom, when and why; refusals, too."""
    for line, entry in asyncio.run(_read(patient)):
        if as_json:
            print(line)
            continue
        said = f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.who:16}  {entry.action} {entry.outcome}"
        print("  ".join(filter(None, (said, entry.patient, entry.why, entry.details))))


async def _read(patient: str) -> "list[tuple[str, Entry]]":
    from epione.messaging.topics import AUDIT
    from epione.privacy import entry_of
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    key = settings.key_of(patient) if patient else None
    async with settings.log() as log:
        found = [((r.value or b"").decode(), entry_of(r)) async for r in log.read(AUDIT, key=key)]
    return sorted(found, key=lambda each: each[1].at)
