"""What the room offers to others; a change here is a change for them."""

import epione.medicine.guidelines as room


def test_the_front_door_is_this_wide() -> None:
    assert room.__all__ == [
        "HYPERTENSION",
        "RELEASE",
        "AveragePressure",
        "BloodPressure",
        "Category",
        "Chart",
        "Finding",
        "Ground",
        "Problem",
        "average_of",
        "category_of",
        "findings_of",
    ]
