"""A release is read whole before it is served: what is wrong with it shows then."""

import shutil
from pathlib import Path

import pytest
from tests.unit.pharmacogenomics.candidates import candidate

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import PINNED, RELEASE, Guidelines, read_whole, release_named


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release that holds all of its own."""
    return Path(shutil.copytree(release_named("2025-11"), tmp_path / "own"))


def test_a_release_says_what_its_own_folder_says(tmp_path: Path) -> None:
    names = ("actions.tsv", "advice.tsv", "drugs.tsv")
    edits = ((name, "clopidogrel", "klopidogrel") for name in names)

    drugs = {drug.display for drug in read_whole(candidate(tmp_path, *edits)).drugs()}

    assert "klopidogrel" in drugs
    assert "clopidogrel" not in drugs
    assert "clopidogrel" in {drug.display for drug in Guidelines().drugs()}


def test_a_release_goes_by_the_name_that_it_gives_itself(tmp_path: Path) -> None:
    assert read_whole(candidate(tmp_path / "current", name="2027-01")).release == "2027-01"
    assert read_whole(PINNED).release == RELEASE


@pytest.mark.parametrize(
    "missing", ["advice.tsv", "drugs.tsv", "actions.tsv", "inhibitors.tsv", "genes", "SOURCE.toml"]
)
def test_a_folder_that_is_no_release_is_refused(folder: Path, missing: str) -> None:
    path = folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()

    with pytest.raises(Misconfigured, match="no knowledge release"):
        read_whole(folder)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("", id="no name"),
        pytest.param("release = 2026", id="a number"),
        pytest.param("release", id="not TOML"),
        pytest.param('release = "x"\nbased_on = "2019-01"', id="based on what is not there"),
        pytest.param('release = "x"\nbased_on = "{itself}"', id="based on itself"),
    ],
)
def test_a_release_that_does_not_say_what_it_is_is_refused(folder: Path, source: str) -> None:
    (folder / "SOURCE.toml").write_text(source.replace("{itself}", str(folder)))
    (folder / "advice.tsv").unlink()

    with pytest.raises(Misconfigured, match="no knowledge release"):
        read_whole(folder)


def test_a_gene_that_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / "genes" / "TPMT.json").write_text("{}")

    with pytest.raises(Misconfigured, match="no knowledge release"):
        read_whole(folder)
