"""PID: what of the patient matters to a plan."""

from datetime import datetime, timedelta

from epione.timeline import Demographics, Gender
from epione.wire.encoding import EPOCH
from epione_ingestion.hl7v2.er7 import Segment
from epione_ingestion.hl7v2.reading import Reading, Subject
from epione_ingestion.times import hl7_date

# HL7 table 0001 (v2.9), and the words that some senders write.
GENDERS = {
    "F": Gender.FEMALE,
    "FEMALE": Gender.FEMALE,
    "M": Gender.MALE,
    "MALE": Gender.MALE,
    "O": Gender.OTHER,
    "A": Gender.OTHER,  # ambiguous
    "X": Gender.OTHER,
    "N": Gender.UNKNOWN,  # not applicable
    "U": Gender.UNKNOWN,
    "": Gender.UNKNOWN,
}


def read_demographics(reading: Reading, subject: Subject, segment: Segment, part: str) -> None:
    """Note what PID says; one that says only who it is changes nothing.

    Args:
        part: What names the fact: PID of an admission and of a result are two, since the second
            says less, and must not take back what the first says.

    Raises:
        MalformedEvent: A date of it is none.
    """
    birth, sex = segment.text(7), segment.text(8).upper()
    deceased_at = _deceased_at(reading, segment)
    if not (birth or sex or deceased_at):
        return
    if sex not in GENDERS:
        reading.skip("PID-8 outside of table 0001")
    demographics = Demographics(
        birth_date=hl7_date(birth, segment.path(7)) if birth else "",
        gender=GENDERS.get(sex, Gender.UNKNOWN),
        deceased_at=deceased_at,
    )
    record = subject.record
    reading.add(subject, reading.entity("", part, record.assigner, record.number), demographics)


def _deceased_at(reading: Reading, segment: Segment) -> datetime | None:
    """Give PID-29; where only PID-30 says that the patient died, when that was said."""
    if segment.text(29) or segment.text(30) != "Y":
        return reading.time(segment, 29)
    return EPOCH + timedelta(microseconds=reading.version(0).time_us)
