"""What a guideline says of a record, and the facts it rests on."""

from dataclasses import dataclass

from epione.medicine.guidelines._knowledge import evidence
from epione.medicine.recommendation import Evidence, Subject, SubjectKind
from epione.timeline import SNOMED, Code

GUIDELINE = "aha-acc-2025"
HYPERTENSION = Subject(
    SubjectKind.RISK, Code(SNOMED, "38341003", "Hypertensive disorder"), "high blood pressure"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """A fact a finding rests on. `fact` is the field of `Chart`, or the problem, that states it."""

    fact: str  # "readings", "egfr", "diabetes" …
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a guideline says of this record. `key` stays while the subject does."""

    key: str  # "hypertension/goal", "hypertension/test/uacr" …
    subject: Subject
    action: str
    strength: str
    grounds: tuple[Ground, ...]
    would_change_if: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def hypertension_finding(
    key: str,
    action: str,
    strength: str,
    grounds: tuple[Ground, ...],
    would_change_if: tuple[str, ...],
    *,
    subject: Subject = HYPERTENSION,
    source: str = GUIDELINE,
) -> Finding:
    """Say one thing of high blood pressure, citing a source by its key in SOURCE.toml."""
    return Finding(
        key=f"hypertension/{key}",
        subject=subject,
        action=action,
        strength=strength,
        grounds=grounds,
        would_change_if=would_change_if,
        evidence=(evidence(source),),
    )
