"""What every client of Redis is made with, and when Redis does not let us in.

The address holds the password: no part of it is ever repeated.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from epione.errors import Misconfigured
from epione.tls import reason_of, speaks_tls


def redis_of(url: str, timeout_s: float, variable: str) -> Redis:
    """Prepare a client that tries nothing again by itself; nothing is connected yet.

    Args:
        url: redis://, rediss:// (TLS) or unix://, with user, password and arguments.
        timeout_s: Of each call.
        variable: Which setting the address is of.

    Raises:
        Misconfigured: It is no such address.
    """
    try:
        client = Redis.from_url(
            url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # reads arguments
    except (ValueError, TypeError):
        raise Misconfigured(
            f"{variable}: no redis://, rediss:// or unix:// address, percent-encoded, "
            "whose arguments the client knows"
        ) from None
    return client


@asynccontextmanager
async def refusing_denial(client: Redis, variable: str) -> AsyncIterator[None]:
    """Tell, of the first calls, a setting at fault from a Redis that does not answer.

    Raises:
        Misconfigured: Redis does not let us in, or we do not trust it.
    """
    try:
        yield
    except RedisError as fault:
        if reason := await _denial(client, fault):
            raise Misconfigured(f"{variable}: {reason}") from None
        raise


async def _denial(client: Redis, fault: RedisError) -> str:
    """Say why waiting would not help; "" where it may."""
    pool, cause = client.connection_pool, fault.__context__
    if isinstance(fault, AuthenticationError | NoPermissionError):
        return f"Redis does not take the user and password: {type(fault).__name__}"
    if issubclass(pool.connection_class, SSLConnection):
        if isinstance(cause, ssl.SSLError):
            reason = reason_of(cause)
            return reason and f"no TLS with Redis: {reason}"
        return "its PEM files are not there" if isinstance(cause, FileNotFoundError) else ""
    host, port = (pool.connection_kwargs.get(name) for name in ("host", "port"))
    if host and await speaks_tls(host, port or 6379):
        return "Redis speaks TLS: rediss:// is needed"
    return ""
