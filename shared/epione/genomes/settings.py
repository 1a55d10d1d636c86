"""What the operator tells the services that name patients and read their genomes."""

from pathlib import PurePosixPath

from pydantic import Field, SecretStr

from epione.genomes.addresses import Allowed
from epione.identity import Keys, keys_of
from epione.settings import ServiceSettings, listed


class GenomeSettings(ServiceSettings):
    """The secret, and from where a genome may be read."""

    secret: SecretStr = Field(description="Shared by all services; names patients, seals addresses")
    genome_hosts: str = Field(
        default="", description="Hosts to fetch from by https, separated by commas"
    )
    genome_roots: str = Field(
        default="", description="Absolute folders to read, separated by commas"
    )

    @property
    def keys(self) -> Keys:
        """The keys of the secret.

        Raises:
            Misconfigured: It is too short.
        """
        return keys_of(self.secret.get_secret_value())

    @property
    def allowed(self) -> Allowed:
        return allowed_by(self.genome_hosts, self.genome_roots)


def allowed_by(hosts: str, roots: str) -> Allowed:
    """Read the lists of EPIONE_GENOME_HOSTS and EPIONE_GENOME_ROOTS."""
    return Allowed(
        frozenset(host.lower() for host in listed(hosts)),
        tuple(PurePosixPath(root) for root in listed(roots)),
    )
