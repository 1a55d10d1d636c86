"""A process's health: open or not, told to stop or not, and why."""

from epione.operations import Claims, Health, Verdict


def test_before_it_is_open_a_service_is_alive_and_not_ready() -> None:
    health = Health()

    assert health.alive() == {}
    assert health.ready() == {"start": Verdict(False, "it is still opening")}


def test_once_open_its_own_claims_are_asked_each_time() -> None:
    health, verdicts = Health(), [Verdict(False, "not yet"), Verdict(True)]
    health.is_open(Claims(ready={"state": lambda: verdicts.pop(0)}))

    assert health.ready() == {"state": Verdict(False, "not yet")}
    assert health.ready() == {"state": Verdict(True)}


def test_a_service_told_to_stop_lives_on_and_is_not_ready() -> None:
    health = Health()
    health.is_open(Claims(ready={"kafka": lambda: Verdict(True, "it answers")}))

    health.is_stopping()

    assert health.ready()["kafka"].holds
    assert health.ready()["stop"] == Verdict(False, "it was told to stop")
