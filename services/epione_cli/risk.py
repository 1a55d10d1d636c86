"""`epione risk`: what a risk model says of people whose inputs are given."""

import sys

import typer

app = typer.Typer(help="Ask a risk model about people whose inputs are given.")


@app.callback()
def risk() -> None:
    """Ask a risk model about people whose inputs are given."""


@app.command()
def prevent(
    as_json: bool = typer.Option(False, "--json", help="One JSON answer a line, in order."),
) -> None:
    """Give cardiovascular risk over 10 and 30 years, one person a line of standard input.

    A line is a JSON object: age, sex ("female", "male"), sbp (mmHg), bp_tx, total_c and hdl_c
    (mg/dL), statin, dm, smoking (true, false), egfr (mL/min/1.73 m²), bmi (kg/m²), and where known
    hba1c (%), uacr (mg/g), sdi_decile (1 to 10).
    """
    import json

    from rich.console import Console

    from epione_cli.risk_answers import answers_of, as_fields, asked_in, table_of
    from epione_inference.prevent import PreventModel, shipped
    from epione_inference.serving import Execution, refuse_two_runtimes

    refuse_two_runtimes()
    model = PreventModel(shipped(), Execution())
    answers = answers_of(model, [asked_in(line) for line in sys.stdin.buffer if line.strip()])
    if not as_json:
        Console().print(table_of(answers))
        return
    versions = {"prevent": model.card.version, "knowledge": model.card.knowledge_release}
    for answer in answers:
        print(json.dumps(as_fields(answer, versions), ensure_ascii=False))
