"""`epione risk`: what a risk model says of people whose inputs are given."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from epione_cli.options import AsJson

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


@app.command()
def life(
    model: Annotated[Path, typer.Argument(help="A folder that `epione export` wrote")],
    code: Annotated[
        list[str] | None,
        typer.Option(help="A code; without one, cardiovascular outcomes and what is high for age"),
    ] = None,
    futures: Annotated[int, typer.Option(min=0, help="Draw so many, and count in them")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same futures")] = 0,
    as_json: AsJson = False,
) -> None:
    """Give the risks of a life from its history, one person a line of standard input.

    A line is a JSON object: sex ("female", "male"), now_age (years; or now_age_days) and events, a
    list of objects of code and age (years; or age_days), ages from birth; of a measurement also
    value and unit (UCUM).

    A risk is that of the first such event within 1, 5 and 10 years and before death, calibrated by
    sex and age, with its 90 % interval. It follows age, and in the mean what may happen until then.
    Futures, where they are drawn, follow that one by one; they are not calibrated.
    """
    import json

    from rich.console import Console

    from epione_cli.life_answers import Wanted, answered
    from epione_cli.life_lines import Codes, asked_in
    from epione_cli.life_showing import as_fields, table_of
    from epione_inference.lives import LifeModel
    from epione_inference.serving import refuse_two_runtimes

    refuse_two_runtimes()
    loaded = LifeModel(model)
    codes = Codes(loaded.vocabulary)
    tokens = {name: codes.token_of(name) for name in code or ()}
    for name, token in tokens.items():
        if token is None or token not in loaded.predicted:
            raise typer.BadParameter(
                f"{name} is no code that the model foresees", param_hint="--code"
            )
    named = tuple(dict.fromkeys(token for token in tokens.values() if token is not None))
    lines = [asked_in(line, codes) for line in sys.stdin.buffer if line.strip()]
    answers = answered(loaded, lines, Wanted(named, futures, seed))
    if not as_json:
        Console().print(table_of(answers))
        return
    for answer in answers:
        print(json.dumps(as_fields(answer, loaded.card.version), ensure_ascii=False))
