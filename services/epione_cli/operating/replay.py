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
        bool,
        typer.Option(
            "--drop-old",
            help="Delete the states that this run replaces; those of a run that had switched every "
            "partition, and then was ended, are deleted by `epione namespaces --drop`",
        ),
    ] = False,
) -> None:
    """Replay, beside the running services, by the code of this release and EPIONE_KNOWLEDGE.

    patient.events.v1 is folded anew, from the beginning, into states of a namespace of their own,
    and nothing is published; at the end these become the live ones, and the inference service tells
    each patient whose advice differs. Upgrade the services first: they and this must agree.

    A raw topic is read again, by ingestion's or genomics' rules, onto the patients' logs: of one
    version of a fact, what was read last counts. Facts that are not read any more stay.
    """
    from epione_cli.operating.refolding import refold
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
        asyncio.run(refold(into or f"r{datetime.now(UTC):%Y%m%d-%H%M%S}", switch, drop_old))
        return
    raw = topic_named(topic)
    if into or drop_old or not switch:
        raise typer.BadParameter(
            f"only {EVENTS} has states: a raw topic is read onto patients' logs",
            param_hint="--topic",
        )
    asyncio.run(reread(raw, start))
