"""`epione export`: a trained model of a life as a folder that can be served."""

import json
import logging
from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[Path, typer.Argument(help="The folder of a trained model")],
    out: Annotated[Path, typer.Option(help="A new folder: model.onnx, vocabulary.json, card.json")],
    int8: Annotated[bool, typer.Option(help="Weights of linear layers in eight bits")] = False,
    judged_by: Annotated[
        Path | None, typer.Option(help="Lives that it did not learn from, as a binary")
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="The names of that file's tokens")] = None,
) -> None:
    """Export a trained model of a life to ONNX, to be asked by `epione risk life`.

    The card says how far the graph is off torch, and, with --judged-by, what is lost of lives by
    the graph and by eight bits. It is printed without the checks that serving asks again.
    """
    from epione_training.lives.delphi import read_delphi
    from epione_training.lives.export import export as written
    from epione_training.lives.store import load

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells what else is not installed
    if (judged_by is None) != (labels is None):
        raise typer.BadParameter("lives and their labels go together", param_hint="--judged-by")
    lives = read_delphi(judged_by, labels) if judged_by and labels else None
    card = written(load(model), out, lives, int8=int8)
    shown = ("name", "version", "artefact", "form", "largest_difference_from_torch", "losses")
    print(json.dumps({name: card[name] for name in shown}, indent=1))
