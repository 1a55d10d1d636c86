"""`epione why-not`: the first condition of a drug's recommendation that is not met."""

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.options import AsJson, Patient

if TYPE_CHECKING:
    from epione.medicine.plan import Case


def why_not(
    patient: Patient,
    drug: Annotated[str, typer.Option(help="An ingredient's name")],
    as_json: AsJson = False,
) -> None:
    """Say why the plan of a patient does not speak of a drug."""
    from epione.medicine.pharmacogenomics import Cpic
    from epione.medicine.why_not import why_not as reason_why_not

    answer = reason_why_not(asyncio.run(_read(patient)), Cpic(), drug)
    if as_json:
        print(json.dumps(asdict(answer)))
        return
    for condition in answer.met:
        print(f"✓ {condition}")
    print(f"✗ {answer.unmet}" if answer.unmet else f"the plan does speak of {answer.drug}")


async def _read(patient: str) -> "Case":
    from epione_cli.reading import case_now
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    async with settings.reading() as (log, vault):
        return await case_now(log, vault, settings.key_of(patient))
