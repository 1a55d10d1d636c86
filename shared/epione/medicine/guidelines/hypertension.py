"""High blood pressure: what the AHA/ACC 2025 guideline says of one record.

Source: knowledge/2025-08/SOURCE.toml, sections as named at each rule. Only recommendations that
were read there are here; what was not (drugs by comorbidity beyond kidney disease and diabetes,
resistant hypertension, combinations) is left out.
"""

from epione.medicine.guidelines._knowledge import Avoid, DrugClass, Measure, evidence, knowledge
from epione.medicine.guidelines.blood_pressure import (
    STAGE_1_FROM_DIASTOLIC,
    STAGE_1_FROM_SYSTOLIC,
    AveragePressure,
    Category,
    average_of,
    category_of,
)
from epione.medicine.guidelines.chart import (
    Chart,
    Finding,
    Ground,
    Problem,
    albuminuria_ground,
    kidney_grounds,
    low_egfr_ground,
    problem_grounds,
)
from epione.medicine.recommendation import Subject, SubjectKind
from epione.timeline import LOINC, SNOMED, Code

ADULT_FROM_YEARS = 18
TREAT_FROM_RISK = 0.075  # PREVENT 10-year total CVD: take-home messages 6 and 7, section 5.2.7

GUIDELINE = "aha-acc-2025"
ATC = "http://www.whocc.no/atc"
HYPERTENSION = Subject(
    SubjectKind.RISK, Code(SNOMED, "38341003", "Hypertensive disorder"), "high blood pressure"
)

HYPERTENSIVE = frozenset({Category.STAGE_1, Category.STAGE_2, Category.SEVERE})


def findings_of(chart: Chart) -> tuple[Finding, ...]:
    """Say everything the guideline says of this record; nothing of who is not known to be adult."""
    if chart.age_years is None or chart.age_years < ADULT_FROM_YEARS:
        return ()
    average = average_of(chart.readings)
    findings = [*_of_pressure(chart, average), *_of_pregnancy(chart)]
    if Problem.PREGNANCY not in chart.problems:
        findings += [*_of_treatment(chart, average), *_of_lifestyle(chart, average)]
    if _is_hypertensive(chart, average):
        findings += [*_of_contraindications(chart), *_of_tests(chart)]
    return tuple(findings)


def _finding(
    key: str,
    action: str,
    strength: str,
    grounds: tuple[Ground, ...],
    would_change_if: tuple[str, ...],
    subject: Subject = HYPERTENSION,
    source: str = GUIDELINE,
) -> Finding:
    return Finding(
        key=f"hypertension/{key}",
        subject=subject,
        action=action,
        strength=strength,
        grounds=grounds,
        would_change_if=would_change_if,
        evidence=evidence(source),
    )


# ── the pressure itself ──


def _is_hypertensive(chart: Chart, average: AveragePressure | None) -> bool:
    return Problem.HYPERTENSION in chart.problems or (
        average is not None and average.is_confirmed and _category(average) in HYPERTENSIVE
    )


def _category(average: AveragePressure) -> Category:
    return category_of(average.systolic, average.diastolic)


def _readings(average: AveragePressure) -> tuple[Ground, ...]:
    return tuple(Ground("readings", f"blood pressure {reading}") for reading in average.readings)


def _of_pressure(chart: Chart, average: AveragePressure | None) -> list[Finding]:
    latest = average_of(chart.readings, occasions=1)
    if average is None or latest is None:
        return []
    if _category(latest) is Category.SEVERE:
        return [_severe(latest, Problem.PREGNANCY in chart.problems)]
    if not average.is_confirmed:
        return [_unconfirmed(average)] if _category(average) in HYPERTENSIVE else []
    return [
        _finding(
            "category",
            f"{_category(average).capitalize()}: average {average}",
            "definition",
            _readings(average),
            ("a later reading moves the average over a limit of the category",),
        )
    ]


def _severe(latest: AveragePressure, is_pregnant: bool) -> Finding:
    """Sections 5.5 and 6.2, take-home message 10."""
    if is_pregnant:
        return _finding(
            "severe",
            "Repeat within 15 minutes; if still 160/110 mmHg or more, lower it to under "
            "160/110 mmHg within 30 to 60 minutes",
            "COR 1, LOE B-R",
            _readings(latest),
            ("the repeated pressure is under 160/110 mmHg",),
        )
    return _finding(
        "severe",
        "Severe hypertension: look for acute organ damage at once; without it, begin or strengthen "
        "oral drugs promptly as an outpatient",
        "take-home message",
        _readings(latest),
        (
            "there is acute organ damage: it is an emergency, to intensive care (COR 1, LOE B-NR)",
            "a repeated reading is 180/120 mmHg or less",
        ),
    )


def _unconfirmed(average: AveragePressure) -> Finding:
    """Section 3.1.3."""
    return _finding(
        "confirm",
        "Measure again, at home or over 24 hours, before calling it hypertension",
        "COR 1, LOE A",
        (
            *_readings(average),
            Ground("readings", "the record holds one occasion; a category needs two"),
        ),
        ("a second occasion is recorded",),
    )


# ── whom to treat, how far, with what ──


def _of_treatment(chart: Chart, average: AveragePressure | None) -> list[Finding]:
    if average is None or not average.is_confirmed or not _is_hypertensive(chart, average):
        return []
    is_at_goal = _category(average) not in HYPERTENSIVE
    findings = [_goal(chart, average, is_at_goal)]
    if not is_at_goal and not chart.treated:
        findings.append(_start(chart, average))
    if not is_at_goal:
        findings.append(_first_line(chart))
    return findings


def _at_high_risk(chart: Chart) -> tuple[Ground, ...]:
    """Give what makes 130/80 mmHg enough to treat: take-home message 6."""
    asked = (Problem.CARDIOVASCULAR_DISEASE, Problem.STROKE, Problem.DIABETES)
    grounds = (*problem_grounds(chart, *asked), *kidney_grounds(chart))
    if chart.total_cvd_10y is None or chart.total_cvd_10y < TREAT_FROM_RISK:
        return grounds
    return (*grounds, _risk_ground(chart.total_cvd_10y))


def _risk_ground(risk: float) -> Ground:
    return Ground("total_cvd_10y", f"PREVENT 10-year risk of cardiovascular disease {risk:.1%}")


def _start(chart: Chart, average: AveragePressure) -> Finding:
    """Take-home messages 6, 7 and 8."""
    if _category(average) in {Category.STAGE_2, Category.SEVERE}:
        return _finding(
            "start",
            "Start two first-line drugs of different classes, best in one pill, besides lifestyle",
            "COR 1",
            (*_readings(average), *_at_high_risk(chart)),
            ("the average falls under 140/90 mmHg",),
        )
    if grounds := _at_high_risk(chart):
        return _finding(
            "start",
            "Start a first-line drug besides lifestyle",
            "COR 1",
            (*_readings(average), *grounds),
            ("the average falls under 130/80 mmHg", "the risk condition proves wrong"),
        )
    if chart.total_cvd_10y is None:
        return _finding(
            "start",
            "Change lifestyle; whether to start a drug now depends on the 10-year risk, which is "
            "not known",
            "COR 1",
            (*_readings(average), Ground("total_cvd_10y", "PREVENT cannot be given")),
            (
                "PREVENT gives 7.5 % or more: start a drug",
                "cardiovascular disease, stroke, diabetes or kidney disease is recorded",
            ),
        )
    return _finding(
        "start",
        "Change lifestyle for 3 to 6 months; start a drug if the average is then still 130/80 mmHg "
        "or more",
        "COR 1",
        (*_readings(average), _risk_ground(chart.total_cvd_10y)),
        (
            "PREVENT rises to 7.5 % or more",
            "cardiovascular disease, stroke, diabetes or kidney disease is recorded",
            "the average reaches 140/90 mmHg",
        ),
    )


def _goal(chart: Chart, average: AveragePressure, is_at_goal: bool) -> Finding:
    """Sections 5.2.7, 5.3.1 and 5.3.8."""
    reached = "reached" if is_at_goal else "not reached"
    treatment = {True: "on treatment", False: "without treatment", None: "treatment not known"}
    return _finding(
        "goal",
        f"Goal under {STAGE_1_FROM_SYSTOLIC}/{STAGE_1_FROM_DIASTOLIC} mmHg: {reached}, "
        f"average {average} {treatment[chart.treated]}",
        _goal_strength(chart),
        (*_readings(average), *_at_high_risk(chart)),
        ("a later reading moves the average over the goal",)
        if is_at_goal
        else ("the average falls under 130/80 mmHg",),
    )


def _goal_strength(chart: Chart) -> str:
    graded = (*problem_grounds(chart, Problem.DIABETES), *kidney_grounds(chart))
    if graded or (chart.total_cvd_10y or 0) >= TREAT_FROM_RISK:
        return "COR 1, LOE A"
    if chart.total_cvd_10y is None or Problem.CARDIOVASCULAR_DISEASE in chart.problems:
        return "COR 1 at increased risk, else COR 2b"
    return "COR 2b, LOE B-NR"


def _first_line(chart: Chart) -> Finding:
    """Section 5.3.1.3 and the guideline at a glance; preference by 5.3.1.4 and 5.3.8.2."""
    against = {each.key: _speaks_against(chart, each) for each in knowledge().drug_classes}
    open_classes = [each for each in knowledge().drug_classes if not against[each.key]]
    names = ", ".join(each.name for each in open_classes) or "none of the four is open"
    preferred = _kidney_protection(chart)
    action = f"First-line drugs: {names}"
    if preferred and any(each.atc.startswith("C09") for each in open_classes):
        action += "; with an ACE inhibitor or an angiotensin receptor blocker among them, not both"
    grounds = [
        Ground(avoid.problem.value, f"not {each.name}: {chart.problems[avoid.problem]}")
        for each in knowledge().drug_classes
        for avoid in against[each.key]
    ]
    return _finding(
        "first-line",
        action,
        "COR 1, LOE A",
        (*grounds, *preferred),
        ("a contraindication is recorded, or proves wrong",),
    )


def _kidney_protection(chart: Chart) -> tuple[Ground, ...]:
    """Give what calls for an ACE inhibitor or ARB: diabetes with either, or both kidney signs."""
    egfr, albuminuria = low_egfr_ground(chart), albuminuria_ground(chart)
    diabetes = problem_grounds(chart, Problem.DIABETES)
    signs = tuple(sign for sign in (egfr, albuminuria) if sign)
    return (*diabetes, *signs) if len(signs) == 2 or (diabetes and signs) else ()


def _speaks_against(chart: Chart, drug_class: DrugClass) -> tuple[Avoid, ...]:
    return tuple(avoid for avoid in drug_class.avoid if avoid.problem in chart.problems)


def _of_contraindications(chart: Chart) -> list[Finding]:
    return [
        _finding(
            f"avoid/{each.key}/{avoid.problem.value.replace(' ', '-')}",
            f"Avoid {each.name}",
            avoid.strength,
            problem_grounds(chart, avoid.problem),
            (f"{avoid.problem.value} is no longer present, or proves wrong",),
            Subject(SubjectKind.DRUG, Code(ATC, each.atc, each.name), each.name),
            avoid.source,
        )
        for each in knowledge().drug_classes
        for avoid in _speaks_against(chart, each)
    ]


def _of_pregnancy(chart: Chart) -> list[Finding]:
    """Section 5.5."""
    if Problem.PREGNANCY not in chart.problems or Problem.HYPERTENSION not in chart.problems:
        return []
    return [
        _finding(
            "pregnancy",
            "Labetalol or extended-release nifedipine are preferred; no ACE inhibitor, angiotensin "
            "receptor blocker, renin inhibitor, mineralocorticoid antagonist, atenolol or "
            "nitroprusside",
            "COR 1, LOE A; to avoid: COR 3: Harm, LOE C-LD",
            problem_grounds(chart, Problem.PREGNANCY, Problem.HYPERTENSION),
            ("the pregnancy has ended",),
        )
    ]


# ── what lowers it, and what to know next ──


def _of_lifestyle(chart: Chart, average: AveragePressure | None) -> list[Finding]:
    """Section 5.1."""
    is_hypertensive = _is_hypertensive(chart, average)
    is_raised = average is not None and _category(average) is not Category.NORMAL
    if not is_hypertensive and not is_raised:
        return []
    grounds = _readings(average) if average else problem_grounds(chart, Problem.HYPERTENSION)
    return [
        _measure(each, chart, is_hypertensive, grounds)
        for each in knowledge().lifestyle
        if _is_fit(each, chart)
    ]


def _is_fit(measure: Measure, chart: Chart) -> bool:
    if measure.from_bmi and (chart.bmi is None or chart.bmi < measure.from_bmi):
        return False
    if Problem.KIDNEY_DISEASE in measure.not_with and kidney_grounds(chart):
        return False
    return not any(problem in chart.problems for problem in measure.not_with)


def _measure(
    measure: Measure, chart: Chart, is_hypertensive: bool, grounds: tuple[Ground, ...]
) -> Finding:
    fall = measure.hypertensive_mmhg if is_hypertensive else measure.others_mmhg
    weight = (Ground("bmi", f"body mass index {chart.bmi:.1f} kg/m²"),) if measure.from_bmi else ()
    return _finding(
        f"lifestyle/{measure.key}",
        f"{measure.action} (systolic pressure falls by about {fall} mmHg on average)",
        measure.strength,
        (*grounds, *weight),
        (measure.caution,) if measure.caution else ("blood pressure is normal",),
    )


def _of_tests(chart: Chart) -> list[Finding]:
    """Section 3.1.2."""
    return [
        _finding(
            f"test/{each.key}",
            f"Measure: {each.name}",
            "COR 1, LOE C-EO",
            (Ground("loinc_known", f"no result of {each.name} on record"),),
            ("a result is recorded",),
            Subject(SubjectKind.TEST, Code(LOINC, each.loinc[0], each.name), each.name),
        )
        for each in knowledge().tests
        if chart.loinc_known.isdisjoint(each.loinc)
    ]
