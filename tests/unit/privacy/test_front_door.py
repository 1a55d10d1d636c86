from epione import privacy


def test_the_front_door_offers_these_names_and_no_others() -> None:
    assert set(privacy.__all__) == {
        *("KEY", "OWNER", "KeyRing", "Vault", "VaultKeys", "opened_records", "opened_vault"),
        *("Action", "Entry", "Outcome", "audit_message", "entry_of"),
        *("bury", "destroy_keys", "keys_on", "pulse", "rekey"),
    }
    assert all(hasattr(privacy, name) for name in privacy.__all__)
