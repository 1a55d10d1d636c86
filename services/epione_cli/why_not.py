"""`epione why-not`: the first condition of a drug's recommendation that is not met."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.beside import beside
from epione_cli.genome import VCF_ENDINGS, External, Sample, Taking, read_genome, with_others
from epione_cli.options import AsJson

if TYPE_CHECKING:
    from epione.medicine.plan import Case
    from epione.medicine.why_not import WhyNot


def why_not(
    patient_or_file: Annotated[
        str,
        typer.Argument(
            help="A pseudonym; or 'ASSIGNER|MEDICAL-RECORD-NUMBER', with EPIONE_SECRET; or a VCF"
        ),
    ],
    drug: Annotated[str, typer.Option(help="An ingredient's name or an RxNorm code")],
    sample: Sample = "",
    external: External = None,
    taking: Taking = None,
    as_json: AsJson = False,
) -> None:
    """Say why nothing is recommended on a drug, by the plan of a patient or by a genome alone."""
    if patient_or_file.endswith(VCF_ENDINGS):
        answer = _of_file(Path(patient_or_file), sample, drug, external, taking or ())
    elif external or taking:
        raise typer.BadParameter(
            "what is beside a patient's genome is on the record: these go with a VCF",
            param_hint="--external, --taking",
        )
    else:
        answer = _of_patient(patient_or_file, drug)
    if as_json:
        print(json.dumps(asdict(answer)))
        return
    for condition in answer.met:
        print(f"✓ {condition}")
    print(f"✗ {answer.unmet}" if answer.unmet else f"{answer.drug} is spoken of")


def _of_patient(patient: str, drug: str) -> "WhyNot":
    from epione.medicine.pharmacogenomics import read_whole
    from epione.medicine.why_not import why_not as reason_why_not
    from epione_cli.settings import stream_settings

    guidelines = read_whole(stream_settings().release)
    return reason_why_not(asyncio.run(_read(patient)), guidelines, drug)


def _of_file(
    path: Path, sample: str, drug: str, external: Path | None, taking: Sequence[str]
) -> "WhyNot":
    from epione.medicine.pharmacogenomics import Guidelines
    from epione.medicine.why_not import why_not_in_genome

    cpic = Guidelines()
    circumstances = beside(cpic, taking, None, None, None)
    genome, own = read_genome(path, sample or None)
    calls = {call.gene: call for call in with_others(own, external).genes}
    return why_not_in_genome(genome, calls, cpic, drug, datetime.now(UTC), circumstances)


async def _read(patient: str) -> "Case":
    from epione_cli.reading import case_now
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    async with settings.reading() as (log, vault):
        return await case_now(log, vault, settings.key_of(patient))
