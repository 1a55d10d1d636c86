"""A model of a life small enough to read: what it answers goes by the conditions on a record."""

from epione.medicine.life import LifeAnswer, LifeCard, LifeQuestion, LifeRisk, Mover, ServedLife
from epione.timeline.vocabulary import Kind

CARD = LifeCard("v1", "https://models.example/v1", "2026-11-29", False, True)
WITHIN = (1, 5, 10)
HYPERTENSION = "SNOMED/38341003"


def risk(
    outcome: str = "stroke",
    within_ten: float = 0.06,
    *moved_by: Mover,
    genome_times: float | None = None,
    codes: tuple[str, ...] = ("ICD10CM/I61", "ICD10CM/I63"),
) -> LifeRisk:
    risks = tuple(within_ten * years / 10 for years in WITHIN)
    genome = (("genome", within_ten),) if genome_times is not None else ()
    return LifeRisk(
        outcome=outcome,
        codes=codes,
        horizons_years=WITHIN,
        risks=risks,
        intervals=tuple((p * 0.8, p * 1.3) for p in risks),
        parts=(
            ("age and sex", within_ten / 2),
            ("lifts", within_ten * 0.8),
            ("transformer", within_ten),
            *genome,
            ("meanwhile", within_ten),
            ("calibration", within_ten),
        ),
        genome_times=genome_times,
        moved_by=moved_by,
    )


def answer(question: LifeQuestion) -> LifeAnswer:
    """Refuse a record without events; else foresee a stroke by how many conditions there are."""
    said = [each for each in question.entries if each.name.startswith("SNOMED/")]
    if question.none or not said:
        return LifeAnswer(question.none or "not enough history: 0 events of at least 1")
    movers = [Mover(each.name, int(each.age_days or 0), 1.6) for each in said]
    genome = 1.3 if any(each.kind is Kind.GENOME for each in question.entries) else None
    probability = 0.02 * 1.5 ** len(said) * (genome or 1)
    return LifeAnswer(risks=(risk("stroke", probability, *movers, genome_times=genome),))


SERVED = ServedLife(answer, CARD)
