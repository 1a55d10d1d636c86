"""What the operator decided about reading messages."""

from dataclasses import dataclass, field
from datetime import tzinfo

from epione.genomes import Allowed
from epione.identity import Assigners, Keys
from epione_ingestion.maps import CodeMap


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that `translate` needs beside the record itself."""

    keys: Keys
    tenant: str = "default"  # of records whose headers name none
    source: str = ""  # likewise; a FHIR server's base address, or an HL7 sender's name
    zone: tzinfo | None = None  # of times without one; None refuses them
    assigners: Assigners = field(default_factory=Assigners)
    maps: CodeMap = field(default_factory=CodeMap)
    genomes: Allowed = field(default_factory=Allowed)
    reading: int = 0  # of records that are read again, when (ms since 1970 UTC)
