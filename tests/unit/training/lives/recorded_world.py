"""The served world in the names that a patient's record is told in, and other versions of it."""

import json
from dataclasses import replace
from pathlib import Path

from tests.unit.training.lives.served_world import stored
from typer.testing import CliRunner

from epione.timeline.vocabulary import Vocabulary
from epione_cli.app import command_line
from epione_training.lives.store import Stored, save

HYPERTENSION, ASTHMA, STROKE = "ICD10CM/I10", "ICD10CM/J45", "ICD10CM/I63"
OLD, NEW = "life-1", "life-2"


def recorded() -> Stored:
    """Give a network by which hypertension foretells a stroke, and asthma hardly anything."""
    chance = stored()
    names = list(chance.vocabulary.names)
    names[4:] = [HYPERTENSION, STROKE, ASTHMA, "DEATH", "CYP2C19/Normal Metabolizer"]
    return replace(chance, vocabulary=Vocabulary(tuple(names), chance.vocabulary.kinds))


def versions_in(folder: Path) -> Path:
    """Export two versions, the newer of which foretells twice as much; give the older's folder."""
    save(recorded(), folder)
    ran = CliRunner().invoke(
        command_line(["export", "evaluate"]), ["export", str(folder), "--out", str(folder / OLD)]
    )
    assert ran.exit_code == 0, ran.output
    card = json.loads((folder / OLD / "card.json").read_text(encoding="utf-8"))
    for version, times in ((OLD, 1.0), (NEW, 2.0)):
        home = folder / version
        home.mkdir(exist_ok=True)
        for name in ("model.onnx", "vocabulary.json"):
            (home / name).write_bytes((folder / OLD / name).read_bytes())
        calibration = {**card["calibration"], "ratio": _times(times, card["calibration"]["ratio"])}
        told = {**card, "version": version, "calibration": calibration}
        (home / "card.json").write_text(json.dumps(told), encoding="utf-8")
    return folder / OLD


def _times(times: float, numbers: object) -> object:
    if isinstance(numbers, list):
        return [_times(times, each) for each in numbers]
    assert isinstance(numbers, float)
    return times * numbers
