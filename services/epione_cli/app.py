"""The command `epione`."""

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import click
import typer
from typer.core import TyperGroup

from epione.errors import EpioneError, Rejected

# In the order of `epione --help`. A command's module is imported when it is asked for.
COMMANDS = {
    "demo": "epione_cli.demo",
    "up": "epione_cli.up",
    "publish": "epione_cli.publish",
    "plan": "epione_cli.plan",
    "watch": "epione_cli.watch",
    "why-not": "epione_cli.why_not",
    "unmapped": "epione_cli.unmapped",
    "genome": "epione_cli.genome",
    "drugs": "epione_cli.drugs",
    "risk": "epione_cli.risk",
}


class Commands(TyperGroup):
    """Every command's module has a `typer.Typer` named `app`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=Commands, add_completion=False, context_settings={"max_content_width": 100})


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"epione {version('epione')}")
        raise typer.Exit


@app.callback(no_args_is_help=True)
def epione(
    _: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """Precision medicine as a stream: one patient, one log, one plan. Not a medical device."""


def main() -> None:
    """Run the command; what goes wrong is one line on standard error.

    Exits with 2 where the command or its files are at fault, with 1 where something else is.
    """
    try:
        sys.exit(app(standalone_mode=False))
    except click.ClickException as fault:
        _fail(fault.format_message(), fault.exit_code)
    except click.Abort:
        sys.exit(130)
    except EpioneError as fault:
        _fail(str(fault), 2 if isinstance(fault, Rejected) else 1)


def _fail(text: str, exit_code: int) -> None:
    print(f"epione: {text}", file=sys.stderr)
    sys.exit(exit_code)
