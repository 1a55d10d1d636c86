"""`epione export`: a trained model of a life as a folder that can be served."""

import json
import logging
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[Path, typer.Argument(help="The folder of a trained model")],
    out: Annotated[Path, typer.Option(help="A new folder: model.onnx, vocabulary.json, a card")],
    int8: Annotated[bool, typer.Option(help="Weights of linear layers in eight bits")] = False,
    judged_by: Annotated[
        Path | None,
        typer.Option(help="A folder, of which those held out judge; or, with --labels, a binary"),
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="The names of the binary's tokens")] = None,
    link: Annotated[str, typer.Option(help="Where the card is published, https://…")] = "",
) -> None:
    """Export a trained model of a life to ONNX, to be asked by `epione risk life`.

    The card (card.json, card.md) says what the trained model's card says, its figures where
    `epione evaluate --card` has filled them in; how far the graph is off torch, and, with
    --judged-by, what is lost of lives by the graph and by eight bits. What was measured is printed.
    """
    from epione_training.cohorts.sources import opened_cohort
    from epione_training.lives.card import known_in
    from epione_training.lives.export import export as written
    from epione_training.lives.store import load

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells what else is not installed
    if labels and not judged_by:
        raise typer.BadParameter("labels are those of --judged-by", param_hint="--labels")
    if link and not link.startswith(("https://", "http://")):
        raise typer.BadParameter(f"{link} is no address of the web", param_hint="--link")
    stored, known = load(model), replace(known_in(model), link=link)
    with ExitStack() as opened:
        lives = judged_by and opened.enter_context(
            opened_cohort(judged_by, stored.vocabulary, labels)
        )
        card = written(stored, known, out, lives.judging if lives else None, int8=int8)
    shown = ("name", "version", "artefact", "form", "largest_difference_from_torch", "losses")
    print(json.dumps({name: card[name] for name in shown}, indent=1))
