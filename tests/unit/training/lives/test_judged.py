"""An exported model is judged by the graph that serves, as a trained one is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.lives.served_world import lives

from epione.errors import Misconfigured
from epione.timeline.calibration import N_BANDS, SEXES, Calibration, Support
from epione_training.lives.batches import Reading
from epione_training.lives.evaluation import evaluation_of
from epione_training.lives.judged import judged_in
from epione_training.lives.store import Stored


def rewritten(served: Path, into: Path, **said: object) -> Path:
    folder = shutil.copytree(served, into / "served")
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **said}))
    return folder


def test_an_export_foresees_what_its_network_foresees(
    stored_life: Stored, served_life: Path
) -> None:
    cohort = lives(120, seed=6)

    served = evaluation_of(judged_in(served_life).model, cohort, Reading())

    trained = evaluation_of(stored_life.network, cohort, Reading())
    assert served.per_event == pytest.approx(trained.per_event, rel=1e-5)
    assert served.within[10]["female"].codes == trained.within[10]["female"].codes
    assert [*map(tuple, served.calibration["male"])] == [
        pytest.approx(each, rel=1e-5) for each in trained.calibration["male"]
    ]


def test_an_export_knows_no_baselines(served_life: Path) -> None:
    judged = judged_in(served_life)

    assert not judged.baselines
    assert judged.facts is None


def test_an_export_is_calibrated_as_its_card_says(served_life: Path, tmp_path: Path) -> None:
    support = Support(np.zeros((SEXES, N_BANDS, 3)), np.zeros((SEXES, N_BANDS)), True)
    calibration = Calibration(np.full((3, SEXES, N_BANDS, 2), 1.25), np.ones((3, 3)), support, None)

    folder = rewritten(served_life, tmp_path, calibration=calibration.to_json())

    found = judged_in(folder).calibration
    assert found is not None
    assert (found.ratio == 1.25).all()


def test_a_trained_model_has_its_baselines(trained_life: Path) -> None:
    judged = judged_in(trained_life)

    assert set(judged.baselines) == {"lift", "age_sex"}
    assert judged.facts is not None


def test_a_graph_that_is_not_the_card_s_is_refused(served_life: Path, tmp_path: Path) -> None:
    folder = rewritten(served_life, tmp_path)
    with (folder / "model.onnx").open("ab") as graph:
        graph.write(b"more")

    with pytest.raises(Misconfigured, match="not the one that its card describes"):
        judged_in(folder)


def test_a_folder_with_a_graph_and_no_form_is_refused(served_life: Path, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no exported model"):
        judged_in(rewritten(served_life, tmp_path, form={}))


@pytest.fixture
def trained_life(served_life: Path) -> Path:
    """The folder that was exported."""
    return served_life.parent
