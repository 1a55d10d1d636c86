from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from tests.certificates import Authority

from epione.errors import Misconfigured, Unauthenticated
from epione.genomes import Allowed
from epione.identity import Assigners
from epione.timeline import LOINC, Code
from epione_ingestion.settings import IngestionSettings, admission_of, rules_of, tls_of
from epione_ingestion.tokens import Scope, Token, entry_of

SECRET = "a secret of the tests, long enough"


def settings(**values: object) -> IngestionSettings:
    given = {"kafka": "localhost:9092", "secret": SECRET, "vault": SECRET}
    return IngestionSettings.model_validate({**given, **values})


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


def test_who_is_let_in_stands_in_the_file(tmp_path: Path) -> None:
    clinic = Token("clinic", "north", frozenset({Scope.PUBLISH_FHIR}))
    (tmp_path / "tokens.toml").write_text(entry_of("a token", clinic))

    admission = admission_of(settings(tokens=str(tmp_path / "tokens.toml")))

    assert admission.keeper.admit("Bearer a token", Scope.PUBLISH_FHIR) == clinic


def test_without_a_file_nobody_is_let_in() -> None:
    with pytest.raises(Unauthenticated):
        admission_of(settings()).keeper.admit("Bearer a token", Scope.PUBLISH_FHIR)


def test_a_file_of_tokens_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="EPIONE_TOKENS"):
        admission_of(settings(tokens=str(tmp_path / "absent.toml")))


def test_http_is_plain_where_no_certificate_is_told() -> None:
    assert tls_of(settings()) is None


def test_with_a_certificate_it_is_not(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("ingestion")

    assert tls_of(settings(http_cert=str(pair.cert), http_key=str(pair.key))) is not None


def test_a_certificate_without_its_key_stops_the_start(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("ingestion")

    with pytest.raises(Misconfigured, match="EPIONE_HTTP_CERT and EPIONE_HTTP_KEY"):
        tls_of(settings(http_cert=str(pair.cert)))
