"""The public surface of the served model of a life, pinned."""

from epione_inference import lives


def test_the_front_door_offers_these_names_and_no_others() -> None:
    assert set(lives.__all__) == {
        "Futures",
        "Life",
        "LifeModel",
        "Read",
        "answers_of",
        "futures_of",
    }
    assert all(hasattr(lives, name) for name in lives.__all__)
