"""Hypothesis strategies of every value that crosses a topic."""

from datetime import UTC

from hypothesis import strategies as st

from epione import timeline as t
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
from epione.wire import Change, Changed, GenomeSample, Revision

texts = st.text(max_size=8)
names = st.text(min_size=1, max_size=8)
int64s = st.integers(-(2**63), 2**63 - 1)
times = st.datetimes(timezones=st.just(UTC))
maybe_times = st.none() | times
numbers = st.floats(allow_nan=False)
versions = st.dictionaries(names, texts, max_size=3)


def many(items: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(items, max_size=3).map(tuple)


codes = st.builds(t.Code, texts, texts, texts)
quantities = st.builds(t.Quantity, numbers, texts, st.sampled_from(["", "<", "<=", ">=", ">"]))

demographics = st.builds(t.Demographics, texts, st.sampled_from(t.Gender), maybe_times)
observations = st.builds(
    t.Observation, codes, st.none() | quantities | codes | st.booleans(), texts, texts
)
conditions = st.builds(t.Condition, codes, texts, maybe_times, maybe_times, texts)
medications = st.builds(t.Medication, codes, texts, texts, maybe_times, maybe_times)
allergies = st.builds(t.Allergy, codes, texts, texts)
encounters = st.builds(
    t.Encounter, texts, maybe_times, maybe_times, st.lists(codes, max_size=2).map(tuple)
)
procedures = st.builds(t.Procedure, codes, maybe_times)
notes = st.builds(t.Note, codes, texts)
consents = st.builds(t.Consent, texts, st.booleans())
gene_calls = st.builds(
    t.GeneCall,
    gene=names,
    diplotype=st.none() | names,
    diplotypes=many(names),
    phenotypes=st.lists(st.none() | names, max_size=3).map(tuple),
    activity_scores=st.lists(numbers, max_size=3).map(tuple),
    lookup_keys=many(names),
    component_haplotypes=many(names),
    missing_positions=st.lists(st.integers(0, 2**31), max_size=3).map(tuple),
    warnings=many(texts),
    no_call_reason=texts,
    caller=names,
    disputed=st.booleans(),
    research_diplotypes=many(names),
)
genomic_features = st.builds(
    t.GenomicFeatures, names, names, names, st.lists(gene_calls, max_size=2).map(tuple), texts
)
merges = st.builds(t.PatientsMerged, names, names)
unmerges = st.builds(t.PatientsUnmerged, names, names)
times_reached = st.builds(t.TimeReached, times)
feedbacks = st.builds(t.Feedback, texts, texts, st.none() | codes)
recomputes = st.builds(t.Recompute, texts)

BODIES: dict[type[t.Body], st.SearchStrategy[t.Body]] = {
    t.Demographics: demographics,
    t.Observation: observations,
    t.Condition: conditions,
    t.Medication: medications,
    t.Allergy: allergies,
    t.Encounter: encounters,
    t.Procedure: procedures,
    t.Note: notes,
    t.Consent: consents,
    t.GenomicFeatures: genomic_features,
    t.PatientsMerged: merges,
    t.PatientsUnmerged: unmerges,
    t.TimeReached: times_reached,
    t.Feedback: feedbacks,
    t.Recompute: recomputes,
    t.PatientForgotten: st.builds(t.PatientForgotten, texts),
}

source_versions = st.builds(t.SourceVersion, int64s, int64s)


def events(bodies: st.SearchStrategy[t.Body]) -> st.SearchStrategy[t.PatientEvent]:
    return st.builds(
        t.PatientEvent,
        tenant=names,
        patient=names,
        delivery_id=names,
        entity_id=names,
        version=source_versions,
        status=st.sampled_from(t.Status),
        recorded_at=times,
        body=bodies,
        effective_at=maybe_times,
        origin=texts,
        reading=int64s,
    )


contents = st.sampled_from(["inline", "sealed_uri"]).flatmap(
    lambda name: st.fixed_dictionaries(
        {name: st.binary(min_size=1, max_size=16), "reading": int64s}
    )
)
samples = st.builds(
    lambda sample, content: GenomeSample(*sample, **content),
    st.tuples(
        names,
        names,
        names,
        names,
        source_versions,
        times,
        names,
        st.integers(0, 2**63 - 1),
        st.integers(0, 2**32 - 1),
        maybe_times,
        st.booleans(),
    ),
    contents,
)

subjects = st.builds(Subject, st.sampled_from(SubjectKind), codes, texts)
recommendations = st.builds(
    Recommendation,
    id=texts,
    key=texts,
    subject=subjects,
    action=texts,
    strength=texts,
    evidence=st.lists(st.builds(Evidence, texts, texts, texts, texts), max_size=2).map(tuple),
    reasons=st.lists(st.builds(Reason, texts, many(texts)), max_size=2).map(tuple),
    would_change_if=many(texts),
    risks=st.lists(
        st.builds(
            RiskEstimate,
            texts,
            st.integers(0, 2**31 - 1),
            numbers,
            texts,
            low=st.none() | numbers,
            high=st.none() | numbers,
            by=texts,
        ),
        max_size=2,
    ).map(tuple),
    versions=versions,
    valid_until=maybe_times,
    serves=st.lists(subjects, max_size=2).map(tuple),
)
revisions = st.builds(Revision, int64s, int64s)
plans = st.builds(
    Plan,
    tenant=texts,
    patient=texts,
    as_of=times,
    state=st.sampled_from(PlanState),
    recommendations=st.lists(recommendations, max_size=2).map(tuple),
    valid_until=maybe_times,
    merged_into=texts,
    holds=many(texts),
    versions=versions,
)


@st.composite
def changes(draw: st.DrawFn) -> Changed:
    """Draw a change; only what replaces something says what."""
    change = draw(st.sampled_from(Change))
    return Changed(
        tenant=draw(texts),
        patient=draw(texts),
        change=change,
        recommendation=draw(recommendations),
        revision=draw(revisions),
        caused_by=draw(many(texts)),
        replaces="" if change is Change.ADDED else draw(names),
    )
