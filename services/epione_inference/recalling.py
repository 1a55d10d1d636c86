"""Whose plan another release of knowledge changes, by the states that are live.

States are read and not written. A plan is made for now or, where the patient's log is ahead of it,
for the time that the log has reached: what time alone changes, the service tells by itself. Genes
stay called as they are on the record, whichever release called them.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from epione.errors import StateDown
from epione.medicine.drug_recommendations import DrugGuidelines
from epione.medicine.knowledge_differences import (
    Difference,
    differences,
    n_said_alike,
    recommended,
)
from epione.medicine.plan import case_of
from epione.messaging.sealing import Sealing
from epione.messaging.state import StateStore
from epione.timeline import Timeline, now_of
from epione_inference.states import States

AT_ONCE = 500  # states


@dataclass(frozen=True, slots=True)
class Compared:
    """One patient's plan by two releases."""

    key: str  # the tenant and the pseudonym
    differences: tuple[Difference, ...]
    n_said_alike: int  # recommendations that only rest on other evidence


class Comparison:
    """Makes plans by one release and by another, as far as the two may differ."""

    def __init__(self, before: DrugGuidelines, after: DrugGuidelines, now: datetime) -> None:
        self._before, self._after, self._now = before, after, now

    def of(self, key: str, timeline: Timeline) -> Compared:
        """Compare a patient's plans."""
        case = case_of(timeline, max(self._now, now_of(timeline)))
        one, other = recommended(case, self._before), recommended(case, self._after)
        return Compared(key, tuple(differences(one, other)), n_said_alike(one, other))


async def compared(
    store: StateStore,
    vault: Sealing,
    partition: int,
    comparison: Comparison,
    on_progress: Callable[[int], None] = lambda n: None,
) -> AsyncIterator[list[Compared]]:
    """Compare every patient of a partition's live states, once, some at a time.

    Args:
        on_progress: Is told how many more were compared.

    Raises:
        StateDown: Redis does not answer; or other states became the live ones meanwhile, and some
            patients may have been passed over.
        StateLost: A state was altered.
    """
    namespace = (await store.held(partition)).position.namespace
    seen: set[str] = set()
    async for states in store.scan(partition, namespace, AT_ONCE):
        fresh = {key: state for key, state in states.items() if key not in seen}
        seen |= fresh.keys()
        yield list(_compared(await vault.opened_states(fresh), comparison))
        on_progress(len(fresh))
    if (await store.held(partition)).position.namespace != namespace:
        raise StateDown(f"other states of partition {partition} became the live ones: do it again")


def _compared(states: Mapping[str, bytes], comparison: Comparison) -> Iterator[Compared]:
    reading = States(remembered=0)
    for key, state in states.items():
        timeline = reading.read(key, state).timeline
        if timeline.kept:  # else nothing is recommended
            yield comparison.of(key, timeline)
