"""How Kafka is spoken to: whom we trust, and who we say we are."""

from dataclasses import dataclass, field
from enum import StrEnum

from epione.errors import Misconfigured


class Mechanism(StrEnum):
    """How a password is proved (SASL)."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """With anything set, TLS; a password never crosses the network in plain text.

    `ca` is a PEM file of those who vouch for the brokers; without it the machine's own do. `cert`
    and `key` are PEM files by which we are known, `user` and `password` another way.
    """

    ca: str = ""
    cert: str = ""
    key: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512

    def __post_init__(self) -> None:
        if bool(self.user) != bool(self.password):
            raise Misconfigured("EPIONE_KAFKA_USER and EPIONE_KAFKA_PASSWORD need each other")
        if bool(self.cert) != bool(self.key):
            raise Misconfigured("EPIONE_KAFKA_CERT and EPIONE_KAFKA_KEY need each other")

    @property
    def is_open(self) -> bool:
        """Whether nothing is set: plain text, and no name."""
        return not (self.ca or self.cert or self.user)
