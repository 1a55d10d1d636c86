"""Other versions of PREVENT, made from the shipped one, and pointers that are moved to them."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import onnx
from onnx import helper

from epione_inference.prevent import shipped


def version_in(folder: Path, version: str, *, scale: float | None = None, **said: Any) -> Path:
    """Write a version of PREVENT: the shipped artefact, or one whose risks are scaled.

    Args:
        said: What the card says otherwise, by heading.
    """
    home = Path(shutil.copytree(shipped(), folder / version))
    card = json.loads((home / "card.json").read_text(encoding="utf-8"))
    card["version"] = version
    if scale is not None:
        artefact = scaled((home / "model.onnx").read_bytes(), scale)
        (home / "model.onnx").write_bytes(artefact)
        card["artefact"]["sha256"] = hashlib.sha256(artefact).hexdigest()
        risks = card["checks"]["outputs"]["risks"]
        card["checks"]["outputs"]["risks"] = _times(scale, risks)
    card.update(said)
    (home / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return home


def scaled(artefact: bytes, scale: float) -> bytes:
    """Multiply the risks that a model answers."""
    model = onnx.load_from_string(artefact)
    for node in model.graph.node:
        node.output[:] = ["unscaled" if name == "risks" else name for name in node.output]
    by = helper.make_tensor("by", onnx.TensorProto.DOUBLE, [], [scale])
    model.graph.initializer.append(by)
    model.graph.node.append(helper.make_node("Mul", ["unscaled", "by"], ["risks"]))
    return model.SerializeToString()


def point(pointer: Path, folder: Path) -> None:
    """Move a symbolic link to a folder at once, as `ln -sfn` and `mv -T` do."""
    new = pointer.with_name(pointer.name + ".new")
    new.symlink_to(folder)
    os.replace(new, pointer)


def _times(scale: float, numbers: Any) -> Any:
    if isinstance(numbers, list):
        return [_times(scale, each) for each in numbers]
    return scale * numbers
