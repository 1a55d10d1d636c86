"""A model's folder is read as it was left, or refused with what is wrong with it."""

import json
from pathlib import Path

import pytest
import torch

from epione.errors import Misconfigured
from epione_training.lives.store import MODEL, Stored, load, save


def test_a_model_is_read_as_it_was_left(stored_life: Stored, tmp_path: Path) -> None:
    save(stored_life, tmp_path)

    again, left = (each.network.state_dict() for each in (load(tmp_path), stored_life))

    assert again.keys() == left.keys()
    assert all(torch.equal(again[name], left[name]) for name in left)


def test_a_model_of_an_earlier_release_is_named_as_one(stored_life: Stored, tmp_path: Path) -> None:
    save(stored_life, tmp_path)
    about = json.loads((tmp_path / MODEL).read_text())
    (tmp_path / MODEL).write_text(json.dumps(about | {"format": 2}))
    (tmp_path / "counted.npz").unlink()

    with pytest.raises(Misconfigured, match="another format than 3"):
        load(tmp_path)
