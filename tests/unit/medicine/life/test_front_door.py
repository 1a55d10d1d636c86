"""The public surface of risks of a life, pinned."""

from epione.medicine import life


def test_the_front_door_offers_these_names_and_no_others() -> None:
    assert set(life.__all__) == {
        "DECIMALS",
        "HAD",
        "HORIZONS_YEARS",
        "OUTCOMES",
        "TOLD_STEP",
        "LifeAnswer",
        "LifeCard",
        "LifeQuestion",
        "LifeRisk",
        "Mover",
        "ServedLife",
        "base_of",
        "code_of",
        "combined",
        "far_apart",
        "percent",
        "question_of",
        "range_of",
        "steps_between",
        "steps_of",
        "times_of",
        "told",
        "told_interval",
    }
    assert all(hasattr(life, name) for name in life.__all__)
