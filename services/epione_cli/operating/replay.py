"""`epione replay`: folds the log anew, or reads again what hospitals sent."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from epione_cli.options import BEGINNING

EVENTS = "patient.events.v1"


def replay(
    topic: Annotated[
        str, typer.Option(help=f"{EVENTS}, or a raw one: hospital.*.v1, genome.samples.v1")
    ] = EVENTS,
    start: Annotated[
        str,
        typer.Option(
            "--from", help="Of a raw topic: an ISO time, or offsets as 0:120,3:77; else beginning"
        ),
    ] = BEGINNING,
    into: Annotated[
        str, typer.Option(help="Namespace of the new states; one that is begun is gone on with")
    ] = "",
    switch: Annotated[
        bool, typer.Option(help="Make the new states the live ones at the end")
    ] = True,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Delete the states that were live before")
    ] = False,
) -> None:
    """Replay, beside the running services, by the code and knowledge of this release.

    patient.events.v1 is folded anew, from the beginning, into states of a namespace of their own,
    and nothing is published; at the end these become the live ones, and the inference service tells
    each patient whose advice differs. Upgrade the services first: they and this must agree.

    A raw topic is read again, by ingestion's or genomics' rules, onto the patients' logs: of one
    version of a fact, what was read last counts. Facts that are not read any more stay.
    """
    from epione_cli.operating.rereading import reread, topic_named

    if topic == EVENTS:
        if start != BEGINNING:
            raise typer.BadParameter(
                f"a plan rests on all of its patient's log: {EVENTS} is replayed from the "
                "beginning; only raw topics are from a time or an offset",
                param_hint="--from",
            )
        if drop_old and not switch:
            raise typer.BadParameter("nothing is old without a switch", param_hint="--drop-old")
        asyncio.run(_replay(into or f"r{datetime.now(UTC):%Y%m%d-%H%M%S}", switch, drop_old))
        return
    raw = topic_named(topic)
    if into or drop_old or not switch:
        raise typer.BadParameter(
            f"only {EVENTS} has states: a raw topic is read onto patients' logs",
            param_hint="--topic",
        )
    asyncio.run(reread(raw, start))


async def _replay(into: str, switch: bool, drop_old: bool) -> None:
    from epione.errors import Misconfigured
    from epione.medicine.pharmacogenomics import Cpic
    from epione.messaging.namespaces import Namespaces
    from epione.settings import settings_of
    from epione_cli.operating.progress import bar
    from epione_cli.settings import stream_settings
    from epione_inference.app import opened_answers
    from epione_inference.handler import Inference
    from epione_inference.replay import Replay, replay
    from epione_inference.settings import InferenceSettings

    settings, stream = settings_of(InferenceSettings), stream_settings()
    if settings.namespace and switch:
        raise Misconfigured(
            f"EPIONE_NAMESPACE names {settings.namespace} for good: unset it, also of the services, "
            "or replay with --no-switch"
        )
    partitions = range(stream.partitions)
    async with (
        stream.log() as log,
        stream.store() as live,
        stream.store(into) as new,
        opened_answers(settings) as answers,
    ):
        namespaces = Namespaces(live)
        ends = {n: (await live.held(n)).applied or 0 for n in partitions}
        old = {n: await namespaces.live(n) for n in partitions}
        print(f"into {into}; interrupted, it goes on with --into {into}", flush=True)
        inference = Inference(answers, Cpic(), epoch=settings.epoch)
        with bar("events", sum(ends.values())) as progress:
            run = Replay(inference, log, live, new, into, progress.reach)
            n_told = await replay(run, partitions, switch=switch)
        if n_told is None:
            print(f"{into} stands where the live states do; they stay the live ones")
            return
        print(f"{into} is live; the plans of {n_told} patients differ, and are told anew")
        if drop_old:
            for name in {*old.values()} - {into}:
                await namespaces.drop(name, [n for n in partitions if old[n] == name])
