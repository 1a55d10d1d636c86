"""The port to what seals values: `epione.privacy.Vault` does, by keys of the patients."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from epione.errors import Erased, Rejected
from epione.messaging.log import Message, Record

Opened = Record | Rejected | Erased  # with its plain value, or why it has none

# A message, and when what it was made from was recorded (ms since 1970 UTC); None: of no time.
Dated = tuple[Message, int | None]


class Sealing(Protocol):
    """Opens what steps read, and seals what they write.

    It raises `Unavailable` where it cannot tell whether a key was destroyed, or cannot make one.
    """

    async def opened(self, records: Sequence[Record]) -> Sequence[Opened]:
        """Give each record with its plain value, or why it has none."""

    async def sealed(self, messages: Sequence[Dated]) -> list[Message]:
        """Seal the values of topics that are sealed; leave out what was to be forgotten."""

    async def opened_states(self, states: Mapping[str, bytes]) -> dict[str, bytes]:
        """Give the plain states; those whose key was destroyed are not there."""

    async def sealed_states(
        self, states: Mapping[str, bytes], at_ms: int | None
    ) -> dict[str, bytes]:
        """Seal states made from what was recorded by `at_ms`; one to be forgotten is empty."""


def plain(opened: Record | Rejected) -> Record:
    """Give a record that was opened.

    Raises:
        Rejected: It could not be.
    """
    if isinstance(opened, Rejected):
        raise opened
    return opened
