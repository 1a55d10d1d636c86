"""The plan: everything that is recommended for one patient as of a time, as a pure function.

It is made in two phases, so that the models may be asked for many patients at once: a case says
what they will be asked, and `plan_for` is given their answers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from epione.medicine.drug_recommendations import (
    DrugGuidelines,
    advice_ahead,
    drug_recommendations,
)
from epione.medicine.guideline_recommendations import guideline_recommendations, turning_old
from epione.medicine.ingredients import ingredient_of
from epione.medicine.life import LifeQuestion, question_of
from epione.medicine.life_recommendations import GROUPS, Prevented, life_recommendations
from epione.medicine.naming import name_of
from epione.medicine.prevent_inputs import PreventFacts, prevent_facts_of
from epione.medicine.recommendation import Plan, PlanState, Recommendation
from epione.medicine.risk import PreventInputs
from epione.medicine.risk_recommendations import (
    Models,
    is_answered,
    questions_of,
    risk_recommendations,
)
from epione.timeline import Genome, History, Timeline, genome_of, history_of, survivor_of

DENIED = "consent to the use of this record for treatment is denied"
DECEASED = "the record says that the patient has died"


@dataclass(frozen=True)  # no slots: `as_asked` is kept
class Case:
    """One patient's record, read as of a time; `questions` are for PREVENT.

    `survivor` is the record that this one was merged into, "" where it stands for itself.
    """

    tenant: str
    patient: str
    history: History
    genome: Genome
    facts: PreventFacts
    survivor: str = ""

    @property
    def hold(self) -> str:
        """Why nothing at all is recommended, or ""."""
        if self.history.denial("treatment"):
            return DENIED
        return DECEASED if self.history.deceased else ""

    @property
    def questions(self) -> tuple[PreventInputs, ...]:
        return () if self.survivor or self.hold else questions_of(self.facts)

    @property
    def life_question(self) -> LifeQuestion | None:
        """What a model of a life is asked; None where it is asked nothing."""
        return None if self.survivor or self.hold else self.as_asked

    @cached_property
    def as_asked(self) -> LifeQuestion:
        """The record as a model of a life reads it; of a long one, a tenth of a second's work."""
        return question_of(self.history, self.genome, ingredient_of)

    @property
    def valid_until(self) -> datetime | None:
        """When the plan may change without any new fact."""
        old = (*self.facts.turning_old, *turning_old(self.history))
        return min((*self.history.upcoming, *old), default=None)


def case_of(timeline: Timeline, now: datetime) -> Case:
    """Read a timeline as of a time."""
    history = history_of(timeline, now)
    return Case(
        tenant=timeline.tenant,
        patient=timeline.patient,
        history=history,
        genome=genome_of(history),
        facts=prevent_facts_of(history),
        survivor=survivor_of(timeline) or "",
    )


def plan_of(timeline: Timeline, guidelines: DrugGuidelines, models: Models, now: datetime) -> Plan:
    """Say what is recommended for the patient of a timeline as of a time."""
    return plan_for(case_of(timeline, now), guidelines, models)


def plan_for(case: Case, guidelines: DrugGuidelines, models: Models) -> Plan:
    """Say what is recommended for a case, and until when that stands if nothing new is learnt."""
    now = case.history.now
    if case.survivor:
        return Plan(case.tenant, case.patient, now, PlanState.MERGED, (), merged_into=case.survivor)
    if case.hold:
        state = PlanState.WITHHELD if case.hold == DENIED else PlanState.CURRENT
        return Plan(case.tenant, case.patient, now, state, (), case.valid_until, holds=(case.hold,))
    recommendations = tuple(
        identified(case, recommendation)
        for recommendation in chain(
            drug_recommendations(case.history, case.genome, guidelines),
            risk_recommendations(case.facts, models),
            _of_life(case, models),
            guideline_recommendations(case.history, case.facts, models),
            advice_ahead(case.history, case.genome, guidelines),
        )
    )
    return Plan(
        tenant=case.tenant,
        patient=case.patient,
        as_of=now,
        state=PlanState.CURRENT,
        recommendations=recommendations,
        valid_until=_first((case.valid_until, *(r.valid_until for r in recommendations)), now),
        holds=case.genome.holds,
        versions=_versions(recommendations, guidelines),
    )


def _of_life(case: Case, models: Models) -> Iterator[Recommendation]:
    """Give what a model of a life says, where one is served."""
    if models.life is None:
        return
    prevent = None
    if is_answered(case.facts):
        prevent = Prevented(models.prevent(case.facts.inputs).y10, models.versions)
    yield from life_recommendations(case.as_asked, models.life, prevent, _had(case.history))


def _had(history: History) -> Mapping[str, tuple[str, ...]]:
    """Give the outcomes of PREVENT that a record has ever held, and the events that state them."""
    stated = {outcome: history.ever(group) for outcome, group in GROUPS.items()}
    return {
        outcome: tuple(dict.fromkeys(each.event_id for each in had))
        for outcome, had in stated.items()
        if had
    }


def identified(case: Case, recommendation: Recommendation) -> Recommendation:
    """Name a recommendation by what it says to whom."""
    return recommendation.named(name_of(case.tenant, case.patient, recommendation))


def _first(times: Iterable[datetime | None], now: datetime) -> datetime | None:
    """Give the first time that is still ahead."""
    return min((time for time in times if time is not None and time > now), default=None)


def _versions(
    recommendations: Iterable[Recommendation], guidelines: DrugGuidelines
) -> Mapping[str, str]:
    found = {"pharmacogenomics": guidelines.release}
    for recommendation in recommendations:
        found.update(recommendation.versions)
    return dict(sorted(found.items()))
