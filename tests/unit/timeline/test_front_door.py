"""The timeline's public surface, pinned."""

from epione import timeline


def test_the_front_door_offers_these_names_and_no_others() -> None:
    assert {name for name in timeline.__all__ if name[0].islower()} == {
        "fact_in_words",
        "facts_of",
        "fold",
        "forwarded",
        "genome_of",
        "history_of",
        "is_later",
        "joined",
        "members_of",
        "now_of",
        "origin_of",
        "survivor_of",
        "survivors_ever",
        "time_reached",
    }
    assert all(hasattr(timeline, name) for name in timeline.__all__)
