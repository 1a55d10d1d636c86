"""PREVENT in torch: right against outside answers, and the same once exported."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from epione.medicine.risk import (
    COLUMNS,
    HORIZONS_YEARS,
    OPTIONAL,
    OUTCOMES,
    RANGES,
    Floats,
    Model,
    PreventInputs,
    rows_of,
)
from epione.medicine.risk.coefficients import TERMS, coefficients
from epione_training.prevent import VERSION, onnx_of, write
from epione_training.prevent_equations import Prevent, terms_of
from epione_training.prevent_evaluation import HALF_A_DIGIT, evaluate, vectors_of

SHIPPED = Path(str(resources.files("epione_inference"))) / "models" / "prevent" / VERSION

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


@pytest.fixture(scope="module")
def model() -> Prevent:
    return Prevent(coefficients())


def answer_of(model: Prevent, inputs: PreventInputs) -> tuple[Floats, Model]:
    risks, models = model(torch.from_numpy(rows_of([inputs])))
    return risks[0].numpy(), list(Model)[int(models[0])]


def rows_over_the_ranges(n_rows: int, seed: int) -> Floats:
    """Draw inputs over the whole ranges, ends included, optional ones absent in half the rows."""
    generator = np.random.default_rng(seed)
    rows = np.empty((n_rows, len(COLUMNS)))
    for index, name in enumerate(COLUMNS):
        if name in RANGES:
            ends = [RANGES[name].low, RANGES[name].high]
            rows[:, index] = generator.uniform(ends[0], ends[1], n_rows)
            rows[:2, index] = ends
        else:
            rows[:, index] = generator.integers(0, 2, n_rows)
        if name in OPTIONAL:
            rows[generator.random(n_rows) < 0.5, index] = np.nan
    return rows


# Khan et al. 2024, Supplement, Table S25: the worked example, base model.
def test_the_published_example_is_met(model: Prevent) -> None:
    risks, answered = answer_of(model, PERSON)

    assert answered is Model.BASE
    assert risks.round(3).tolist() == [
        [0.147, 0.092, 0.081, 0.044, 0.054],
        [0.530, 0.354, 0.390, 0.198, 0.221],
    ]


@pytest.mark.reference
def test_every_reference_answer_and_refusal_is_met(model: Prevent, reference_data: Path) -> None:
    evaluation = evaluate(model, vectors_of(reference_data))

    assert evaluation.right == evaluation.vectors == 384
    assert evaluation.refusals == 20
    assert evaluation.largest_difference <= HALF_A_DIGIT


@pytest.mark.reference
def test_published_literals_are_met(model: Prevent, reference_data: Path) -> None:
    text = (reference_data / "risk" / "published_literals.jsonl").read_text(encoding="utf-8")
    literals = [each for each in map(json.loads, text.splitlines()) if "PREVENT/" in each["model"]]
    # Where a zip code stands for deprivation, its decile is not in the reference.
    literals = [each for each in literals if "zip" not in each["inputs"]]

    answers = [answer_of(model, PreventInputs(**each["inputs"])) for each in literals]

    assert [answered for _, answered in answers] == [each["model"][8:] for each in literals]
    assert [risks.round(3).tolist() for risks, _ in answers] == [
        [[expected[f"y{years}"][outcome] for outcome in OUTCOMES] for years in HORIZONS_YEARS]
        for expected in (each["expected"] for each in literals)
    ]


@pytest.mark.parametrize(
    ("known", "answers"),
    [
        pytest.param({}, Model.BASE, id="nothing more"),
        pytest.param({"hba1c": 7.5}, Model.HBA1C, id="HbA1c"),
        pytest.param({"uacr": 40.0}, Model.UACR, id="albuminuria"),
        pytest.param({"sdi_decile": 4}, Model.SDI, id="deprivation"),
        pytest.param({"hba1c": 7.5, "uacr": 40.0}, Model.FULL, id="two"),
        pytest.param({"hba1c": 7.5, "uacr": 40.0, "sdi_decile": 4}, Model.FULL, id="three"),
    ],
)
def test_what_more_is_known_chooses_the_model(
    model: Prevent, known: Mapping[str, float], answers: Model
) -> None:
    _, answered = answer_of(model, replace(PERSON, **known))  # type: ignore[arg-type]

    assert answered is answers


@pytest.mark.parametrize(
    ("decile", "same_as"),
    [
        pytest.param(1, 3, id="1 to 3 are one category"),
        pytest.param(4, 6, id="4 to 6 are one category"),
        pytest.param(7, 10, id="7 to 10 are one category"),
    ],
)
def test_deciles_count_in_three_categories(model: Prevent, decile: int, same_as: int) -> None:
    first, _ = answer_of(model, replace(PERSON, sdi_decile=decile))
    second, _ = answer_of(model, replace(PERSON, sdi_decile=same_as))
    next_one, _ = answer_of(model, replace(PERSON, sdi_decile=min(same_as + 1, 10)))

    assert first.tolist() == second.tolist()
    assert same_as == 10 or next_one.tolist() != first.tolist()


def test_hdl_is_counted_per_0_3_mmol_l_in_the_product_with_age_too() -> None:
    (row,) = terms_of(torch.from_numpy(rows_of([replace(PERSON, age=65, hdl_c=62)])))

    terms = dict(zip(TERMS, row.tolist(), strict=True))
    assert terms["hdl_c"] == pytest.approx((62 * 0.02586 - 1.3) / 0.3)
    assert terms["age x hdl_c"] == pytest.approx(terms["hdl_c"])


def test_what_is_exported_answers_as_torch_does(model: Prevent) -> None:
    rows = rows_over_the_ranges(5_000, seed=1)
    session = onnxruntime.InferenceSession(
        SHIPPED / "model.onnx", providers=["CPUExecutionProvider"]
    )

    risks, models = session.run(None, {"inputs": rows})

    expected_risks, expected_models = model(torch.from_numpy(rows))
    assert risks.dtype == np.float64
    assert np.abs(risks - expected_risks.numpy()).max() < 1e-12
    assert (models == expected_models.numpy()).all()
    assert set(models.tolist()) == set(range(len(Model)))


def test_the_card_knows_the_artefact() -> None:
    card = json.loads((SHIPPED / "card.json").read_text(encoding="utf-8"))

    artefact = (SHIPPED / card["artefact"]["file"]).read_bytes()
    assert card["artefact"]["sha256"] == hashlib.sha256(artefact).hexdigest()
    assert card["version"] == VERSION
    assert [each["name"] for each in card["inputs"]] == list(COLUMNS)


def test_exporting_again_gives_the_same_bytes_and_no_path(model: Prevent) -> None:
    once, again = onnx_of(model), onnx_of(Prevent(coefficients()))

    assert once == again
    assert b"epione_training" not in once


@pytest.mark.reference
def test_the_shipped_card_is_what_is_written(tmp_path: Path, reference_data: Path) -> None:
    folder = write(tmp_path, reference_data)

    for name in ("card.json", "card.md"):
        written = (folder / name).read_text(encoding="utf-8")
        assert written == (SHIPPED / name).read_text(encoding="utf-8")
