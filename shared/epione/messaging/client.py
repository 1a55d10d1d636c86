"""What every client of Kafka is made with, and what its errors mean."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest
from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from epione.errors import BrokerDown, EpioneError, Misconfigured
from epione.messaging.security import KafkaSecurity, Mechanism
from epione.tls import client_context, reason_of, speaks_tls

FORBIDDEN = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)
KNOCK_TIMEOUT_S = 5.0

_UNKNOWN = (SaslAuthenticationFailed, UnsupportedSaslMechanismError, IllegalSaslStateError)
_SASL = {
    Mechanism.PLAIN: SASLPlaintext,
    Mechanism.SCRAM_SHA_256: SASLScram256,
    Mechanism.SCRAM_SHA_512: SASLScram512,
}


@dataclass(frozen=True, slots=True)
class Client:
    """Where the brokers are, and how they are spoken to."""

    bootstrap: str
    security: BaseSecurity | None = None  # None: in plain text, without a name

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Of aiokafka's producer, consumer and admin client."""
        return {"bootstrap_servers": self.bootstrap, **parse_security(self.security)}


def client_of(bootstrap: str, security: KafkaSecurity) -> Client:
    """Read the certificates.

    Raises:
        Misconfigured: A file is not there, or is none.
    """
    if security.is_open:
        return Client(bootstrap)
    context = client_context(security.ca, security.cert, security.key, "EPIONE_KAFKA")
    if not security.user:
        return Client(bootstrap, BaseSecurity(context))
    sasl = _SASL[security.mechanism]
    return Client(bootstrap, sasl(security.user, security.password, context))


def fault_of(error: Exception) -> EpioneError:
    """Say whose fault a client's error is: what we may not do, or brokers that do not answer."""
    kind = type(error).__name__
    if isinstance(error, FORBIDDEN):
        return Misconfigured(f"Kafka does not let this user do what it needs: {kind}: {error}")
    return BrokerDown(f"Kafka does not answer: {kind}")


async def refuse_misconfigured(client: Client) -> None:
    """Knock at each broker, after one did not answer: aiokafka does not say why.

    Raises:
        Misconfigured: A setting is at fault; waiting would not help.
    """
    for host, port, _ in collect_hosts(client.bootstrap):
        try:
            await _knock(host, port, client)
        except _UNKNOWN as fault:
            raise Misconfigured(
                "Kafka does not take EPIONE_KAFKA_USER with its EPIONE_KAFKA_PASSWORD by "
                f"EPIONE_KAFKA_MECHANISM: {type(fault).__name__}"
            ) from None
        except ssl.SSLError as fault:
            if reason := reason_of(fault):
                raise Misconfigured(f"no TLS with Kafka by EPIONE_KAFKA_CA: {reason}") from None
        except (KafkaError, OSError, TimeoutError):
            if client.security is None and await speaks_tls(host, port):
                raise Misconfigured(
                    "Kafka speaks TLS: EPIONE_KAFKA_CA says who vouches for it"
                ) from None


async def _knock(host: str, port: int, client: Client) -> None:
    timeout_ms = int(KNOCK_TIMEOUT_S * 1000)
    arguments = parse_security(client.security)
    connection = await create_conn(host, port, request_timeout_ms=timeout_ms, **arguments)
    try:
        await connection.send(MetadataRequest([]))
    except KafkaConnectionError:
        if "sasl_mechanism" not in arguments:
            raise Misconfigured(
                "Kafka hangs up on who does not say who it is: EPIONE_KAFKA_USER is needed"
            ) from None
        raise
    finally:
        connection.close()
