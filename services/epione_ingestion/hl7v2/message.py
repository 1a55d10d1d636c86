"""An HL7 v2 message: what it is, and what is found in it."""

from collections.abc import Callable

from epione_ingestion.envelope import Envelope
from epione_ingestion.findings import Findings
from epione_ingestion.hl7v2.admissions import read_admission
from epione_ingestion.hl7v2.er7 import Segment, parsed_er7
from epione_ingestion.hl7v2.merges import read_merge, read_unmerge
from epione_ingestion.hl7v2.reading import Reading, sender_of
from epione_ingestion.hl7v2.results import read_results
from epione_ingestion.hl7v2.vocabulary import message_name, segment_name
from epione_ingestion.rules import Rules

ADMISSION = (read_admission, frozenset({"MSH", "EVN", "PID", "PV1", "DG1", "AL1", "OBX"}))
READERS: dict[str, tuple[Callable[[Reading], None], frozenset[str]]] = {  # and what they read
    "ADT_A01": ADMISSION,
    "ADT_A04": ADMISSION,
    "ADT_A08": ADMISSION,
    "ADT_A37": (read_unmerge, frozenset({"MSH", "EVN", "PID"})),
    "ADT_A40": (read_merge, frozenset({"MSH", "EVN", "PID", "MRG"})),
    "ORU_R01": (read_results, frozenset({"MSH", "PID", "ORC", "OBR", "OBX", "SPM"})),
}


def read_hl7v2(value: bytes, envelope: Envelope, rules: Rules) -> Findings:
    """Find what a message holds; a segment at fault does not hide the others.

    Raises:
        Rejected: It is no HL7 v2 message, or does not say whose it is, or when it was made.
    """
    segments = parsed_er7(value)
    findings = Findings()
    kind = _kind_of(segments[0])
    if kind not in READERS:
        findings.unused[message_name(kind)] += 1
        return findings
    read, used = READERS[kind]
    findings.unused.update(segment_name(each.name) for each in segments if each.name not in used)
    sender = sender_of(segments[0], envelope, rules)
    read(Reading(segments, sender, envelope, rules, findings))
    return findings


def _kind_of(header: Segment) -> str:
    """Give MSH-9 as "ORU_R01", whatever its third component says."""
    return f"{header.text(9, 1)}_{header.text(9, 2)}"
