"""A patient with every input of PREVENT, and models and guidelines small enough to read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tests.unit.timeline.records import DAY, START, event, person, reading

from epione.medicine.pharmacogenomics import Circumstances, DrugAdvice, NoAdvice
from epione.medicine.recommendation import Evidence
from epione.medicine.risk import OUTCOMES, Model, PreventInputs, PreventRisks
from epione.medicine.risk_recommendations import Models
from epione.timeline import (
    RXNORM,
    SNOMED,
    Body,
    Code,
    GeneCall,
    GenomicFeatures,
    History,
    Observation,
    PatientEvent,
    Timeline,
    codes,
    fold,
    history_of,
)

NOW = START + 100 * DAY
SINCE = START + 10 * DAY

SMOKES_DAILY, NEVER_SMOKED = "449868002", "266919005"
CLOPIDOGREL = Code(RXNORM, "32968", "clopidogrel")
SIMVASTATIN = Code(RXNORM, "36567", "simvastatin")
GENES = {CLOPIDOGREL: "CYP2C19", SIMVASTATIN: "SLCO1B1"}
DRUGS = {
    "32968": CLOPIDOGREL,
    "309362": CLOPIDOGREL,  # a tablet of it
    "36567": SIMVASTATIN,
}
CPIC = Evidence("CPIC", "2024-04", "doi:10.1002/cpt.2526", "2026-01-01")

POOR = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor Metabolizer",))
NORMAL = GeneCall("CYP2C19", "*1/*1", ("*1/*1",), ("Normal Metabolizer",))
NO_CALL = GeneCall(
    "CYP2C19", None, missing_positions=(94762706,), no_call_reason="positions are missing"
)


def answer(question: Code, snomed: str) -> Body:
    return Observation(question, Code(SNOMED, snomed))


def genome(*calls: GeneCall, observed_sex: str = "") -> Body:
    return GenomicFeatures("0" * 64, "GRCh38", "2024-04", calls, observed_sex)


WHO = event(person("1970-04-21"), "who")
SBP = event(reading(codes.SYSTOLIC, 148), "sbp", effective_at=SINCE)
TOTAL = event(reading(codes.TOTAL_CHOLESTEROL, 220), "total", effective_at=SINCE)
HDL = event(reading(codes.HDL_CHOLESTEROL, 45), "hdl", effective_at=SINCE)
EGFR = event(reading(codes.EGFR, 80), "egfr", effective_at=SINCE)
BMI = event(reading(codes.BODY_MASS_INDEX, 31.2), "bmi", effective_at=SINCE)
SMOKING = event(answer(codes.SMOKING_STATUS, NEVER_SMOKED), "smoking", effective_at=SINCE)
COMPLETE = [WHO, SBP, TOTAL, HDL, EGFR, BMI, SMOKING]


def timeline_of(*events: PatientEvent) -> Timeline:
    return fold(Timeline("north", "p-1"), events)


def history(*events: PatientEvent, now: datetime = NOW) -> History:
    return history_of(timeline_of(*events), now)


def without(*left_out: PatientEvent) -> list[PatientEvent]:
    return [each for each in COMPLETE if each not in left_out]


def prevent(inputs: PreventInputs) -> PreventRisks:
    """Give a risk that grows with the systolic pressure alone."""
    assert inputs.sbp is not None
    ten = dict.fromkeys(OUTCOMES, inputs.sbp / 2000)
    return PreventRisks(Model.BASE, ten, {outcome: 3 * risk for outcome, risk in ten.items()})


MODELS = Models(prevent, {"prevent": "1"})


class OneGuideline:
    """One guideline: clopidogrel by CYP2C19, simvastatin by SLCO1B1."""

    release = "2026-01"

    def drug_of(self, code: Code) -> Code | None:
        return DRUGS.get(code.code)

    def modulator_of(self, code: Code) -> Code | None:
        return None

    def drugs(self) -> Sequence[Code]:
        return list(GENES)

    def genes_of(self, drug: Code) -> Sequence[str]:
        return (GENES[drug],)

    def evidence_of(self, drug: Code, gene: str = "") -> tuple[Evidence, ...]:
        return (CPIC,)

    def answers_for(
        self, drug: Code, calls: Mapping[str, GeneCall], circumstances: Circumstances
    ) -> Sequence[DrugAdvice | NoAdvice]:
        gene = GENES[drug]
        call = calls.get(gene)
        if call is None or call.no_call_reason:
            return (NoAdvice(drug.display, f"{gene} is not called"),)
        is_poor = "Poor Metabolizer" in call.phenotypes
        return (
            DrugAdvice(
                drug=drug,
                source="CPIC",
                kind="avoid" if is_poor else "standard",
                action="avoid it; use another drug" if is_poor else "use as usual",
                strength="Strong",
                population="general",
                genes=(gene,),
                reasons=(f"{gene} {call.diplotype}: {call.phenotypes[0]}",),
                would_change_if=(f"{gene} is called otherwise",),
                evidence=(CPIC,),
            ),
        )
