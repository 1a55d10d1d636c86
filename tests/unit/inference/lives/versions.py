"""Other versions of an exported model of a life, and one that answers without being asked."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from epione.medicine.life import LifeAnswer, LifeQuestion
from epione_inference.lives import LifeModel


def version_in(folder: Path, served: Path, version: str, **said: Any) -> Path:
    """Write another version: the same artefact, with what its card says otherwise."""
    home = Path(shutil.copytree(served, folder / version))
    card = json.loads((home / "card.json").read_text(encoding="utf-8"))
    card |= {"version": version, **said}
    (home / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return home


class Answering:
    """Refuses everyone by the version and how much is on the record; `asked` is what was asked."""

    def __init__(self) -> None:
        self.asked: list[LifeQuestion] = []

    def __call__(self, model: LifeModel, questions: Sequence[LifeQuestion]) -> Sequence[LifeAnswer]:
        self.asked.extend(questions)
        return [LifeAnswer(said_by(model.card.version, each)) for each in questions]


def said_by(version: str, question: LifeQuestion) -> str:
    return f"{version}: {len(question.entries)} entries"
