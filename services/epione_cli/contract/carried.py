"""What each topic carries: its messages, their headers, keys and payloads."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from epione.identity.links import KIND as LINK
from epione.identity.links import SEALED
from epione.messaging import JSON, PROTOBUF, Topic, snapshots, topics
from epione.messaging.dead_letter import (
    ATTEMPTS,
    LOGGED_MS,
    ORIGIN_OFFSET,
    ORIGIN_PARTITION,
    ORIGIN_TOPIC,
    REASON,
    STAGE,
)
from epione.messaging.trace import TRACEPARENT
from epione.privacy.vault import KEY, OWNER
from epione.privacy.wrapping import INFO
from epione_cli.contract.proto_text import PACKAGE, proto_text
from epione_cli.operating.letters import BEGUN, DONE, REQUEUES
from epione_ingestion.genome import MANIFEST_TYPES, OUTSIDE_TYPES, VCF_TYPES
from epione_ingestion.receiver import DOORS

Schema = dict[str, object]

AUDIT = "epione.privacy.Audit"
BINARY = "application/octet-stream"
PROTOBUF_SCHEMA = "application/vnd.google.protobuf;version=3"


@dataclass(frozen=True, slots=True)
class Carried:
    """One kind of message of a topic."""

    name: str
    summary: str
    content_type: str
    payload: Schema
    headers: Mapping[str, Schema]
    required: tuple[str, ...]
    key: Schema


def carried_by(topic: Topic) -> tuple[Carried, ...]:
    """Give the messages of a topic.

    Raises:
        KeyError: It is not yet described here.
    """
    if topic in _DEAD:
        return (_dead_letter(_DEAD[topic]),)
    return _CARRIED[topic]


def _text(description: str, **more: object) -> Schema:
    return {"type": "string", "description": description, **more}


PATIENT_KEY = _text(
    'The tenant and the patient\'s pseudonym: "<tenant>/<patient>"', pattern="^[^/]+/.+$"
)
SENDERS_KEY = _text(
    "The sender's. Messages of one key stay in order, so one for each patient is best"
)
NUMBER = "^-?[0-9]+$"
# What any message of a hospital, and all that follows from it, may have.
TRACE: Mapping[str, Schema] = {
    TRACEPARENT: _text("The span that sent it, where its hospital message is traced (W3C)")
}
SEALED_BY: Mapping[str, Schema] = {
    KEY: _text(
        "The value is sealed by the patient's key of this id: format (1 byte, 1), nonce (12), "
        "then AES-256-GCM with its tag last; associated data: topic, '/', the record's key. "
        "Without this header it is plain",
        pattern="^[0-9a-f]{16}$",
    ),
    OWNER: _text("Whose key that is, where it is not the record's: <tenant>/<patient>"),
}
HEADERS: Mapping[str, Schema] = {
    "ce_specversion": _text("Version of CloudEvents", const="1.0"),
    "ce_id": _text("Names the event within its source: the same again for the same event"),
    "ce_source": _text("Which service wrote it, as a URI reference"),
    "ce_time": _text("When it was so, RFC 3339", format="date-time"),
}


def _cloud_event(kind: str, content_type: str) -> Mapping[str, Schema]:
    return {
        **HEADERS,
        "ce_type": _text("What happened", const=kind),
        "content-type": _text("Of the value", const=content_type),
    }


def _derived(name: str, file: str, summary: str) -> Carried:
    """Describe a message of `epione.v1`."""
    kind = f"{PACKAGE}.{name}"
    headers = _cloud_event(kind, PROTOBUF)
    required = tuple(sorted(headers))
    payload = _protobuf(file)
    said = {**headers, **TRACE, **SEALED_BY}
    return Carried(kind, summary, PROTOBUF, payload, said, required, PATIENT_KEY)


def _protobuf(file: str) -> Schema:
    return {"schemaFormat": PROTOBUF_SCHEMA, "schema": proto_text(file)}


def _binary(description: str) -> Schema:
    return {"type": "string", "format": "binary", "description": description}


def _raw(
    name: str,
    summary: str,
    content_types: Collection[str],
    payload: Schema,
    also: Mapping[str, Schema] = MappingProxyType({}),
    **whose: Schema,
) -> Carried:
    """Describe what a hospital sends; what its headers do not say, the settings do.

    Args:
        content_types: That it may have, the usual one first.
        also: Headers that may be there.
        whose: Headers that must be there.
    """
    headers = {
        "ce_tenant": _text("Whose patient; else the tenant of the settings"),
        "ce_source": _text("The server's base, or the sender's name; else that of the settings"),
        "content-type": _text("Of the value", enum=list(content_types)),
        REQUEUES: _text("How often it was sent again, after it became a dead letter"),
        LOGGED_MS: _text("When it first came, if sent again: ms since 1970 UTC", pattern=NUMBER),
        **TRACE,
        **also,
        **whose,
    }
    usual, *_ = content_types
    return Carried(name, summary, usual, payload, headers, tuple(whose), SENDERS_KEY)


def _types(usual: str, also: Iterable[str]) -> list[str]:
    return [usual, *sorted(set(also) - {usual, ""})]


def _dead_letter(origin: Topic) -> Carried:
    said = {
        REASON: _text("Why it can never be used; it names no patient"),
        STAGE: _text("Which service refused it"),
        ATTEMPTS: _text("At which attempt", pattern=NUMBER),
        ORIGIN_TOPIC: _text("Where it was", const=origin.name),
        ORIGIN_PARTITION: _text("Partition there", pattern=NUMBER),
        ORIGIN_OFFSET: _text("Offset there", pattern=NUMBER),
        LOGGED_MS: _text("When it first came, ms since 1970 UTC", pattern=NUMBER),
    }
    return Carried(
        f"{origin.name}.DeadLetter",
        f"A record of {origin.name} that can never be used: its key, value and headers as they "
        "were, and why beside them",
        "application/octet-stream",
        {"description": "The original value, whatever it was"},
        said,
        tuple(said),
        _text("The original key"),
    )


_MANIFEST: Schema = {
    "type": "object",
    "required": ["patient", "sample", "uri", "sha256", "size"],
    "properties": {
        "patient": {
            "type": "object",
            "required": ["assigner", "identifier"],
            "properties": {
                "assigner": _text("Who gave the medical record number"),
                "identifier": _text("The medical record number"),
            },
        },
        "sample": _text("The patient's column in the file"),
        "uri": _text("Where the VCF is; the operator says which places are allowed"),
        "sha256": _text("Of the file", pattern="^[0-9a-fA-F]{64}$"),
        "size": {"type": "integer", "minimum": 1, "description": "Bytes of the file"},
        "collected": _text("When the sample was taken, a FHIR dateTime"),
        "status": {"enum": ["final", "entered-in-error"]},
    },
}

_STATUS: Mapping[str, Schema] = {
    "ce_status": _text(
        "Whether the file counts: entered-in-error takes back what its patient, sample and caller "
        "named",
        enum=["final", "entered-in-error"],
    )
}

_AUDIT: Schema = {
    "type": "object",
    "required": ["id", "at", "who", "action", "patient", "why", "outcome"],
    "properties": {
        "id": _text("Of what was asked: the same before and after"),
        "at": _text("When", format="date-time"),
        "who": _text("Who asked"),
        "action": _text("What for", enum=["forget", "resolve"]),
        "patient": _text("The key of the patient's records"),
        "why": _text("The reason given"),
        "outcome": _text("How far it is", enum=["begun", "done", "refused"]),
        "records": {"type": "array", "items": _text("The key of a record that it is about")},
        "details": _text("What more there is to say; it names no one"),
    },
}

_CARRIED: Mapping[Topic, tuple[Carried, ...]] = {
    topics.HOSPITAL_FHIR: (
        _raw(
            "hospital.Fhir",
            "A FHIR R4 resource or Bundle, as received: identified patient data",
            _types("application/fhir+json", DOORS["/fhir"].content_types),
            {
                "type": "object",
                "required": ["resourceType"],
                "properties": {"resourceType": _text("A resource type of FHIR R4")},
            },
        ),
    ),
    topics.HOSPITAL_HL7V2: (
        _raw(
            "hospital.Hl7v2",
            "An HL7 v2 message in ER7, as received: identified patient data",
            _types("x-application/hl7-v2+er7", DOORS["/hl7v2"].content_types),
            _text("Segments, ended by carriage returns", pattern="^MSH"),
        ),
    ),
    topics.HOSPITAL_GENOME: (
        _raw(
            "hospital.GenomeFile",
            "A VCF of 256 KiB at most, plain or gzip; whose it is, in headers",
            _types("text/x-vcf", VCF_TYPES),
            _text("A VCF on GRCh38 or GRCh37", pattern="^(##|\\x1f\\x8b)"),
            _STATUS,
            ce_patientassigner=_text("Who gave the medical record number"),
            ce_patientidentifier=_text("The medical record number"),
            ce_sample=_text("The patient's column in the file"),
        ),
        _raw(
            "hospital.OutsideCalls",
            "What another caller calls of a genome, 256 KiB at most; whose it is, in headers",
            _types("text/tab-separated-values", OUTSIDE_TYPES),
            _text("Gene, diplotype, phenotype, activity score; or as Cyrius or StellarPGx write"),
            _STATUS,
            ce_patientassigner=_text("Who gave the medical record number"),
            ce_patientidentifier=_text("The medical record number"),
            ce_sample=_text("Which sample of the patient's"),
        ),
        _raw(
            "hospital.GenomeManifest",
            "Where a larger VCF lies, and whose it is",
            _types(JSON, MANIFEST_TYPES),
            _MANIFEST,
            _STATUS,
        ),
    ),
    topics.PATIENT_EVENTS: (
        _derived(
            "PatientEvent",
            "patient_event",
            "One entry of a patient's log: everything that can change the patient's plan",
        ),
    ),
    topics.GENOME_SAMPLES: (
        _derived("GenomeSample", "genome_sample", "A genome to be read, or where it lies"),
    ),
    topics.PATIENT_PLANS: (
        _derived(
            "Plan",
            "plan",
            "The whole current plan of a patient; a reader drops one whose revision is lower than "
            "one it has",
        ),
    ),
    topics.RECOMMENDATIONS: (
        _derived(
            "Recommendation",
            "plan",
            "What an event added, superseded or retracted, and why; where a plan was asked for "
            "again, as by another release of knowledge, a last reason says so that the plan lacks",
        ),
    ),
    topics.PATIENT_STATES: (
        Carried(
            f"{PACKAGE}.PatientState",
            "What inference keeps of a patient, as it stood at a snapshot; a contract with no one",
            BINARY,
            _binary("The state, sealed as in Redis: the key's id (8 bytes) behind the format"),
            {
                snapshots.POSITION: _text("Offset of the log at which the scan began"),
                snapshots.EPOCH: _text("Generation of the log", pattern=NUMBER),
                snapshots.DUE: _text("When time is due, ms since 1970 UTC", pattern=NUMBER),
            },
            (snapshots.POSITION, snapshots.EPOCH),
            PATIENT_KEY,
        ),
        Carried(
            "epione.SnapshotComplete",
            "The last record of a partition's snapshot",
            JSON,
            {
                "type": "object",
                "required": ["epoch", "applied", "release"],
                "properties": {
                    "epoch": {"type": "integer", "description": "Generation of the log"},
                    "applied": {"type": "integer", "description": "Up to where it is applied"},
                    "release": _text("Of Epione"),
                },
            },
            {},
            (),
            _text("One of the partition's", pattern=f"^{snapshots.MARKER}"),
        ),
    ),
    topics.PATIENT_KEYS: (
        Carried(
            "epione.PatientKey",
            "A patient's key, wrapped by EPIONE_VAULT; its tombstone destroys it",
            BINARY,
            _binary(
                "Format (1 byte, 1), when it was made (8 bytes, big-endian, ms since 1970 UTC), "
                "nonce (12), then AES-256-GCM of the key with its tag last; associated data: "
                "format and time, then the record's key. By HKDF-SHA256 of the secret, no salt, "
                f"info '{INFO.decode()}'"
            ),
            {},
            (),
            _text('"<tenant>/<patient>/<key id>"', pattern="^[^/]+/[^/]+/[0-9a-f]{16}$"),
        ),
        Carried(
            "epione.PatientForgotten",
            "A mark: every key of this patient that was made before is destroyed",
            JSON,
            {
                "type": "object",
                "properties": {
                    "forgotten_at": _text(
                        "When, where that is before the log took it", format="date-time"
                    )
                },
            },
            {"content-type": _text("Of the value", const=JSON)},
            (),
            _text('"<tenant>/<patient>"', pattern="^[^/]+/[^/]+$"),
        ),
    ),
    topics.DEAD_REQUEUES: (
        Carried(
            "epione.DeadRequeue",
            "That a dead letter is being sent again, and that it has been",
            "text/plain",
            _text("How far it is", enum=[BEGUN.decode(), DONE.decode()]),
            {},
            (),
            _text('Its place: "<topic>/<partition>/<offset>"'),
        ),
    ),
    topics.AUDIT: (
        Carried(
            AUDIT,
            "Who asked for what of a patient, when, why, and what came of it; kept for good",
            JSON,
            _AUDIT,
            _cloud_event(AUDIT, JSON),
            tuple(sorted(_cloud_event(AUDIT, JSON))),
            PATIENT_KEY,
        ),
    ),
    topics.IDENTITY_LINKS: (
        Carried(
            LINK,
            "What ties a pseudonym to a person; sealed: only who holds the secret can open it",
            SEALED,
            {"type": "string", "format": "binary", "description": "Ciphertext"},
            {**_cloud_event(LINK, SEALED), **TRACE, **SEALED_BY},
            ("ce_id", "ce_source", "ce_specversion", "ce_type", "content-type"),
            PATIENT_KEY,
        ),
    ),
}

_DEAD = {topics.dead_letters_of(topic): topic for topic in topics.CONSUMED}
