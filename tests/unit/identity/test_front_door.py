import epione.identity


def test_the_room_offers_what_its_front_door_says() -> None:
    assert epione.identity.__all__ == [
        "Assigners",
        "Identifier",
        "Keys",
        "MedicalRecord",
        "alias",
        "alias_link",
        "entity_id",
        "keys_of",
        "link_id",
        "medical_record",
        "patient_key",
        "pseudonym",
        "record_link",
        "seal",
        "unseal",
    ]
