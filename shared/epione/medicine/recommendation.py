"""What a plan is made of: recommendations with what they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from epione.timeline import Code


class SubjectKind(StrEnum):
    DRUG = "drug"
    RISK = "risk"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Subject:
    kind: SubjectKind
    code: Code  # drug by RxNorm ingredient, risk by the model's outcome, test by LOINC or gene
    name: str


@dataclass(frozen=True, slots=True)
class Evidence:
    source: str  # "CPIC", "PREVENT", "AHA/ACC 2025" …
    release: str
    reference: str  # PMID, DOI or guideline address
    knowledge_as_of: str  # ISO 8601 date; "" where it is not known


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact the recommendation rests on; `event_ids` is empty for what the record does not say."""

    text: str
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskEstimate:
    """A probability, 0 to 1; `low` and `high` are the ends of its 90 % interval.

    `by` says which part or model says it: "age and sex", "lifts", "transformer", "genome",
    "meanwhile" and "calibration", each with what stands before it, "PREVENT", or "combined" with it
    ("combined for demonstration" of an invented cohort); "" is the recommendation's own.
    """

    outcome: str  # total_cvd, ascvd, heart_failure, chd or stroke; or a code as "ICD10CM/I50"
    horizon_years: int
    probability: float
    scenario: str = ""  # the same model with one input changed, "sbp=130"; "" as recorded
    low: float | None = None
    high: float | None = None
    by: str = ""


class PlanState(StrEnum):
    CURRENT = "current"
    MERGED = "merged"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One thing to do or to know. `key` stays while the subject does; `id` follows the content.

    Of a risk of a life it follows what matters of it: see `naming.py`.
    """

    id: str
    key: str
    subject: Subject
    action: str
    strength: str
    evidence: tuple[Evidence, ...]
    reasons: tuple[Reason, ...]
    would_change_if: tuple[str, ...] = ()
    risks: tuple[RiskEstimate, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    valid_until: datetime | None = None
    serves: tuple[Subject, ...] = ()  # of a test: the drugs or risks that its result decides

    def named(self, id_: str) -> "Recommendation":
        """Give the same under an id; written out, for a plan has dozens and `replace` is slow."""
        return Recommendation(
            id_,
            self.key,
            self.subject,
            self.action,
            self.strength,
            self.evidence,
            self.reasons,
            self.would_change_if,
            self.risks,
            self.versions,
            self.valid_until,
            self.serves,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is recommended for one patient as of a time."""

    tenant: str
    patient: str
    as_of: datetime
    state: PlanState
    recommendations: tuple[Recommendation, ...]
    valid_until: datetime | None = None
    merged_into: str = ""
    holds: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
