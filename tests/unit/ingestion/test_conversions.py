import pytest

from epione.timeline import LOINC, SNOMED, Code, Quantity
from epione_ingestion.conversions import converted


@pytest.mark.parametrize(
    ("code", "sent", "read"),
    [
        # MedlinePlus and NCEP: 5.2 mmol/L is "about 200 mg/dL"; 1.7 mmol/L of triglycerides 150.
        pytest.param("14647-2", Quantity(5.2, "mmol/L"), Quantity(201.1, "mg/dL"), id="total"),
        pytest.param("2085-9", Quantity(1.0, "mmol/L"), Quantity(38.67, "mg/dL"), id="HDL"),
        pytest.param("13457-7", Quantity(2.6, "mmol/L"), Quantity(100.5, "mg/dL"), id="LDL"),
        pytest.param(
            "2571-8", Quantity(1.7, "mmol/L"), Quantity(150.6, "mg/dL"), id="triglycerides"
        ),
        # ADA Standards of Care 2024, table 2.1: 7.0 mmol/L of glucose is 126 mg/dL.
        pytest.param("2345-7", Quantity(7.0, "mmol/L"), Quantity(126.1, "mg/dL"), id="glucose"),
        # NGSP: 48 mmol/mol is 6.5 %, 53 is 7.0 %.
        pytest.param("4548-4", Quantity(48, "mmol/mol"), Quantity(6.54, "%"), id="HbA1c at 6.5"),
        pytest.param("59261-8", Quantity(53, "mmol/mol"), Quantity(7.0, "%"), id="HbA1c at 7.0"),
        pytest.param("14682-9", Quantity(88.4, "umol/L"), Quantity(1.0, "mg/dL"), id="creatinine"),
        # KDIGO 2024: 3 mg/mmol is about 30 mg/g, 30 about 300.
        pytest.param("9318-7", Quantity(3, "mg/mmol"), Quantity(26.5, "mg/g"), id="uACR"),
        pytest.param("29463-7", Quantity(185, "[lb_av]"), Quantity(83.91, "kg"), id="weight"),
        pytest.param("8302-2", Quantity(66.9, "[in_i]"), Quantity(169.9, "cm"), id="height"),
        pytest.param("8302-2", Quantity(1.75, "m"), Quantity(175, "cm"), id="height in metres"),
        pytest.param("8480-6", Quantity(18.7, "kPa"), Quantity(140.3, "mm[Hg]"), id="pressure"),
    ],
)
def test_a_measurement_is_given_in_the_unit_that_is_read(
    code: str, sent: Quantity, read: Quantity
) -> None:
    quantity = converted(Code(LOINC, code), sent)

    assert quantity is not None
    assert quantity.unit == read.unit
    assert quantity.value == pytest.approx(read.value, rel=1e-3)


def test_a_bound_stays_a_bound() -> None:
    assert converted(Code(LOINC, "2093-3"), Quantity(1, "mmol/L", "<")) == Quantity(
        38.67, "mg/dL", "<"
    )


@pytest.mark.parametrize(
    ("code", "quantity"),
    [
        pytest.param(Code(LOINC, "2093-3"), Quantity(200, "mg/dL"), id="read in this unit"),
        pytest.param(Code(LOINC, "718-7"), Quantity(13, "g/dL"), id="nobody needs another unit"),
        pytest.param(Code(SNOMED, "2093-3"), Quantity(5, "mmol/L"), id="a code of another system"),
    ],
)
def test_what_needs_no_conversion_stays_as_it_is(code: Code, quantity: Quantity) -> None:
    assert converted(code, quantity) == quantity


def test_a_percentage_on_the_scale_of_the_ifcc_is_not_taken_for_one_of_the_ngsp() -> None:
    """5.0 % by the IFCC protocol would be 6.7 % of the NGSP."""
    assert converted(Code(LOINC, "59261-8"), Quantity(5.0, "%")) is None
    assert converted(Code(LOINC, "4548-4"), Quantity(5.0, "%")) == Quantity(5.0, "%")


@pytest.mark.parametrize(
    ("code", "one", "unit"),
    [
        pytest.param("29463-7", 0.45359237, "[lb_av]", id="pound"),
        pytest.param("29463-7", 0.45359237 / 16, "[oz_av]", id="ounce"),
        pytest.param("8302-2", 2.54, "[in_i]", id="inch"),
        pytest.param("8302-2", 30.48, "[ft_i]", id="foot"),
        pytest.param("2345-7", 18.0156, "mmol/L", id="glucose"),
    ],
)
def test_a_factor_is_exact(code: str, one: float, unit: str) -> None:
    quantity = converted(Code(LOINC, code), Quantity(1, unit))

    assert quantity is not None
    assert quantity.value == pytest.approx(one, rel=1e-12)


@pytest.mark.parametrize("unit", ["", "mmol", "ng/mL"])
def test_a_unit_that_no_rule_converts_is_said_so(unit: str) -> None:
    assert converted(Code(LOINC, "2093-3"), Quantity(5, unit)) is None
