"""CKD-EPI 2021 against the reference, at its knots, and where it does not speak."""

import json
from pathlib import Path

import pytest

from epione.medicine.risk import egfr_of


@pytest.mark.reference
def test_every_reference_value_is_met_at_whole_numbers(reference_data: Path) -> None:
    lines = (reference_data / "risk" / "ckd_epi_2021_generated.jsonl").read_text().splitlines()
    vectors = [json.loads(line) for line in lines]

    answers = [
        egfr_of(each["inputs"]["creatinine_mg_dl"], each["inputs"]["age"], each["inputs"]["sex"])
        for each in vectors
    ]

    assert [round(answer or 0) for answer in answers] == [
        each["expected"]["egfr_int"] for each in vectors
    ]


UMOL_L_PER_MG_DL = 88.4


@pytest.mark.reference
def test_values_that_physicians_corrected_are_met_at_two_decimals(reference_data: Path) -> None:
    lines = (reference_data / "risk" / "medcalc_entities_v1.jsonl").read_text(encoding="utf-8")
    entities = [
        each for each in map(json.loads, lines.splitlines()) if "CKD-EPI" in each["calculator"]
    ]

    for each in entities:
        (creatinine, unit), (age, _) = each["inputs"]["creatinine"], each["inputs"]["age"]
        creatinine_mg_dl = creatinine if unit == "mg/dL" else creatinine / UMOL_L_PER_MG_DL

        answer = egfr_of(creatinine_mg_dl, age, each["inputs"]["sex"].lower())

        assert answer == pytest.approx(float(each["expected_physician_corrected"]), abs=0.005)


# By hand from the published form, at the knot: 142 (x 1.012 for women) x 0.9938^50 (= 0.73274).
@pytest.mark.parametrize(
    ("sex", "kappa_mg_dl", "at_the_knot"),
    [
        pytest.param("female", 0.7, 105.298, id="women's slopes meet at 0.7 mg/dL"),
        pytest.param("male", 0.9, 104.049, id="men's slopes meet at 0.9 mg/dL"),
    ],
)
def test_the_two_slopes_meet(sex: str, kappa_mg_dl: float, at_the_knot: float) -> None:
    below, at, above = (egfr_of(kappa_mg_dl + step, 50, sex) for step in (-1e-9, 0, 1e-9))

    assert at == pytest.approx(at_the_knot, abs=0.001)
    assert below == pytest.approx(at, abs=1e-5)
    assert above == pytest.approx(at, abs=1e-5)


def test_more_creatinine_is_less_function_on_both_slopes() -> None:
    low, knot, high = (egfr_of(creatinine, 50, "male") or 0 for creatinine in (0.6, 0.9, 1.8))

    assert low > knot > high


@pytest.mark.parametrize(
    ("creatinine_mg_dl", "age_years", "sex"),
    [
        pytest.param(0.8, 17, "female", id="a child"),
        pytest.param(0.8, 50, "other", id="a sex the equation was not made for"),
        pytest.param(0.0, 50, "female", id="no creatinine at all"),
    ],
)
def test_where_the_equation_does_not_speak_there_is_no_value(
    creatinine_mg_dl: float, age_years: float, sex: str
) -> None:
    assert egfr_of(creatinine_mg_dl, age_years, sex) is None


def test_the_youngest_adult_has_a_value() -> None:
    assert egfr_of(0.8, 18, "female") is not None
