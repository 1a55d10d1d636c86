"""Patients' logs as lives: what is stated now, corrections and withdrawals included.

Who was merged into another is told of there; who was forgotten, or denies consent to research, is
not told of. A patient's number is a hash of tenant and pseudonym, which is itself a keyed hash.
"""

from collections.abc import Iterable, Iterator

from epione.timeline import (
    PatientEvent,
    Timeline,
    fold,
    genome_of,
    history_of,
    now_of,
    survivor_of,
)
from epione.timeline.names import IngredientOf
from epione.timeline.tokens import NoLife, entries_of
from epione_training.cohorts.told import Told, subject_of

RESEARCH = "research"  # the scope of consent


def lives_in(
    events: Iterable[PatientEvent], ingredient_of: IngredientOf
) -> Iterator[Told | NoLife]:
    """Give the lives that the events of whole logs tell of."""
    logs: dict[tuple[str, str], list[PatientEvent]] = {}
    for event in events:
        logs.setdefault((event.tenant, event.patient), []).append(event)
    for (tenant, patient), own in logs.items():
        timeline = fold(Timeline(tenant, patient), own)
        if timeline.reached and survivor_of(timeline) is None:
            yield _told(timeline, ingredient_of)


def _told(timeline: Timeline, ingredient_of: IngredientOf) -> Told | NoLife:
    history = history_of(timeline, now_of(timeline))
    if history.denial(RESEARCH):
        return NoLife.DENIED
    entries = entries_of(history, genome_of(history), ingredient_of)
    if isinstance(entries, NoLife):
        return entries
    return Told(subject_of(f"{timeline.tenant}/{timeline.patient}"), entries)
