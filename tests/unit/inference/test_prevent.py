"""The artefact that is served is the one its card describes."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.inference.candidates import version_in

from epione.errors import Misconfigured
from epione.medicine.risk import PreventInputs
from epione_inference.prevent import VERSION, PreventModel, shipped
from epione_inference.serving import Execution

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


def test_the_shipped_model_names_its_version_and_knowledge() -> None:
    card = PreventModel(shipped(), Execution()).card

    assert (card.name, card.version, card.knowledge_release) == ("prevent", VERSION, "2024-02")


OUTPUTS = json.loads((shipped() / "card.json").read_text(encoding="utf-8"))["outputs"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"name": "score2"}, id="another model"),
        pytest.param({"inputs": [{"name": "age"}]}, id="other columns"),
        pytest.param(
            {"outputs": {**OUTPUTS, "risks": {**OUTPUTS["risks"], "horizons_years": [30, 10]}}},
            id="other horizons",
        ),
        pytest.param(
            {"outputs": {**OUTPUTS, "risks": {**OUTPUTS["risks"], "outcomes": ["stroke"]}}},
            id="other outcomes",
        ),
        pytest.param({"outputs": {**OUTPUTS, "model": {"values": ["base"]}}}, id="other equations"),
        pytest.param(
            {"outputs": {"model": OUTPUTS["model"], "risks": OUTPUTS["risks"]}}, id="other order"
        ),
    ],
)
def test_a_model_that_asks_or_answers_otherwise_is_refused(
    tmp_path: Path, said: Mapping[str, Any]
) -> None:
    with pytest.raises(Misconfigured, match="asks or answers otherwise"):
        PreventModel(version_in(tmp_path, "2024-02.2", **said), Execution())


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
