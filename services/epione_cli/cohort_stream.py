"""What a stream says of its patients, as MEDS."""

from pathlib import Path

from epione.medicine.ingredients import ingredient_of
from epione.messaging import Archive, Record, topics
from epione.messaging.sealing import Sealing
from epione_inference.single import readable
from epione_training.cohorts.meds_writing import MedsFolder
from epione_training.cohorts.stream import lives_in
from epione_training.cohorts.told import Remainder


async def write_lives(log: Archive, vault: Sealing, tenant: str, into: Path) -> Remainder:
    """Write the lives of a tenant's patients; of the log, one partition at a time is in memory.

    Raises:
        MalformedCohort: There is none.
        Misconfigured: The folder holds something already.
    """
    folder = MedsFolder(into, topics.PATIENT_EVENTS.name)
    for partition in await log.offsets_at(topics.PATIENT_EVENTS, 0):
        records = log.read_from(topics.PATIENT_EVENTS, {partition: 0})
        opened = [found async for record in records for found in await vault.opened([record])]
        plain = (found for found in opened if isinstance(found, Record))
        events = (event for _, event in readable(plain) if event.tenant == tenant)
        folder.add(lives_in(events, ingredient_of))
    return folder.close()
