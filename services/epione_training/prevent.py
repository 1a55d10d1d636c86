"""Export PREVENT to ONNX in float64 with its model card.

    python -m epione_training.prevent OUT REFERENCE_DATA

writes OUT/<version>/model.onnx, card.json and card.md; the same versions of torch and of the
knowledge write the same bytes. What is shipped lies in `epione_inference/models/prevent`.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from torch import nn

from epione.medicine.risk import COLUMNS
from epione.medicine.risk.coefficients import RELEASE, coefficients
from epione_training.onnx_files import OPSET, bare
from epione_training.prevent_card import card_of, markdown_of
from epione_training.prevent_checks import checks_of
from epione_training.prevent_equations import Prevent
from epione_training.prevent_evaluation import evaluate, vectors_of

VERSION = f"{RELEASE}.1"  # the knowledge, then our own count of models made from it


def onnx_of(model: nn.Module) -> bytes:
    """Export to ONNX, for any number of rows, without the paths of the machine it was made on."""
    example = torch.full((2, len(COLUMNS)), torch.nan, dtype=torch.float64)
    example[:, COLUMNS.index("sex")] = 0
    program = torch.onnx.export(
        model.eval(),
        (example,),
        dynamo=True,
        dynamic_shapes={"inputs": {0: torch.export.Dim("batch")}},
        input_names=["inputs"],
        output_names=["risks", "model"],
        opset_version=OPSET,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch gave no ONNX program")
    return bare(program.model_proto)


def write(out: Path, reference_data: Path) -> Path:
    """Write the artefact and its card; return their folder."""
    folder = out / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    model = Prevent(coefficients())
    artefact = onnx_of(model)
    (folder / "model.onnx").write_bytes(artefact)
    card = card_of(
        version=VERSION,
        sha256=hashlib.sha256(artefact).hexdigest(),
        evaluation=evaluate(model, vectors_of(reference_data)),
        checks=checks_of(model),
    )
    text = json.dumps(card, ensure_ascii=False, indent=2) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8")
    (folder / "card.md").write_text(markdown_of(card), encoding="utf-8")
    return folder


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
