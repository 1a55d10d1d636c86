"""The command `epione`. Of its commands only the one that is named is imported.

A command imports what is slow to import when it runs.
"""

import logging
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from epione.errors import EpioneError, Rejected

COMMANDS = {
    "demo": "epione_cli.demo:demo",
    "up": "epione_cli.up:up",
    "publish": "epione_cli.publish:publish",
    "plan": "epione_cli.plan:plan",
    "watch": "epione_cli.watch:watch",
    "why-not": "epione_cli.why_not:why_not",
    "unmapped": "epione_cli.unmapped:unmapped",
    "genome": "epione_cli.genome:genome",
    "drugs": "epione_cli.genome:drugs",
    "token": "epione_cli.token:token",
    "asyncapi": "epione_cli.asyncapi:asyncapi",
    "replay": "epione_cli.operating.replay:replay",
    "snapshot": "epione_cli.operating.snapshot:snapshot",
    "namespaces": "epione_cli.operating.namespaces:namespaces",
    "forget": "epione_cli.operating.forget:forget",
    "resolve": "epione_cli.operating.resolve:resolve",
    "audit": "epione_cli.operating.audit:audit",
    "cohort": "epione_cli.cohort:cohort",
    "train": "epione_cli.train:train",
    "evaluate": "epione_cli.evaluate:evaluate",
    "simulate": "epione_cli.simulate:simulate",
    "export": "epione_cli.export:export",
    "risk": "epione_cli.risk:app",
    "topics": "epione_cli.topics:app",
    "dead-letters": "epione_cli.operating.dead_letters:app",
    "knowledge": "epione_cli.operating.knowledge:app",
    "vault": "epione_cli.operating.vault:app",
}


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Import some of the commands, and give the command line that has them."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(epione)
    for name in names:
        module, _, made = COMMANDS[name].partition(":")
        command = getattr(import_module(module), made)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"epione {version('epione')}")
        raise typer.Exit


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
    named = [word for word in sys.argv[1:2] if word in COMMANDS]
    try:
        sys.exit(command_line(named or COMMANDS)(standalone_mode=False))
    except typer.TyperException as fault:
        if text := fault.format_message():
            print(f"epione: {text}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except EpioneError as fault:
        print(f"epione: {fault}", file=sys.stderr)
        sys.exit(2 if isinstance(fault, Rejected) else 1)
    except typer.Abort:
        sys.exit(130)
