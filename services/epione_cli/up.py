"""`epione up`: the services as processes, on a Kafka and a Redis."""

import asyncio
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer


def up(
    kafka: Annotated[
        str, typer.Option(help="host:port,…; or 'native': a Kafka of one's own, by Java and Maven")
    ] = "",
    home: Annotated[
        Path | None,
        typer.Option(help="Where a Kafka of one's own keeps its log, its secret and its token"),
    ] = None,
    ops_port: Annotated[
        int,
        typer.Option(
            envvar="EPIONE_OPS_PORT",
            help="Health and metrics of ingestion; of genomics and inference on the next two ports",
        ),
    ] = 0,
) -> None:
    """Run ingestion, genomics and inference until interrupted.

    Settings are EPIONE_ variables: EPIONE_KAFKA, EPIONE_SECRET, EPIONE_VAULT, EPIONE_STATE (a
    Redis; without it one runs for as long as this does, and plans are made anew from the log at the
    next start), EPIONE_TOKENS (who may send; without it one token is made and shown).
    """
    from epione.settings import settings_of
    from epione_cli.embedded_redis import embedded_redis
    from epione_cli.own_kafka import default_home, own_kafka
    from epione_cli.own_token import own_token
    from epione_cli.supervision import supervise
    from epione_inference.settings import InferenceSettings
    from epione_ingestion.settings import IngestionSettings

    with ExitStack() as stack:
        if kafka == "native":
            os.environ.update(stack.enter_context(own_kafka(home)))
        elif kafka:
            os.environ["EPIONE_KAFKA"] = kafka
        if "EPIONE_STATE" not in os.environ:
            redis_url = stack.enter_context(embedded_redis())
            os.environ.update(EPIONE_STATE=redis_url, EPIONE_CACHE=f"{redis_url}?db=1")
        settings_of(InferenceSettings)
        settings = settings_of(IngestionSettings)
        said = ""
        if not settings.tokens:
            token, file = own_token(home or default_home(), settings.tenant)
            os.environ["EPIONE_TOKENS"] = str(file)
            said = f"export EPIONE_TOKEN={token}"
        scheme = "https" if settings.http_cert else "http"
        address = f"{scheme}://{settings.http_host}:{settings.http_port}"
        asyncio.run(supervise(address, said, ops_port))
