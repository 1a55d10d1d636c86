"""The command `epione`. Commands import what is slow to import when they run."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from epione.errors import EpioneError, Rejected
from epione_cli import risk, topics
from epione_cli.asyncapi import asyncapi
from epione_cli.demo import demo
from epione_cli.genome import drugs, genome
from epione_cli.operating import dead_letters, knowledge, vault
from epione_cli.operating.audit import audit
from epione_cli.operating.forget import forget
from epione_cli.operating.namespaces import namespaces
from epione_cli.operating.replay import replay
from epione_cli.operating.resolve import resolve
from epione_cli.operating.snapshot import snapshot
from epione_cli.plan import plan
from epione_cli.publish import publish
from epione_cli.token import token
from epione_cli.unmapped import unmapped
from epione_cli.up import up
from epione_cli.watch import watch
from epione_cli.why_not import why_not

COMMANDS = (
    demo,
    up,
    publish,
    plan,
    watch,
    why_not,
    unmapped,
    genome,
    drugs,
    token,
    asyncapi,
    replay,
    snapshot,
    namespaces,
    forget,
    resolve,
    audit,
)

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
for command in COMMANDS:
    app.command()(command)
app.add_typer(risk.app, name="risk")
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(vault.app, name="vault")


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"epione {version('epione')}")
        raise typer.Exit


@app.callback()
def epione(
    _: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Say which")
    ] = False,
) -> None:
    """Precision medicine as a stream: one patient, one log, one plan. Not a medical device."""


def main() -> NoReturn:
    """Run the command; what goes wrong is one line on standard error.

    Exits with 2 where the command or its files are at fault, with 1 where something else is.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # what goes wrong is said once, by us
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as fault:
        if text := fault.format_message():
            print(f"epione: {text}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except EpioneError as fault:
        print(f"epione: {fault}", file=sys.stderr)
        sys.exit(2 if isinstance(fault, Rejected) else 1)
    except typer.Abort:
        sys.exit(130)
