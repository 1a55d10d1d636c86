"""The model of a life that is shipped is of the world that this tree plants, and answers as it did.

`make life` makes it anew.
"""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from epione_inference.lives import LifeModel
from epione_training.lives.planted import planted, version_of
from epione_training.lives.world import world_of

SHIPPED = Path(str(files("epione_inference"))) / "models" / "life"
MOST_BYTES = 10_000_000


@pytest.fixture(scope="module")
def shipped() -> Path:
    assert SHIPPED.is_dir(), "no model of a life is shipped: make life"
    (folder,) = SHIPPED.iterdir()
    return folder


def test_the_shipped_model_was_made_of_the_planted_world(shipped: Path) -> None:
    card = json.loads((shipped / "card.json").read_text(encoding="utf-8"))

    assert card["model"]["cohort"]["planted"] == version_of(planted()), "make life"
    assert shipped.name == planted()["version"]


def test_the_shipped_model_answers_as_its_card_says(shipped: Path) -> None:
    model = LifeModel(shipped)

    assert model.vocabulary == world_of(planted()).vocabulary


def test_the_shipped_model_has_a_card_of_lives_that_it_did_not_learn_from(shipped: Path) -> None:
    page = (shipped / "card.md").read_text(encoding="utf-8")

    assert "lives that it did not learn from" in page
    assert f"world of {version_of(planted())}" in page


def test_the_shipped_model_is_small(shipped: Path) -> None:
    assert sum(file.stat().st_size for file in shipped.iterdir()) < MOST_BYTES
