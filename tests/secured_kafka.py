"""A native Kafka with its doors shut: TLS, a password for each user, and what the table grants."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from epione.messaging.access import USERS
from epione.messaging.access_setup import grant
from epione.messaging.client import client_of
from epione.messaging.security import KafkaSecurity
from epione_cli.native_kafka import NativeKafka
from tests.certificates import Authority

ADMIN = "admin"
STRANGER = "stranger"  # known, and granted nothing


def password_of(user: str) -> str:
    return f"password-of-{user}"


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    bootstrap: str
    ca: Path

    def security_of(self, user: str) -> KafkaSecurity:
        return KafkaSecurity(ca=str(self.ca), user=user, password=password_of(user))

    def variables_of(self, user: str) -> dict[str, str]:
        """Give the settings by which a process is that user."""
        return {
            "EPIONE_KAFKA": self.bootstrap,
            "EPIONE_KAFKA_CA": str(self.ca),
            "EPIONE_KAFKA_USER": user,
            "EPIONE_KAFKA_PASSWORD": password_of(user),
        }


@contextmanager
def secured_kafka(home: Path) -> Iterator[SecuredKafka]:
    """Run one whose users are those of the table, and may do what it says."""
    authority = Authority(home / "certificates")
    users = [ADMIN, STRANGER, *(access.user for access in USERS)]
    broker = NativeKafka(
        home / "kafka",
        settings=_settings(authority),
        format_arguments=[word for user in users for word in ("--add-scram", _scram(user))],
    )
    broker.start()
    try:
        kafka = SecuredKafka(broker.bootstrap, authority.ca)
        client = client_of(kafka.bootstrap, kafka.security_of(ADMIN))
        asyncio.run(grant(client, [each for access in USERS for each in access.grants()]))
        yield kafka
    finally:
        broker.kill()


def _scram(user: str) -> str:
    return f"SCRAM-SHA-512=[name={user},password={password_of(user)}]"


def _settings(authority: Authority) -> str:
    """Shut the clients' door by passwords, and the controller's by certificates."""
    pair = authority.issue("broker")
    keystore = authority.ca.parent / "broker.keystore.pem"
    keystore.write_bytes(pair.key.read_bytes() + pair.cert.read_bytes())
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    return f"""\
listener.security.protocol.map=PLAINTEXT:SASL_SSL,CONTROLLER:SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority.ca}
listener.name.controller.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.plaintext.scram-sha-512.sasl.jaas.config={login} \
username="{ADMIN}" password="{password_of(ADMIN)}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{ADMIN};User:CN=broker
"""
