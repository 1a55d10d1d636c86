"""`epione topics acls`: what each service may do in Kafka, shown or granted."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from epione.messaging.access import Grant

app = typer.Typer(no_args_is_help=True, help="Topics as Kafka has them.")


@app.callback()
def topics() -> None:
    """Topics as Kafka has them."""


@app.command()
def acls(
    apply: Annotated[
        bool, typer.Option("--apply", help="Grant it, as EPIONE_KAFKA_USER, who must be allowed to")
    ] = False,
) -> None:
    """Show what each service may do in Kafka, as commands of kafka-acls.sh; all else is denied."""
    from epione.messaging.access import USERS

    grants = [grant for access in USERS for grant in access.grants()]
    if apply:
        asyncio.run(_apply(grants))
        print(f"{len(grants)} granted")
        return
    for command in commands(grants):
        print(command)


def commands(grants: Iterable["Grant"]) -> Iterator[str]:
    """Give a command for each user, operation and kind of resource."""
    alike = sorted(grants, key=lambda grant: (grant.user, grant.resource, grant.operation))
    for (user, resource, operation), of in groupby(
        alike, lambda grant: (grant.user, grant.resource, grant.operation)
    ):
        names = " ".join(f"--{resource} {grant.name}" for grant in of)
        yield (
            "kafka-acls.sh --bootstrap-server $EPIONE_KAFKA --command-config admin.properties "
            f"--add --allow-principal User:{user} --operation {operation} {names}"
        )


async def _apply(grants: Iterable["Grant"]) -> None:
    from epione.messaging.access_setup import grant
    from epione.messaging.client import client_of
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    await grant(client_of(settings.kafka, settings.security), grants)
