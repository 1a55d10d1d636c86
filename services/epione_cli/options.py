"""Arguments that several commands take."""

from typing import Annotated

import typer

BEGINNING = "beginning"  # of a topic

Patient = Annotated[
    str, typer.Argument(help="A pseudonym; or 'ASSIGNER|MEDICAL-RECORD-NUMBER', with EPIONE_SECRET")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, one object a line")]
