from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from epione.errors import MalformedEvent
from epione_ingestion.times import fhir_date, fhir_time, hl7_date, hl7_time, hl7_zone

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        pytest.param("2026-07-01T12:00:00Z", None, datetime(2026, 7, 1, 12, tzinfo=UTC), id="UTC"),
        pytest.param(
            "2026-07-01T12:00:00-05:00", None, datetime(2026, 7, 1, 17, tzinfo=UTC), id="its zone"
        ),
        pytest.param(
            "2026-07-01T12:00:00.25Z",
            None,
            datetime(2026, 7, 1, 12, 0, 0, 250_000, tzinfo=UTC),
            id="parts",
        ),
        pytest.param(
            "2026-07-01T12:00",
            BERLIN,
            datetime(2026, 7, 1, 10, tzinfo=UTC),
            id="the operator's zone",
        ),
        pytest.param(
            "2026-07-01T12:00Z",
            BERLIN,
            datetime(2026, 7, 1, 12, tzinfo=UTC),
            id="its own goes first",
        ),
        pytest.param(
            "2026-07-01", BERLIN, datetime(2026, 7, 1, tzinfo=UTC), id="a date has no zone"
        ),
        pytest.param("2026-07", None, datetime(2026, 7, 1, tzinfo=UTC), id="a month"),
        pytest.param("2026", None, datetime(2026, 1, 1, tzinfo=UTC), id="a year"),
    ],
)
def test_a_fhir_time_is_read_to_utc(text: str, zone: tzinfo | None, moment: datetime) -> None:
    assert fhir_time(text, zone, "x") == moment


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-07-01T12:00:00", id="no zone"),
        pytest.param("2026-02-30", id="no day"),
        pytest.param("2026-07-01T25:00:00Z", id="no hour"),
        pytest.param("0001-01-01T00:00:00+14:00", id="before all years"),
        pytest.param("2026-07-01T12:00:00+99:99", id="no offset"),
        pytest.param("20260701", id="HL7's form"),
        pytest.param("２０２６", id="digits of another script"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_fhir_time_is_refused(text: str) -> None:
    with pytest.raises(MalformedEvent, match=r"^Observation\.issued "):
        fhir_time(text, None, "Observation.issued")


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        pytest.param(
            "20260701120000+0200", None, datetime(2026, 7, 1, 10, tzinfo=UTC), id="its zone"
        ),
        pytest.param(
            "202607011200-0500",
            BERLIN,
            datetime(2026, 7, 1, 17, tzinfo=UTC),
            id="its own goes first",
        ),
        pytest.param(
            "20260701120000.5",
            BERLIN,
            datetime(2026, 7, 1, 10, 0, 0, 500_000, tzinfo=UTC),
            id="given",
        ),
        pytest.param("20260701", None, datetime(2026, 7, 1, tzinfo=UTC), id="a date has no zone"),
        pytest.param("202607", None, datetime(2026, 7, 1, tzinfo=UTC), id="a month"),
    ],
)
def test_an_hl7_time_is_read_to_utc(text: str, zone: tzinfo | None, moment: datetime) -> None:
    assert hl7_time(text, zone, "x") == moment


@pytest.mark.parametrize("text", ["202607011200", "20260230", "2026070", "2026-07-01", "noon"])
def test_what_is_no_hl7_time_is_refused(text: str) -> None:
    with pytest.raises(MalformedEvent, match=r"^MSH\[1\]-7 "):
        hl7_time(text, None, "MSH[1]-7")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("20260701120000-0530", timezone(-timedelta(hours=5, minutes=30))),
        ("20260701120000", None),
        ("noon", None),
    ],
)
def test_an_hl7_time_states_its_zone_or_none(text: str, zone: tzinfo | None) -> None:
    assert hl7_zone(text) == zone


@pytest.mark.parametrize("date", ["1970-04-21", "1970-04", "1970"])
def test_a_date_keeps_the_precision_known(date: str) -> None:
    assert fhir_date(date, "x") == hl7_date(date.replace("-", ""), "x") == date


def test_a_birth_time_is_a_birth_date() -> None:
    assert hl7_date("197004211130", "x") == "1970-04-21"


@pytest.mark.parametrize("text", ["1970-13", "1970-02-30", "21.4.1970"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(MalformedEvent):
        fhir_date(text, "Patient.birthDate")
