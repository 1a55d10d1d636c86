"""What is found in one message, before it is published."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from epione.errors import Rejected
from epione.messaging.log import Message
from epione.timeline import Body, SourceVersion, Status
from epione.wire import GenomeSample


@dataclass(frozen=True, slots=True)
class Fact:
    """One version of one fact about one patient."""

    patient: str
    entity_id: str
    version: SourceVersion
    status: Status
    body: Body
    effective_at: datetime | None = None


@dataclass(slots=True)
class Findings:
    """Gathers what a message holds: what is used, what is not, and what cannot be."""

    facts: list[Fact] = field(default_factory=list)
    samples: list[GenomeSample] = field(default_factory=list)
    links: dict[bytes, Message] = field(default_factory=dict)  # by key, so that each stands once
    unused: Counter[str] = field(default_factory=Counter)  # by name: "Claim", "ADT_A02"
    unconverted: int = 0  # quantities whose unit no rule converts
    refusals: list[Rejected] = field(default_factory=list)  # parts of it that are at fault

    def link(self, message: Message) -> None:
        self.links[message.key] = message

    def refuse(self, fault: Rejected, place: str) -> None:
        """Note a part that is at fault; `place` says which: "entry 3: ", or "" for the whole."""
        self.refusals.append(type(fault)(f"{place}{fault}"))
