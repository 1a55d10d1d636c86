"""`epione asyncapi`: what every topic carries, for those who write and read it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    JSON = "json"
    YAML = "yaml"
    HTML = "html"


def asyncapi(
    form: Annotated[
        Format, typer.Option("--format", help="json and yaml: AsyncAPI 3.0; html: a page to read")
    ] = Format.JSON,
    out: Annotated[Path | None, typer.Option(help="A file; else standard output")] = None,
) -> None:
    """Print the contract of the stream: topics, keys, headers, payloads, who reads and writes."""
    text = _text(form)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")


def _text(form: Format) -> str:
    import json

    from epione.messaging import Layout
    from epione_cli.contract import document_of, page_of, yaml_of
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    layout = Layout(partitions=settings.partitions)
    if form is Format.HTML:
        return page_of(layout)
    document = document_of(settings.kafka, layout, settings.security)
    if form is Format.JSON:
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return yaml_of(document)
