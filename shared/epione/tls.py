"""Certificates of files that settings name, for clients and servers.

A fault is told by the variable and the rule; never by the value, which is a path of the operator's.
"""

import asyncio
import ssl
from contextlib import suppress

from epione.errors import Misconfigured

PROBE_TIMEOUT_S = 5.0

_PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def client_context(ca: str, cert: str, key: str, variables: str) -> ssl.SSLContext:
    """Trust who the CA vouches for, and show a certificate where one is given.

    Args:
        ca: PEM file of those who vouch; "" trusts those of the machine.
        cert: PEM file of our certificate and those between; "" shows none.
        key: PEM file of its key.
        variables: What the settings' names begin with: "EPIONE_KAFKA".

    Raises:
        Misconfigured: A file cannot be read, or a certificate or key lacks the other.
    """
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except OSError:
        raise Misconfigured(f"{variables}_CA: no PEM file of certificates is there") from None
    if cert or key:
        load_certificate(context, cert, key, variables)
    return context


def load_certificate(context: ssl.SSLContext, cert: str, key: str, variables: str) -> None:
    """Read a certificate and its key.

    Raises:
        Misconfigured: One of them is missing or cannot be read, or they are not of each other.
    """
    if not (cert and key):
        raise Misconfigured(f"{variables}_CERT and {variables}_KEY need each other")
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except OSError:
        raise Misconfigured(
            f"{variables}_CERT and {variables}_KEY: no PEM files of a certificate and of its key, "
            "without a passphrase, are there"
        ) from None


def reason_of(fault: ssl.SSLError) -> str:
    """Say why there is no TLS with a server; "" where it only went away."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return fault.verify_message
    return "" if isinstance(fault, _PASSING) else fault.reason or "unknown"


async def speaks_tls(host: str, port: int) -> bool:
    """Say whether a server answers to TLS; whoever it is, for nothing is sent."""
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=anyone)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


def _no_password() -> str:
    """Answer for the terminal, which OpenSSL would ask for a passphrase."""
    return ""
