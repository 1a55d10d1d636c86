"""What the operator tells the ingestion service."""

import ssl
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from epione.errors import Misconfigured
from epione.genomes.settings import GenomeSettings
from epione.identity import Assigners
from epione.settings import listed
from epione.tls import load_certificate
from epione_ingestion.admission import Admission
from epione_ingestion.maps import read_maps
from epione_ingestion.rates import Rates
from epione_ingestion.rules import Rules
from epione_ingestion.token_file import TokenFile
from epione_ingestion.tokens import Doorkeeper


class IngestionSettings(GenomeSettings):
    """Read once, in `app.py`, from EPIONE_ variables."""

    tenant: str = Field("default", description="Of messages whose headers name none")
    source: str = Field("", description="Likewise: a FHIR server's base, or an HL7 sender's name")
    zone: str = Field("", description="IANA time zone of times without one; empty refuses them")
    assigners: str = Field(
        "", description="Assigning authorities, the preferred first, as name or name=used name"
    )
    maps: str = Field("", description="Files that map codes, CSV or ConceptMap, by commas")
    http_host: str = Field("127.0.0.1", description="Address to listen on")
    http_port: int = Field(8080, description="Port to listen on")
    http_cert: str = Field("", description="PEM file of its certificates, to speak TLS there")
    http_key: str = Field("", description="PEM file of the key of that certificate")
    tokens: str = Field("", description="File of who may send; empty lets nobody in")
    rate: float = Field(1000.0, gt=0, description="Messages a second that a token may send")


def rules_of(settings: IngestionSettings) -> Rules:
    """Make the rules that the settings say, maps read.

    Raises:
        Misconfigured: The secret is too short, a zone is unknown, or a map cannot be read.
    """
    return Rules(
        keys=settings.keys,
        tenant=settings.tenant,
        source=settings.source,
        zone=_zone(settings.zone),
        assigners=_assigners(settings.assigners),
        maps=read_maps(Path(name) for name in listed(settings.maps)),
        genomes=settings.allowed,
    )


def admission_of(settings: IngestionSettings) -> Admission:
    """Make the threshold that the settings say.

    Raises:
        Misconfigured: The file of tokens is not there, or not understood.
    """
    known = TokenFile(Path(settings.tokens)).tokens if settings.tokens else dict
    return Admission(Doorkeeper(known), Rates(settings.rate))


def tls_of(settings: IngestionSettings) -> ssl.SSLContext | None:
    """Read the certificate; None where HTTP is plain.

    Raises:
        Misconfigured: A file cannot be read, or one of the two is missing.
    """
    if not (settings.http_cert or settings.http_key):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    load_certificate(context, settings.http_cert, settings.http_key, "EPIONE_HTTP")
    return context


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise Misconfigured(
            f"EPIONE_ZONE: {name=} is no time zone that this machine knows"
        ) from fault


def _assigners(text: str) -> Assigners:
    """Read "http://hospital.example/mrn,MAIN=http://hospital.example/mrn"."""
    pairs = [entry.rpartition("=") for entry in listed(text)]
    return Assigners(
        synonyms={synonym: used for synonym, _, used in pairs if synonym},
        preferred=tuple(dict.fromkeys(used for _, _, used in pairs)),
    )
