"""What the room offers to others; a change here is a change for them."""

import epione.medicine.risk as room


def test_the_front_door_is_this_wide() -> None:
    assert room.__all__ == [
        "CAVEAT",
        "COLUMNS",
        "HORIZONS_YEARS",
        "OPTIONAL",
        "OUTCOMES",
        "RANGES",
        "REQUIRED",
        "SEXES",
        "Floats",
        "Indices",
        "Model",
        "PreventInputs",
        "PreventRefusal",
        "PreventRisks",
        "Range",
        "Scenario",
        "egfr_of",
        "prevent_evidence",
        "refusal_of",
        "risks_of",
        "rows_of",
        "scenarios_of",
        "warnings_of",
    ]
