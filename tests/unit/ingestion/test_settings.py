from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from epione.errors import Misconfigured
from epione.genomes import Allowed
from epione.identity import Assigners
from epione.timeline import LOINC, Code
from epione_ingestion.settings import IngestionSettings, rules_of

SECRET = "a secret of the tests, long enough"


def settings(**values: object) -> IngestionSettings:
    return IngestionSettings.model_validate({"kafka": "localhost:9092", "secret": SECRET, **values})


def test_the_rules_are_those_of_the_settings(tmp_path: Path) -> None:
    csv = tmp_path / "map.csv"
    csv.write_text(f"urn:id:L,CHOL,{LOINC},2093-3\n")

    rules = rules_of(
        settings(
            zone="Europe/Berlin",
            assigners="http://h.example/mrn, MAIN=http://h.example/mrn, WEST",
            maps=str(csv),
            genome_hosts="Genomes.example",
            genome_roots="/genomes, /lab",
        )
    )

    assert rules.zone == ZoneInfo("Europe/Berlin")
    assert rules.assigners == Assigners(
        {"MAIN": "http://h.example/mrn"}, ("http://h.example/mrn", "WEST")
    )
    assert rules.maps.target_of(Code("urn:id:L", "CHOL")) == Code(LOINC, "2093-3")
    assert rules.genomes == Allowed(
        frozenset({"genomes.example"}), (PurePosixPath("/genomes"), PurePosixPath("/lab"))
    )


def test_without_more_no_zone_and_no_genome_is_taken() -> None:
    rules = rules_of(settings())

    assert rules.zone is None
    assert rules.genomes == Allowed()


def test_a_secret_is_never_defaulted() -> None:
    with pytest.raises(ValidationError, match="secret"):
        IngestionSettings.model_validate({"kafka": "localhost:9092"})


def test_a_secret_is_never_shown() -> None:
    assert SECRET not in repr(settings())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"zone": "Mars/Olympus"}, "EPIONE_ZONE", id="an unknown zone"),
        pytest.param({"zone": "../etc/passwd"}, "EPIONE_ZONE", id="a path as a zone"),
        pytest.param({"secret": "short"}, "32 characters", id="a short secret"),
        pytest.param({"maps": "/absent.csv"}, r"map absent\.csv", id="an absent map"),
    ],
)
def test_what_cannot_be_stops_the_start(values: dict[str, object], reason: str) -> None:
    with pytest.raises(Misconfigured, match=reason):
        rules_of(settings(**values))
