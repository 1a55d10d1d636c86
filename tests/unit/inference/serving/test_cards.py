"""What serving reads of a card, and the artefact that must be the one described."""

import json
from pathlib import Path

import pytest
from tests.unit.inference.candidates import version_in

from epione.errors import Misconfigured
from epione_inference.prevent import VERSION, shipped
from epione_inference.serving import artefact_of, card_in


def test_a_card_says_what_serving_needs() -> None:
    card = card_in(shipped())

    assert (card.name, card.version, card.knowledge_release) == ("prevent", VERSION, "2024-02")
    assert card.columns[:2] == ("age", "sex")
    assert list(card.outputs) == ["risks", "model"]
    assert len(card.checks.inputs["inputs"]) == 5


def test_the_artefact_is_the_one_described() -> None:
    assert artefact_of(card_in(shipped())) == (shipped() / "model.onnx").read_bytes()


def test_an_artefact_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = version_in(tmp_path, "2024-02.2")
    with (folder / "model.onnx").open("ab") as artefact:
        artefact.write(b"\0")

    with pytest.raises(Misconfigured, match="not the one its card describes"):
        artefact_of(card_in(folder))


def test_an_artefact_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = version_in(tmp_path, "2024-02.2")
    (folder / "model.onnx").unlink()

    with pytest.raises(Misconfigured, match=r"no artefact of 2024-02\.2"):
        artefact_of(card_in(folder))


def test_a_folder_without_a_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"holds no card\.json"):
        card_in(tmp_path)


@pytest.mark.parametrize(
    ("heading", "said", "named"),
    [
        pytest.param("version", None, "version", id="no version"),
        pytest.param("checks", None, "checks", id="no checks"),
        pytest.param(
            "artefact",
            {"file": "../other/model.onnx", "sha256": "0" * 64},
            "artefact.file",
            id="an artefact of another folder",
        ),
    ],
)
def test_a_card_that_says_too_little_is_refused_by_name(
    tmp_path: Path, heading: str, said: object, named: str
) -> None:
    folder = version_in(tmp_path, "2024-02.2")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card[heading] = said
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")

    with pytest.raises(Misconfigured, match=named):
        card_in(folder)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_card_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "card.json").write_bytes(text)

    with pytest.raises(Misconfigured, match=r"card\.json"):
        card_in(tmp_path)
