"""The public surface of the served model of a life, pinned."""

from epione_inference import lives


def test_the_front_door_offers_these_names_and_no_others() -> None:
    assert {name for name in lives.__all__ if name[0].islower()} == {
        "futures_of",
        "life_of",
        "reasons_for",
        "refusal_of",
        "refusal_of_code",
        "risks_within",
    }
    assert all(hasattr(lives, name) for name in lives.__all__)
