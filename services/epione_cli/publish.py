"""`epione publish`: sends files to the stream, as a hospital would."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from epione.messaging import Message


def publish(
    files: Annotated[list[Path], typer.Argument(help="FHIR, HL7 v2, VCF, calls; files or folders")],
    patient: Annotated[
        str, typer.Option(help="Whose the genomes are: 'ASSIGNER|MEDICAL-RECORD-NUMBER'")
    ] = "",
    sample: Annotated[
        str, typer.Option(help="Which sample of a VCF that holds several, or of which calls are")
    ] = "",
) -> None:
    """Send files to the stream; each is known by its content. It is safe there when this ends.

    A genome goes with the message where it is small; else its address does, and the services must
    be allowed to read it there (EPIONE_GENOME_ROOTS).
    """
    messages = _messages(files, patient, sample)
    asyncio.run(_send(messages))
    for topic, n in sorted(Counter(message.topic.name for message in messages).items()):
        print(f"{n} to {topic}")


def _messages(paths: Sequence[Path], patient: str, sample: str) -> list["Message"]:
    from epione.identity import Assigners
    from epione_cli.files import parcels_in
    from epione_cli.hospital import OWNED, message_of, only_patient, owned_message, record_named

    parcels = [parcel for path in paths for parcel in parcels_in(path)]
    messages = [message_of(each.kind, each.content) for each in parcels if each.kind not in OWNED]
    owned = [each for each in parcels if each.kind in OWNED]
    if owned:
        record = record_named(patient) if patient else only_patient(parcels, Assigners())
        messages += [owned_message(each, record, sample) for each in owned]
    return messages


async def _send(messages: Sequence["Message"]) -> None:
    from epione_cli.settings import stream_settings

    async with stream_settings().log() as log:
        await log.publish(messages)
