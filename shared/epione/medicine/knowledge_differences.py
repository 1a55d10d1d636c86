"""What another release of the guidelines on drugs changes in what is recommended to a patient.

Compared is what is to be done and how it is graded. Advice that differs in its evidence, in the
wording of its reasons or in the date of knowledge that is old either way is said alike.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from epione.medicine.drug_recommendations import (
    PASSIVE,
    DrugGuidelines,
    advice_ahead,
    drug_recommendations,
)
from epione.medicine.plan import Case
from epione.medicine.recommendation import Recommendation, Subject

ByKey = Mapping[str, Recommendation]


@dataclass(frozen=True, slots=True)
class Difference:
    """A recommendation that is made by one of two releases alone, or by both and otherwise."""

    key: str
    subject: Subject  # the drug or the test
    before: Recommendation | None
    after: Recommendation | None


def recommended(case: Case, guidelines: DrugGuidelines) -> ByKey:
    """Give what guidelines recommend on drugs and the tests for them, without ids."""
    if case.survivor or case.hold:
        return {}
    history, genome = case.history, case.genome
    made = chain(
        drug_recommendations(history, genome, guidelines), advice_ahead(history, genome, guidelines)
    )
    return {each.key: each for each in made}


def differences(before: ByKey, after: ByKey) -> Iterator[Difference]:
    """Give what is not said alike."""
    for key, made in {**before, **after}.items():
        one, other = before.get(key), after.get(key)
        if one is None or other is None or _said(one) != _said(other):
            yield Difference(key, made.subject, one, other)


def n_said_alike(before: ByKey, after: ByKey) -> int:
    """Count what is said alike and not the same: it rests on other evidence."""
    pairs = ((before[key], after[key]) for key in before.keys() & after.keys())
    return sum(_said(one) == _said(other) and one != other for one, other in pairs)


def _said(recommendation: Recommendation) -> tuple[str, str, bool, str]:
    action, passive, _ = recommendation.action.partition(PASSIVE)
    return recommendation.subject.name, action, bool(passive), recommendation.strength
