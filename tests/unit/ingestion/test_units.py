import pytest

from epione_ingestion.units import SPELLINGS, ucum_of


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("mmHg", "mm[Hg]"),
        ("mm Hg", "mm[Hg]"),
        ("mm[Hg]", "mm[Hg]"),
        ("bpm", "/min"),
        ("beats/minute", "/min"),
        ("{beats}/min", "/min"),
        ("gm/dl", "g/dL"),
        ("MG/DL", "mg/dL"),
        ("µmol/L", "umol/L"),
        ("μmol/L", "umol/L"),
        ("lbs", "[lb_av]"),
        ("inches", "[in_i]"),
        ("kg/m^2", "kg/m2"),
        ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
        ("(score)", "{score}"),
        ("°C", "Cel"),
        ("10^9/L", "10*9/L"),
    ],
)
def test_a_spelling_becomes_its_ucum_code(text: str, unit: str) -> None:
    assert ucum_of(text) == unit


@pytest.mark.parametrize("unit", sorted(set(SPELLINGS.values())))
def test_a_ucum_code_stays_itself(unit: str) -> None:
    assert ucum_of(unit) == unit


def test_an_unknown_unit_is_kept_as_sent() -> None:
    assert ucum_of("ng/mL{FEU}") == "ng/mL{FEU}"


@pytest.mark.parametrize("text", ["", "as Mr. Cole's doctor, Dr. Shauna Lindgren, said", "ünits"])
def test_a_text_that_is_no_unit_is_not_kept(text: str) -> None:
    assert ucum_of(text) == ""
