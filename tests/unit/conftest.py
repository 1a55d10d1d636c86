"""A small model of a life, exported as the command exports it: once, for it takes seconds."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from epione_training.lives.store import Stored


@pytest.fixture(scope="session")
def stored_life() -> "Stored":
    """A network whose every part says something, of a world with a genome that nobody has."""
    from tests.unit.training.lives.served_world import stored

    return stored()


@pytest.fixture(scope="session")
def served_life(stored_life: "Stored", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `epione export` writes of it."""
    from typer.testing import CliRunner

    from epione_cli.app import command_line
    from epione_training.lives.store import save

    folder = tmp_path_factory.mktemp("life")
    save(stored_life, folder)
    app = command_line(["export", "evaluate"])
    ran = CliRunner().invoke(app, ["export", str(folder), "--out", str(folder / "served")])
    assert ran.exit_code == 0, ran.output
    return folder / "served"
