"""`epione demo`: from what a hospital sends to plans, in one process."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="One recommendation a line")] = False,
    speed: Annotated[
        float | None, typer.Option(help="Play as recorded, so many times faster; else at once")
    ] = None,
    fhir: Annotated[
        Path | None, typer.Option(help="Your own FHIR R4 JSON: a file or a folder, .gz too")
    ] = None,
    vcf: Annotated[
        Path | None, typer.Option(help="The genome of the one patient in --fhir")
    ] = None,
    hl7v2: Annotated[
        Path | None, typer.Option(help="Your own HL7 v2 messages: a file or a folder")
    ] = None,
    patient: Annotated[
        str, typer.Option(help="Whose --vcf is instead: 'ASSIGNER|MEDICAL-RECORD-NUMBER'")
    ] = "",
    sample: Annotated[str, typer.Option(help="Which sample of --vcf, where it holds several")] = "",
) -> None:
    """Watch synthetic patients, or your own files, become plans; it needs nothing else."""
    from epione_cli.showing import Showing
    from epione_cli.stories import own_story, shipped_stories

    if speed is not None and speed <= 0:
        raise typer.BadParameter("must be more than 0", param_hint="--speed")
    if fhir or vcf or hl7v2:
        told = [own_story(fhir, vcf, hl7v2, patient, sample)]
    else:
        told = shipped_stories()
    showing = Showing(as_json)
    for story in told:
        asyncio.run(showing.play(story, speed))
