"""The public surface of risks of a life, pinned."""

from epione.medicine import life


def test_the_front_door_offers_these_names_and_no_others() -> None:
    assert set(life.__all__) == {
        "HORIZONS_YEARS",
        "OUTCOMES",
        "LifeAnswer",
        "LifeQuestion",
        "LifeRisk",
        "Mover",
        "combined",
        "far_apart",
    }
    assert all(hasattr(life, name) for name in life.__all__)
