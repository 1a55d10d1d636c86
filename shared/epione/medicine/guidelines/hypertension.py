"""High blood pressure: what the AHA/ACC 2025 guideline says of one record.

Source: knowledge/2025-08/SOURCE.toml, sections as named at each rule. Only recommendations that
were read there are here; what was not (drugs by comorbidity beyond kidney disease and diabetes,
resistant hypertension, combinations of drugs) is left out.
"""

from epione.medicine.guidelines._knowledge import knowledge
from epione.medicine.guidelines.blood_pressure import AveragePressure, Category, average_of
from epione.medicine.guidelines.chart import (
    HYPERTENSIVE,
    Chart,
    is_hypertensive,
    problem_grounds,
    reading_grounds,
)
from epione.medicine.guidelines.drug_classes import contraindications_of
from epione.medicine.guidelines.finding import Finding, Ground, hypertension_finding
from epione.medicine.guidelines.lifestyle import lifestyle_of
from epione.medicine.guidelines.problems import Problem
from epione.medicine.guidelines.treatment import treatment_of
from epione.medicine.recommendation import Subject, SubjectKind
from epione.timeline import LOINC, Code

ADULT_FROM_YEARS = 18
SEVERE_IN_PREGNANCY_FROM = (160, 110)  # mmHg, either: section 5.5


def findings_of(chart: Chart) -> tuple[Finding, ...]:
    """Say everything the guideline says of this record; nothing of who is not known to be adult."""
    if chart.age_years is None or chart.age_years < ADULT_FROM_YEARS:
        return ()
    average = average_of(chart.readings)
    findings = [*_of_pressure(chart, average), *_of_pregnancy(chart)]
    if Problem.PREGNANCY not in chart.problems:
        findings += [*treatment_of(chart, average), *lifestyle_of(chart, average)]
    if is_hypertensive(chart, average):
        findings += [*contraindications_of(chart), *_of_tests(chart)]
    return tuple(findings)


def _of_pressure(chart: Chart, average: AveragePressure | None) -> list[Finding]:
    latest = average_of(chart.readings, occasions=1)
    if average is None or latest is None:
        return []
    if urgent := _urgent(chart, latest):
        return [urgent]
    if not average.is_confirmed:
        return [_unconfirmed(chart, average)] if average.category in HYPERTENSIVE else []
    return [
        hypertension_finding(
            "category",
            f"{average.category.capitalize()}: average {average}",
            "definition",
            reading_grounds(average),
            ("a later reading moves the average over a limit of the category",),
        )
    ]


def _urgent(chart: Chart, latest: AveragePressure) -> Finding | None:
    """Sections 5.5 and 6.2, take-home message 10."""
    if Problem.PREGNANCY in chart.problems:
        return _severe_in_pregnancy(chart, latest)
    if latest.category is not Category.SEVERE:
        return None
    return hypertension_finding(
        "severe",
        "Severe hypertension: look for acute organ damage at once; without it, begin or strengthen "
        "oral drugs promptly as an outpatient",
        "take-home message",
        reading_grounds(latest),
        (
            "there is acute organ damage: it is an emergency, to intensive care (COR 1, LOE B-NR)",
            "a repeated reading is 180/120 mmHg or less",
        ),
    )


def _severe_in_pregnancy(chart: Chart, latest: AveragePressure) -> Finding | None:
    systolic, diastolic = SEVERE_IN_PREGNANCY_FROM
    if latest.systolic < systolic and latest.diastolic < diastolic:
        return None
    return hypertension_finding(
        "severe",
        f"Repeat within 15 minutes; if still {systolic}/{diastolic} mmHg or more, lower it to "
        "less within 30 to 60 minutes",
        "COR 1, LOE B-R",
        (*reading_grounds(latest), *problem_grounds(chart, Problem.PREGNANCY)),
        (f"the repeated pressure is under {systolic}/{diastolic} mmHg",),
    )


def _unconfirmed(chart: Chart, average: AveragePressure) -> Finding:
    """Section 3.1.3; of known hypertension, that its category and goal need two occasions."""
    is_known = Problem.HYPERTENSION in chart.problems
    return hypertension_finding(
        "confirm",
        "Measure again: whether the goal is reached rests on two occasions"
        if is_known
        else "Measure again, at home or over 24 hours, before calling it hypertension",
        "definition" if is_known else "COR 1, LOE A",
        (
            *reading_grounds(average),
            Ground("readings", "the record holds one occasion; an average needs two"),
        ),
        ("a second occasion is recorded",),
    )


def _of_pregnancy(chart: Chart) -> list[Finding]:
    """Section 5.5."""
    if Problem.PREGNANCY not in chart.problems or Problem.HYPERTENSION not in chart.problems:
        return []
    return [
        hypertension_finding(
            "pregnancy",
            "Labetalol or extended-release nifedipine are preferred; no ACE inhibitor, angiotensin "
            "receptor blocker, renin inhibitor, mineralocorticoid antagonist, atenolol or "
            "nitroprusside",
            "COR 1, LOE A; to avoid: COR 3: Harm, LOE C-LD",
            problem_grounds(chart, Problem.PREGNANCY, Problem.HYPERTENSION),
            ("the pregnancy has ended",),
        )
    ]


def _of_tests(chart: Chart) -> list[Finding]:
    """Section 3.1.2."""
    return [
        hypertension_finding(
            f"test/{each.key}",
            f"Measure: {each.name}",
            "COR 1, LOE C-EO",
            (Ground("loinc_known", f"no result of {each.name} on record"),),
            ("a result is recorded",),
            subject=Subject(SubjectKind.TEST, Code(LOINC, each.loinc[0], each.name), each.name),
        )
        for each in knowledge().tests
        if chart.loinc_known.isdisjoint(each.loinc)
    ]
