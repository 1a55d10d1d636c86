"""Certificates of files that settings name, for clients and servers.

A fault is told by the variable and the rule; never by the value, which is a path of the operator's.
"""

import ssl

from epione.errors import Misconfigured


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


def _no_password() -> str:
    """Answer for the terminal, which OpenSSL would ask for a passphrase."""
    return ""
