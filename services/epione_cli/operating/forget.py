"""`epione forget`: a person's keys destroyed, and all that is known of them with it."""

import asyncio
import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.options import Patient

if TYPE_CHECKING:
    from epione_cli.operating.forgetting import Forgotten

WHAT_STAYS = """\
What this cannot erase: messages on the hospitals' own topics, until their retention ends; what \
release 0.1.0, or another sender, put on the derived topics and never sealed; what others have \
read from the stream; backups of Kafka and of EPIONE_VAULT, until they are gone. A broker's disk \
keeps a destroyed key for half an hour. Pseudonyms, times and sizes stay."""


def forget(
    patient: Patient,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit, so name no one")],
    by: Annotated[str, typer.Option(help="Who asks; by default, who runs this")] = "",
    leave_genomes: Annotated[
        bool,
        typer.Option(
            "--leave-genomes", help="Even where files of genomes are not below EPIONE_GENOME_ROOTS"
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Forget a person for good: state, plan, genomes and keys, of all records merged into one.

    It needs EPIONE_VAULT; for genomes also EPIONE_SECRET, and EPIONE_GENOME_ROOTS with what lies
    there, to be written: nothing tells afterwards where a file is. What release 0.1.0 wrote was
    never sealed and stays readable; it says how many records. Done again after a crash, it goes on.
    """
    if not yes:
        typer.confirm(f"Forget {patient} for good?", abort=True, err=True)
    done = asyncio.run(_forget(patient, by or getpass.getuser(), reason, leave_genomes))
    for record in done.records:
        print(f"forgotten: {record}")
    for fate in done.genomes:
        print(f"genome {fate}")
    print(f"{done.n_keys} keys destroyed")
    if done.n_plain:
        print(f"still to be read: {done.n_plain} records, which were never sealed")
    print(WHAT_STAYS)


async def _forget(patient: str, who: str, why: str, leave_genomes: bool) -> "Forgotten":
    from epione_cli.operating.forgetting import Forgetting
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    tenant, _, record = settings.key_of(patient).decode().partition("/")
    async with settings.reading() as (log, vault):
        forgetting = Forgetting(
            log, vault, settings.identity_keys, settings.allowed, leave_genomes, _say
        )
        return await forgetting.forget(tenant, record, who, why)


def _say(what: str) -> None:
    print(f"epione: {what} …", file=sys.stderr, flush=True)
