"""Small recommendations and plans, to be shown."""

from dataclasses import replace
from datetime import UTC, datetime

from epione.medicine.recommendation import (
    Evidence,
    Plan,
    PlanState,
    Reason,
    Recommendation,
    RiskEstimate,
    Subject,
    SubjectKind,
)
from epione.medicine.risk import CAVEAT
from epione.timeline import RXNORM, Code

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)

AVOID_CLOPIDOGREL = Recommendation(
    id="r-1",
    key="drug/clopidogrel/CPIC",
    subject=Subject(SubjectKind.DRUG, Code(RXNORM, "32968"), "clopidogrel"),
    action="Use another antiplatelet drug",
    strength="Strong",
    evidence=(Evidence("CPIC", "2024-04", "PMID 35034351", "2022-05-01"),),
    reasons=(
        Reason("CYP2C19 *2/*2: Poor Metabolizer", ("genome.samples.v1/0/1/0",)),
        Reason("an active order of clopidogrel", ("hospital.fhir.v1/0/3/2",)),
    ),
    would_change_if=("the order ends",),
    versions={"cpic": "2024-04"},
    valid_until=datetime(2027, 3, 14, tzinfo=UTC),
)

CARDIOVASCULAR_RISK = Recommendation(
    id="r-2",
    key="risk/prevent/total_cvd",
    subject=Subject(SubjectKind.RISK, Code("urn:epione:risk", "total_cvd"), "cardiovascular risk"),
    action="Discuss what lowers it",
    strength="for information",
    evidence=(
        Evidence("PREVENT", "2024-02", "doi:10.1161/CIRCULATIONAHA.123.067626", "2024-02-06"),
    ),
    reasons=(Reason("systolic blood pressure 148 mmHg", ("hospital.fhir.v1/0/0/4",)),),
    risks=(
        RiskEstimate("total_cvd", 10, 0.147),
        RiskEstimate("stroke", 10, 0.054),
        RiskEstimate("total_cvd", 30, 0.53),
        RiskEstimate("total_cvd", 10, 0.121, "sbp=129"),
    ),
    would_change_if=(f"systolic pressure 129 mmHg ({CAVEAT})", f"not smoking ({CAVEAT})"),
    versions={"prevent": "1"},
)

GENOTYPE = Recommendation(
    id="r-3",
    key="test/gene/SLCO1B1",
    subject=Subject(
        SubjectKind.TEST, Code("http://www.genenames.org", "SLCO1B1"), "SLCO1B1 genotype"
    ),
    action="Genotype SLCO1B1",
    strength="for information",
    evidence=AVOID_CLOPIDOGREL.evidence,
    reasons=(Reason("SLCO1B1 is not in any genome on the record"),),
    versions={"cpic": "2024-04"},
    serves=(Subject(SubjectKind.DRUG, Code(RXNORM, "36567"), "simvastatin"),),
)

AHEAD_OF_CITALOPRAM = replace(
    AVOID_CLOPIDOGREL,
    id="r-4",
    key="drug/citalopram/CPIC",
    subject=Subject(SubjectKind.DRUG, Code(RXNORM, "2556"), "citalopram"),
    action="If citalopram is considered: take another",
)

PLAN = Plan(
    tenant="north",
    patient="3f2a",
    as_of=NOW,
    state=PlanState.CURRENT,
    recommendations=(AHEAD_OF_CITALOPRAM, GENOTYPE, CARDIOVASCULAR_RISK, AVOID_CLOPIDOGREL),
    valid_until=datetime(2027, 3, 14, tzinfo=UTC),
)
