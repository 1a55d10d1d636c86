"""Times as FHIR and HL7 v2 write them, to aware UTC."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from epione.errors import MalformedEvent

# FHIR R4 dateTime: the time, where there is one, has minutes at least.
FHIR_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?"
    r"(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?)?)?",
    re.ASCII,
)
# HL7 v2.9 DTM, section 2.A.22: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ].
HL7_TIME = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,6})?)?)?)?)?)?"
    r"([+-](?:0\d|1[0-4])[0-5]\d)?",
    re.ASCII,
)


def fhir_time(text: str, zone: tzinfo | None, path: str) -> datetime:
    """Read a FHIR date, dateTime or instant; a date without a time is its first moment in UTC.

    Raises:
        MalformedEvent: It is none, or it has a time of day, no zone, and `zone` is None.
    """
    return _moment(FHIR_TIME.fullmatch(text), zone, path, "must be a FHIR dateTime")


def hl7_time(text: str, zone: tzinfo | None, path: str) -> datetime:
    """Read an HL7 v2 time; a date without a time is its first moment in UTC.

    Raises:
        MalformedEvent: It is none, or it has a time of day, no zone, and `zone` is None.
    """
    return _moment(
        HL7_TIME.fullmatch(text), zone, path, "must be YYYY[MM[DD[HH[MM[SS[.S]]]]]][+ZZZZ]"
    )


def hl7_zone(text: str) -> tzinfo | None:
    """Give the zone that an HL7 time states, or None."""
    match = HL7_TIME.fullmatch(text)
    return _zone(match[8]) if match and match[8] else None


def fhir_date(text: str, path: str) -> str:
    """Give a date to the precision known: "1970-04-21", "1970-04" or "1970"."""
    return _date(FHIR_TIME.fullmatch(text), path, "must be a FHIR date")


def hl7_date(text: str, path: str) -> str:
    """Give a date to the precision known: "1970-04-21", "1970-04" or "1970"."""
    return _date(HL7_TIME.fullmatch(text), path, "must be YYYY[MM[DD]]")


def _moment(match: re.Match[str] | None, zone: tzinfo | None, path: str, rule: str) -> datetime:
    if match is None:
        raise MalformedEvent(f"{path} {rule}")
    year, month, day, hour, minute, second, fraction, stated = match.groups()
    if hour is None:
        zone = UTC
    elif stated:
        zone = _zone(stated)
    if zone is None:
        raise MalformedEvent(f"{path} has no time zone, and EPIONE_ZONE is not set")
    return _checked(
        lambda: datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int(f"{fraction or '.':0<7}"[1:7]),
            tzinfo=zone,
        ).astimezone(UTC),
        path,
    )


def _date(match: re.Match[str] | None, path: str, rule: str) -> str:
    if match is None:
        raise MalformedEvent(f"{path} {rule}")
    year, month, day = match[1], match[2], match[3]
    _checked(lambda: datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC), path)
    return "-".join(part for part in (year, month, day) if part)


def _checked(made: Callable[[], datetime], path: str) -> datetime:
    try:
        return made()
    except (ValueError, OverflowError) as fault:
        raise MalformedEvent(f"{path} is no time of the calendar") from fault


def _zone(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    digits = text.replace(":", "")
    offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return timezone(-offset if text[0] == "-" else offset)
