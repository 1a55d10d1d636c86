"""The artefact that is served is the one its card describes."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from epione.errors import Misconfigured
from epione.medicine.risk import PreventInputs
from epione_inference.prevent import VERSION, PreventModel, card_in, shipped
from epione_inference.sessions import Execution

PERSON = PreventInputs(
    age=50,
    sex="female",
    sbp=160,
    bp_tx=True,
    total_c=200,
    hdl_c=45,
    statin=False,
    dm=True,
    smoking=False,
    egfr=90,
    bmi=35,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may spoil."""
    return shutil.copytree(shipped(), tmp_path / VERSION)


def test_the_shipped_model_names_its_version_and_knowledge() -> None:
    card = card_in(shipped())

    assert (card.name, card.version, card.knowledge_release) == ("prevent", VERSION, "2024-02")


def test_an_artefact_that_was_changed_is_refused(folder: Path) -> None:
    with (folder / "model.onnx").open("ab") as artefact:
        artefact.write(b"\0")

    with pytest.raises(Misconfigured, match="not the one its card describes"):
        card_in(folder)


def test_a_card_that_asks_for_other_columns_is_refused(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["inputs"].reverse()
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")

    with pytest.raises(Misconfigured, match="asks"):
        card_in(folder)


# Khan et al. 2024, Supplement, Table S25.
def test_the_published_example_is_answered_in_order() -> None:
    model = PreventModel(shipped(), Execution())

    man, woman = model.answer([replace(PERSON, sex="male"), PERSON])

    assert round(woman.y10["total_cvd"], 3) == 0.147
    assert round(woman.y30["total_cvd"], 3) == 0.530
    assert man.y10["total_cvd"] > woman.y10["total_cvd"]


def test_nobody_is_asked_about() -> None:
    assert PreventModel(shipped(), Execution()).answer([]) == []


def test_an_answer_is_the_same_to_the_last_bit_alone_and_among_others() -> None:
    model = PreventModel(shipped(), Execution())
    people = [replace(PERSON, age=30 + n % 50, sbp=90 + n % 91) for n in range(700)]

    together = model.answer(people)

    assert [model.answer([each])[0] for each in people] == together
