"""The facts of a patient's log, as plain values; `epione.wire` carries them across topics."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a terminology; `system` is the URI by which FHIR R4 names it."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured amount; `unit` is UCUM, `comparator` is "", "<", "<=", ">=" or ">"."""

    value: float
    unit: str
    comparator: str = ""


class Status(StrEnum):
    """How far a fact may be trusted."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"  # entered in error, deleted, cancelled: it no longer counts


@dataclass(frozen=True, slots=True, order=True)
class SourceVersion:
    """Orders the versions of one entity: the source's own time (µs since 1970 UTC), then a rank."""

    time_us: int
    sequence: int = 0


class Gender(StrEnum):
    """FHIR administrative gender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Demographics:
    birth_date: str = ""  # ISO 8601, to the precision known: "1970-04-21", "1970-04", "1970", ""
    gender: Gender = Gender.UNKNOWN
    deceased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    code: Code  # LOINC where a map knows it, else the sender's
    value: Quantity | Code | bool | None
    absent_reason: str = ""  # FHIR data-absent-reason, or "free-text" where text was not kept
    interpretation: str = ""  # HL7 table 0078


@dataclass(frozen=True, slots=True)
class Condition:
    code: Code
    clinical_status: str = "active"  # FHIR condition-clinical
    onset_at: datetime | None = None
    abated_at: datetime | None = None
    verification: str = "confirmed"  # FHIR condition-ver-status


@dataclass(frozen=True, slots=True)
class Medication:
    drug: Code  # RxNorm where a map knows it, else the sender's
    kind: str = "order"  # "order" or "statement"
    state: str = "active"  # FHIR medicationrequest-status, medication-statement-status
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Allergy:
    substance: Code
    clinical_status: str = "active"
    criticality: str = ""


@dataclass(frozen=True, slots=True)
class Encounter:
    class_code: str  # HL7 v3 ActCode: AMB, EMER, IMP …
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reasons: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    code: Code
    performed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """That a note exists; its text stays on the raw topic."""

    type: Code
    sha256: str


@dataclass(frozen=True, slots=True)
class Consent:
    scope: str  # "treatment", "genomics" or "research"
    permitted: bool


@dataclass(frozen=True, slots=True)
class GeneCall:
    """What a genome says of one gene.

    `no_call_reason` is set exactly where nothing is called, or nothing that the release knows.
    """

    gene: str
    diplotype: str | None  # the one to show
    diplotypes: tuple[str, ...] = ()  # all equally good ones
    phenotypes: tuple[str | None, ...] = ()  # distinct ones of the diplotypes; None: none assigned
    activity_scores: tuple[float, ...] = ()
    lookup_keys: tuple[str, ...] = ()  # into a guideline's recommendations
    component_haplotypes: tuple[str, ...] = ()  # found, and not to be paired without phase
    missing_positions: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    no_call_reason: str = ""
    caller: str = ""  # who called it from other data; "" for Epione, from a VCF
    disputed: bool = False  # two callers give results of other meaning; neither is chosen
    research_diplotypes: tuple[str, ...] = ()  # what research may look at; no advice rests on them

    @property
    def is_called(self) -> bool:
        """Say that no reason stands against it, whatever it means."""
        return not self.no_call_reason

    @property
    def is_looked_up(self) -> bool:
        """Say that there is a result for guidelines to look up, be it that none is assigned."""
        return bool(self.lookup_keys)


@dataclass(frozen=True, slots=True)
class GenomicFeatures:
    sample_sha256: str
    build: str  # "GRCh37" or "GRCh38"; "" for calls of other callers
    knowledge_release: str
    genes: tuple[GeneCall, ...]
    observed_sex: str = ""  # "XX", "XY", or "" where the file does not tell


@dataclass(frozen=True, slots=True)
class PatientsMerged:
    """`retired` is the same person as `survivor`; the logs of both carry it."""

    retired: str
    survivor: str


@dataclass(frozen=True, slots=True)
class PatientsUnmerged:
    retired: str
    survivor: str


@dataclass(frozen=True, slots=True)
class TimeReached:
    at: datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    recommendation_id: str
    verdict: str  # "accepted", "overridden" or "done"
    reason: Code | None = None


@dataclass(frozen=True, slots=True)
class Recompute:
    reason: str


@dataclass(frozen=True, slots=True)
class PatientForgotten:
    """Nothing that `record` stated before this counts any more; of a log's own patient, nothing."""

    record: str


Body = (
    Demographics
    | Observation
    | Condition
    | Medication
    | Allergy
    | Encounter
    | Procedure
    | Note
    | Consent
    | GenomicFeatures
    | PatientsMerged
    | PatientsUnmerged
    | TimeReached
    | Feedback
    | Recompute
    | PatientForgotten
)


@dataclass(frozen=True, slots=True)
class PatientEvent:
    """One entry of a patient's log. Datetimes are aware and UTC; identifiers are keyed hashes."""

    tenant: str
    patient: str  # whose log it stands on
    delivery_id: str  # "<raw topic>/<partition>/<offset>/<index>": which message this was
    entity_id: str  # which fact it speaks of
    version: SourceVersion
    status: Status
    recorded_at: datetime  # when Epione received it
    body: Body
    effective_at: datetime | None = None  # when it was true of the patient
    origin: str = ""  # whose record stated it first; "" is `patient`
    reading: int = 0  # when the message was read again (ms since 1970 UTC); 0: as it came
