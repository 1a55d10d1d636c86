"""`epione plan`: what is recommended for a patient, now or as it was known at a time."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.options import AsJson, Patient

if TYPE_CHECKING:
    from epione.medicine.recommendation import Plan

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def plan(
    patient: Patient,
    as_of: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="As it was known then, in UTC")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the plan of a patient."""
    from rich.console import Console

    from epione_cli.lines import json_line
    from epione_cli.show import plan_view

    found = asyncio.run(_read(patient, as_of and as_of.replace(tzinfo=UTC)))
    if not as_json:
        Console(highlight=False).print(plan_view(found))
        return
    for recommendation in found.recommendations:
        print(json_line(found, recommendation))


async def _read(patient: str, as_of: datetime | None) -> "Plan":
    from epione.medicine.pharmacogenomics import read_whole
    from epione_cli.reading import plan_as_of, plan_now
    from epione_cli.settings import stream_settings
    from epione_inference.answers import PreventAnswers
    from epione_inference.handler import Inference
    from epione_inference.lives.serving import life_answers

    settings = stream_settings()
    key = settings.key_of(patient)
    async with settings.reading() as (log, vault):
        if as_of is None:
            return await plan_now(log, vault, key)
        guidelines = read_whole(settings.release)
        lives = life_answers(settings.life_folder)
        inference = Inference(
            PreventAnswers(cache=None), guidelines, epoch=settings.epoch, lives=lives
        )
        return await plan_as_of(log, vault, key, as_of, inference)
