"""The pinned coefficients: whole, and as the outside reference has them."""

from itertools import product

import pytest

from epione.medicine.risk import HORIZONS_YEARS, OUTCOMES, SEXES, Model, prevent_evidence
from epione.medicine.risk.coefficients import RELEASE, TERMS, Equation, coefficients


def test_every_equation_is_there() -> None:
    assert set(coefficients()) == {
        Equation(*each) for each in product(Model, SEXES, HORIZONS_YEARS, OUTCOMES)
    }


def test_every_term_is_used_and_no_other() -> None:
    assert {term for equation in coefficients().values() for term in equation} == set(TERMS)


# Khan 2024, Table S12A: women's total cardiovascular disease over 10 years.
@pytest.mark.parametrize(
    ("term", "value"), [("constant", -3.307728), ("age", 0.7939329), ("age x hdl_c", 0.0306769)]
)
def test_a_coefficient_is_as_published(term: str, value: float) -> None:
    assert coefficients()[Equation(Model.BASE, "female", 10, "total_cvd")][term] == value


@pytest.mark.parametrize(
    ("outcome", "term"),
    [
        pytest.param("heart_failure", "hdl_c", id="heart failure does not count cholesterol"),
        pytest.param("total_cvd", "bmi from 30", id="only heart failure counts weight"),
    ],
)
def test_a_term_that_is_not_in_an_equation_is_absent(outcome: str, term: str) -> None:
    assert term not in coefficients()[Equation(Model.BASE, "male", 10, outcome)]


def test_age_squared_is_for_thirty_years_alone() -> None:
    with_it = [each for each, terms in coefficients().items() if "age squared" in terms]

    assert {each.horizon_years for each in with_it} == {30}


def test_the_evidence_names_its_release() -> None:
    assert prevent_evidence().release == RELEASE
    assert prevent_evidence().reference == "doi:10.1161/CIRCULATIONAHA.123.067626"
