"""In the state of each log there is of each fact the last version, once."""

from collections import defaultdict
from collections.abc import Mapping

from tests.end_to_end.soak.audit_logs import Logs
from tests.end_to_end.soak.expected import Expected, Standing
from tests.end_to_end.soak.findings import Findings, Wrong
from tests.end_to_end.soak.reading import Held, is_stated, place_of

from epione.v1.state_pb2 import PatientState


async def read_states(held: Held, expected: Expected, logs: Logs, found: Findings) -> None:
    seen = set()
    async for key, state in held.states():
        if (log := logs.name_of.get(key)) is not None:
            seen.add(log)
            _check_state(log, state, expected, logs, found)
    for log in expected.standing.keys() - seen:
        found.note(Wrong.LOST, "no state", log)


def _check_state(
    log: str, state: PatientState, expected: Expected, logs: Logs, found: Findings
) -> None:
    facts: dict[str, dict[str, int]] = defaultdict(dict)  # by origin: fact, message
    for event in filter(is_stated, state.events):
        origin = logs.name_of.get(f"{event.tenant}/{event.origin or event.patient}", "")
        place, index = place_of(event.delivery_id)
        row = expected.by_place[place]
        entity = row.facts[index].entity
        if entity in facts[origin]:
            found.note(Wrong.DOUBLE, "twice in the state", f"{log}: {entity}")
        facts[origin][entity] = row.serial
    for origin in (log, *(each for each in facts if expected.is_member(each, log))):
        _check_held(log, facts[origin], expected.standing[origin], found)


def _check_held(
    log: str, held: Mapping[str, int], standing: Mapping[str, Standing], found: Findings
) -> None:
    for entity, fact in standing.items():
        found.checked["facts in states"] += 1
        if held.get(entity) != fact.serial:
            at = f"{log}: {entity} is of message {held.get(entity)}, not {fact.serial}"
            found.note(Wrong.LOST, "not in the state", at)
