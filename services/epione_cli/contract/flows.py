"""Which service reads and writes which topics."""

from dataclasses import dataclass

from epione.messaging import Topic
from epione.messaging.topics import (
    GENOME_SAMPLES,
    IDENTITY_LINKS,
    PATIENT_EVENTS,
    PATIENT_PLANS,
    RECOMMENDATIONS,
    dead_letters_of,
)
from epione_genomics import answering as genomics
from epione_inference import app as inference
from epione_ingestion import app as ingestion
from epione_ingestion.answering import STAGE as INGESTION


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    about: str
    group: str  # of its consumers
    receives: tuple[Topic, ...]
    answers: tuple[Topic, ...]

    @property
    def sends(self) -> tuple[Topic, ...]:
        """What it answers on, and where what it cannot use goes."""
        return (*self.answers, *map(dead_letters_of, self.receives))


SERVICES = (
    Service(
        INGESTION,
        "Reads what hospitals send; what they post over HTTP it writes to their topics first",
        ingestion.GROUP,
        ingestion.TOPICS,
        (*ingestion.TOPICS, PATIENT_EVENTS, GENOME_SAMPLES, IDENTITY_LINKS),
    ),
    Service(
        genomics.STAGE,
        "Reads genomes, and tells patients' logs what they say",
        genomics.GROUP,
        (GENOME_SAMPLES,),
        (PATIENT_EVENTS,),
    ),
    Service(
        inference.STAGE,
        "Folds patients' logs into plans; merged records and due times it tells the logs",
        inference.GROUP,
        (PATIENT_EVENTS,),
        (PATIENT_EVENTS, PATIENT_PLANS, RECOMMENDATIONS),
    ),
)
