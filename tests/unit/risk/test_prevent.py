"""What PREVENT refuses, which equations it takes, and how its inputs are written."""

from dataclasses import replace

import numpy as np
import pytest

from epione.medicine.risk import (
    COLUMNS,
    RANGES,
    REQUIRED,
    Model,
    PreventInputs,
    refusal_of,
    risks_of,
    rows_of,
    warnings_of,
)

WOMAN_OF_50 = PreventInputs(
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


def woman_with(name: str, value: float | None) -> PreventInputs:
    return replace(WOMAN_OF_50, **{name: value})  # type: ignore[arg-type]


def test_whole_inputs_are_not_refused() -> None:
    assert refusal_of(WOMAN_OF_50) is None


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_a_range_are_answered(name: str) -> None:
    ends = (RANGES[name].low, RANGES[name].high)

    assert [refusal_of(woman_with(name, end)) for end in ends] == [None, None]


@pytest.mark.parametrize("name", RANGES)
def test_a_value_beyond_either_end_is_refused_by_name(name: str) -> None:
    beyond = (RANGES[name].low - 0.1, RANGES[name].high + 0.1)

    refusals = [refusal_of(woman_with(name, value)) for value in beyond]

    assert [list(refusal.problems) for refusal in refusals if refusal] == [[name], [name]]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_input_is_named(name: str) -> None:
    refusal = refusal_of(woman_with(name, None))

    assert refusal is not None
    assert refusal.problems == {name: f"{name} is not known"}


def test_every_problem_is_named_at_once() -> None:
    refusal = refusal_of(replace(WOMAN_OF_50, bmi=52, sbp=None, uacr=0.0))

    assert refusal is not None
    assert refusal.problems == {
        "sbp": "sbp is not known",
        "bmi": "bmi 52 is outside 18.5 to 39.9",
        "uacr": "uacr 0.0 is outside 0.1 to 25000",
    }


def test_not_a_number_is_refused() -> None:
    refusal = refusal_of(replace(WOMAN_OF_50, egfr=float("nan")))

    assert refusal is not None
    assert list(refusal.problems) == ["egfr"]


def test_a_decile_is_a_whole_number() -> None:
    refusal = refusal_of(woman_with("sdi_decile", 6.5))

    assert refusal is not None
    assert refusal.problems == {"sdi_decile": "sdi_decile 6.5 is not a whole number"}


def test_a_sex_the_equations_were_not_made_for_is_refused() -> None:
    refusal = refusal_of(replace(WOMAN_OF_50, sex="other"))

    assert refusal is not None
    assert list(refusal.problems) == ["sex"]


@pytest.mark.parametrize(
    ("age", "n_warnings"),
    [
        pytest.param(59, 0, id="59 is the last age without a warning"),
        pytest.param(60, 1, id="60 is warned of"),
    ],
)
def test_thirty_years_above_59_carry_a_warning(age: float, n_warnings: int) -> None:
    warnings = warnings_of(replace(WOMAN_OF_50, age=age))

    assert len(warnings) == n_warnings
    assert all("age" in warning.split() for warning in warnings)


def test_a_row_holds_what_is_known_and_nan_for_what_is_not() -> None:
    (row,) = rows_of([replace(WOMAN_OF_50, uacr=40.0)])

    named = dict(zip(COLUMNS, row.tolist(), strict=True))
    assert (named["sex"], named["bp_tx"], named["statin"]) == (0.0, 1.0, 0.0)
    assert (named["age"], named["uacr"]) == (50.0, 40.0)
    assert np.isnan([named["hba1c"], named["sdi_decile"]]).all()


def test_no_inputs_are_no_rows() -> None:
    assert rows_of([]).shape == (0, len(COLUMNS))


def test_refused_inputs_are_never_written() -> None:
    with pytest.raises(ValueError, match="bmi"):
        rows_of([replace(WOMAN_OF_50, bmi=52)])


def test_answers_are_read_by_horizon_outcome_and_model() -> None:
    answers = np.arange(10, dtype=np.float64).reshape(1, 2, 5) / 10

    (risks,) = risks_of([replace(WOMAN_OF_50, age=60)], answers, np.array([2]))

    assert (risks.y10["total_cvd"], risks.y10["stroke"]) == (0.0, 0.4)
    assert (risks.y30["total_cvd"], risks.y30["stroke"]) == (0.5, 0.9)
    assert risks.model is Model.UACR
    assert len(risks.warnings) == 1
