"""A vault on a stream, and what a reader outside the steps sees through it."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from epione.messaging import Log, Patience, Record, Stream, Topic
from epione.messaging.patience import patiently
from epione.messaging.sealing import Sealing
from epione.privacy.keyring import KeyRing
from epione.privacy.vault import Vault
from epione.privacy.wrapping import VaultKeys


@asynccontextmanager
async def opened_vault(log: Stream, keys: VaultKeys) -> AsyncIterator[Vault]:
    """Give a vault that knows every key; a Kafka that does not answer is waited for."""
    ring = KeyRing(log, keys)

    async def attempt(_n: int) -> None:
        await ring.catch_up()

    try:
        await patiently(attempt, Patience(within_s=float("inf")), "reading patients' keys")
        yield Vault(ring)
    finally:
        await ring.close()


async def opened_records(
    log: Log, vault: Sealing, topic: Topic, *, key: bytes | None = None, follow: bool = False
) -> AsyncGenerator[Record]:
    """Read as `Log.read` does, plain values; what was forgotten, or altered, is passed over."""
    async for record in log.read(topic, key=key, follow=follow):
        (found,) = await vault.opened([record])
        if isinstance(found, Record):
            yield found
