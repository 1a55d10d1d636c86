import pytest
from pydantic_settings import BaseSettings, SettingsConfigDict

from epione.errors import Misconfigured
from epione.settings import refuse_misspelt, settings_of


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="EPIONE_", frozen=True)

    kafka: str
    partitions: int = 6


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")

    assert settings_of(Settings).kafka == "localhost:9092"


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        pytest.param({}, "^EPIONE_KAFKA: Field required$", id="absent"),
        pytest.param(
            {"EPIONE_KAFKA": "x", "EPIONE_PARTITIONS": "secret"},
            "^EPIONE_PARTITIONS: Input should be a valid integer",
            id="wrong",
        ),
        pytest.param({"EPIONE_KAFAK": "x"}, "EPIONE_KAFAK is no setting", id="misspelt"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], reason: str
) -> None:
    monkeypatch.delenv("EPIONE_KAFKA", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured, match=reason) as fault:
        settings_of(Settings)

    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    "variable",
    [
        pytest.param("EPIONE_PARTITION", id="a letter less"),
        pytest.param("EPIONE_PARTITONS", id="a letter missed"),
        pytest.param("EPIONE_KAFKAS", id="a letter more"),
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_refused(variable: str) -> None:
    with pytest.raises(Misconfigured, match="is no setting; is EPIONE_"):
        refuse_misspelt(Settings.model_fields, {variable: "x"})


@pytest.mark.parametrize(
    "variable", ["EPIONE_KAFKA", "EPIONE_TEST_KAFKA", "EPIONE_REDIS_URL", "KAFAK", "PATH"]
)
def test_other_variables_may_stand_beside(variable: str) -> None:
    refuse_misspelt(Settings.model_fields, {variable: "x"})
