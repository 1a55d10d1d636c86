"""The operator's words, read once."""

import pytest

from epione.errors import Misconfigured
from epione.settings import settings_of
from epione_inference.app import opened
from epione_inference.serving import CPU, CUDA, Execution
from epione_inference.settings import InferenceSettings

KAFKA, STATE = "broker:9092", "redis://state"


def settings(**said: str) -> InferenceSettings:
    return InferenceSettings.model_validate(
        {"kafka": KAFKA, "state": STATE, "vault": "v" * 32, **said}
    )


def test_where_nothing_is_said_models_run_on_the_cpu() -> None:
    assert settings().execution == Execution((CPU,), 1, 2)


def test_providers_are_a_list_by_commas() -> None:
    assert settings(providers=f"{CUDA}, {CPU}").execution.providers == (CUDA, CPU)


@pytest.mark.parametrize(
    ("said", "n"),
    [({}, 500), ({"life_model": "life"}, 50), ({"life_model": "life", "max_records": "9"}, 9)],
)
def test_a_batch_is_smaller_where_a_model_of_a_life_is_served(said: dict[str, str], n: int) -> None:
    assert settings(**said).records_at_once == n


def test_the_state_has_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPIONE_STATE", raising=False)

    monkeypatch.setenv("EPIONE_KAFKA", KAFKA)

    with pytest.raises(Misconfigured, match="EPIONE_STATE"):
        settings_of(InferenceSettings)


async def test_the_service_does_not_start_without_its_release_of_knowledge() -> None:
    with pytest.raises(Misconfigured, match="EPIONE_KNOWLEDGE: 2019-01 is no knowledge release"):
        await opened(settings(knowledge="2019-01")).__aenter__()
