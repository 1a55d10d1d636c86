"""What the room shows."""

from epione import reporting


def test_the_front_door_shows_what_the_room_is_for() -> None:
    assert reporting.__all__ == ["Findings", "bundle_of", "findings_of", "text_of"]
