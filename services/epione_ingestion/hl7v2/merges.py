"""ADT A40 and A37: two records are one patient's, or are not after all."""

from epione.errors import MalformedEvent, Rejected
from epione.identity import link_id
from epione.timeline import PatientsMerged, PatientsUnmerged, Status
from epione_ingestion.findings import Fact
from epione_ingestion.hl7v2.demographics import read_demographics
from epione_ingestion.hl7v2.er7 import Segment
from epione_ingestion.hl7v2.reading import Reading, Subject


def read_merge(reading: Reading) -> None:
    """Read A40: each MRG names a record that ends, the PID before it the one that goes on."""
    survivor: Subject | None = None
    n_merges = 0
    for segment in reading.segments:
        try:
            if segment.name == "PID":
                survivor = None
                survivor = reading.subject(segment, 3)
                read_demographics(reading, survivor, segment, "PID")
            elif segment.name == "MRG":
                n_merges += 1
                if survivor is not None:
                    _merge(reading, survivor, reading.subject(segment, 1), segment)
        except Rejected as fault:
            reading.findings.refuse(fault, f"{segment.place}: ")
    if not n_merges:
        raise MalformedEvent("no MRG")


def read_unmerge(reading: Reading) -> None:
    """Read A37: its two PID are two patients, the first of them the one that had survived.

    Raises:
        Rejected: There are not two, or one of them names no record.
    """
    pids = [segment for segment in reading.segments if segment.name == "PID"]
    if len(pids) != 2:
        raise MalformedEvent(f"{len(pids)} PID, where two records are to be told apart")
    survivor, retired = (reading.subject(segment, 3).patient for segment in pids)
    _on_both_logs(reading, PatientsUnmerged(retired, survivor), 1)


def _merge(reading: Reading, survivor: Subject, retired: Subject, segment: Segment) -> None:
    if survivor.patient == retired.patient:
        raise MalformedEvent(f"{segment.path(1)} names the record that it is merged into")
    _on_both_logs(reading, PatientsMerged(retired.patient, survivor.patient), 0)


def _on_both_logs(reading: Reading, body: PatientsMerged | PatientsUnmerged, rank: int) -> None:
    keys, tenant = reading.rules.keys, reading.envelope.tenant
    version = reading.version(rank)
    entity = link_id(keys, tenant, body.retired, body.survivor)
    reading.findings.facts.extend(
        Fact(patient, entity, version, Status.FINAL, body)
        for patient in (body.retired, body.survivor)
    )
