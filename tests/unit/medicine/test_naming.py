"""A recommendation's name is the digest of what `repr` says of it, and of nothing that passes."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.medicine.patients import COMPLETE, MODELS, NOW, POOR, genome, timeline_of
from tests.unit.timeline.records import event, order

from epione.medicine.naming import name_of, said
from epione.medicine.pharmacogenomics import Guidelines
from epione.medicine.plan import plan_of
from epione.medicine.recommendation import (
    Evidence,
    Reason,
    Recommendation,
    RiskEstimate,
    Subject,
    SubjectKind,
)
from epione.timeline import Code

CALLED = replace(POOR, lookup_keys=("Poor Metabolizer",))
PLAN = plan_of(
    timeline_of(
        *COMPLETE,
        event(genome(CALLED), "genome", day=3),
        event(order("309362", "clopidogrel 75 MG Oral Tablet"), "order", day=4),
    ),
    Guidelines(),
    MODELS,
    NOW,
)
RISK = next(each for each in PLAN.recommendations if each.key == "risk/prevent")

texts = st.text(max_size=12)
subjects = st.builds(
    Subject, st.sampled_from(SubjectKind), st.builds(Code, texts, texts, texts), texts
)
recommendations = st.builds(
    Recommendation,
    id=st.just(""),
    key=texts,
    subject=subjects,
    action=texts,
    strength=texts,
    evidence=st.lists(st.builds(Evidence, texts, texts, texts, texts), max_size=3).map(tuple),
    reasons=st.lists(st.builds(Reason, texts, st.tuples(texts)), max_size=3).map(tuple),
    would_change_if=st.lists(texts, max_size=3).map(tuple),
    risks=st.lists(
        st.builds(
            RiskEstimate,
            texts,
            st.sampled_from((10, 30)),
            st.floats(0, 1),
            texts,
            low=st.none() | st.floats(0, 1),
            high=st.none() | st.floats(0, 1),
            by=texts,
        ),
        max_size=3,
    ).map(tuple),
    versions=st.dictionaries(texts, texts, max_size=3),
    valid_until=st.none() | st.datetimes(timezones=st.just(UTC)),
    serves=st.lists(subjects, max_size=2).map(tuple),
)


def as_repr_says(recommendation: Recommendation) -> str:
    """Give what 0.1.0 said: no interval, and not who says it, of a risk that has neither."""
    whole = repr(
        replace(
            recommendation,
            reasons=tuple(Reason(reason.text) for reason in recommendation.reasons),
            versions=dict(sorted(recommendation.versions.items())),
        )
    )
    return whole.replace(", low=None, high=None, by='')", ")")


@given(recommendations)
def test_what_is_hashed_is_what_repr_says(recommendation: Recommendation) -> None:
    assert said(recommendation) == as_repr_says(recommendation)


@pytest.mark.parametrize("recommendation", PLAN.recommendations, ids=lambda each: each.key)
def test_a_name_is_that_of_the_releases_before(recommendation: Recommendation) -> None:
    unnamed = recommendation.named("")

    content = f"('north', 'p-1', {as_repr_says(unnamed)})"

    assert recommendation.id == sha256(content.encode()).hexdigest()[:32]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            replace(RISK, reasons=tuple(Reason(r.text, ("again",)) for r in RISK.reasons)),
            id="another message that says the same",
        ),
        pytest.param(
            replace(RISK, versions=dict(list(RISK.versions.items())[::-1])),
            id="versions in another order",
        ),
    ],
)
def test_what_says_the_same_has_the_same_name(other: Recommendation) -> None:
    assert name_of("north", "p-1", other) == name_of("north", "p-1", RISK)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(RISK, action="another"), id="another action"),
        pytest.param(replace(RISK, versions={"prevent": "2"}), id="another version"),
        pytest.param(replace(RISK, evidence=()), id="other evidence"),
        pytest.param(
            replace(RISK, valid_until=datetime(2030, 1, 1, tzinfo=UTC)), id="until another time"
        ),
    ],
)
def test_what_says_something_else_has_another_name(other: Recommendation) -> None:
    assert name_of("north", "p-1", other) != name_of("north", "p-1", RISK)


def test_another_patient_has_another_name() -> None:
    assert name_of("north", "p-2", RISK) != name_of("north", "p-1", RISK)


def test_a_name_changes_nothing_but_the_id() -> None:
    assert replace(RISK.named("x"), id=RISK.id) == RISK
