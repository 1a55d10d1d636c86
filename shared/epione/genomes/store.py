"""Opens a genome, having checked its address, its size and its SHA-256."""

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from io import BytesIO
from typing import BinaryIO

from epione.errors import GenomeStoreDown, RefusedGenome
from epione.genomes.addresses import Allowed, FileAddress, WebAddress, allowed_address
from epione.genomes.references import opened_reference
from epione.identity import Keys
from epione.wire import GenomeSample

CHUNK = 1 << 20  # bytes
TIMEOUT_S = 30.0
NO_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.ENAMETOOLONG})
RETRIED = frozenset({408, 425, 429})  # and 5xx: the store may answer later (RFC 9110, 6585, 8470)


@dataclass(frozen=True, slots=True)
class OpenedGenome:
    """A genome's bytes, as the sender has them: plain or compressed.

    `column_name` names the patient's sample column; None where `GenomeSample.column` tells it.
    """

    file: BinaryIO
    column_name: str | None


@contextmanager
def opened_genome(sample: GenomeSample, keys: Keys, allowed: Allowed) -> Iterator[OpenedGenome]:
    """Open a genome, whole and verified; it blocks, so call it off the event loop.

    Raises:
        RefusedGenome: Its address is not allowed or leads to no file, or its size or SHA-256 is
            not what was announced.
        GenomeStoreDown: The store did not answer.
        MalformedEvent: The reference was not sealed by these keys for this patient.
    """
    if sample.inline:
        yield OpenedGenome(BytesIO(sample.inline), None)
        return
    reference = opened_reference(keys, sample)
    address = allowed_address(reference.uri, allowed)
    with tempfile.TemporaryFile() as copy:
        with _opened_file(address) if isinstance(address, FileAddress) else _fetched(address) as it:
            _copy_verified(it, copy, sample.size, sample.sha256)
        yield OpenedGenome(copy, reference.column_name)


def _copy_verified(source: BinaryIO, copy: BinaryIO, size: int, sha256: str) -> None:
    """Copy, so that what is read later is what was checked, whatever becomes of the source."""
    digest, n_bytes = hashlib.sha256(), 0
    while chunk := _read(source):
        digest.update(chunk)
        n_bytes += len(chunk)
        if n_bytes > size:
            raise RefusedGenome(f"the genome is longer than the {size=} announced")
        copy.write(chunk)
    if n_bytes != size:
        raise RefusedGenome(f"the genome has {n_bytes} bytes, and {size=} was announced")
    if digest.hexdigest() != sha256.lower():
        raise RefusedGenome("the genome's SHA-256 is not the one announced")
    copy.seek(0)


def _read(source: BinaryIO) -> bytes:
    try:
        return source.read(CHUNK)
    except (OSError, HTTPException) as fault:
        raise GenomeStoreDown(f"reading a genome: {type(fault).__name__}") from fault


def opened_folder(address: FileAddress) -> int:
    """Open the folder that a file is in, walking down from the root; give its descriptor.

    A link could leave the root between the check and the opening; so none is followed at all.

    Raises:
        RefusedGenome: There is no such folder.
        GenomeStoreDown: The root, or the store behind it, is not there.
    """
    try:
        descriptor = os.open(address.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as fault:
        raise GenomeStoreDown(f"a root of EPIONE_GENOME_ROOTS: {fault.strerror}") from fault
    for part in address.parts[:-1]:
        folder = descriptor
        try:
            descriptor = opened_below(folder, part)
        finally:
            os.close(folder)
    return descriptor


def _opened_file(address: FileAddress) -> BinaryIO:
    folder = opened_folder(address)
    try:
        descriptor = opened_below(folder, address.parts[-1])
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RefusedGenome("the uri leads to no regular file")
    return os.fdopen(descriptor, "rb")


def opened_below(folder: int, part: str) -> int:
    """Open what is in a folder, which is no link."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(part, flags, dir_fd=folder)
    except OSError as fault:
        reason = f"the uri leads to no file: {fault.strerror}"
        raise (RefusedGenome if fault.errno in NO_FILE else GenomeStoreDown)(reason) from fault


@contextmanager
def _fetched(address: WebAddress) -> Iterator[BinaryIO]:
    connection = HTTPSConnection(address.host, timeout=TIMEOUT_S)
    try:
        yield _answered(connection, address.target)
    finally:
        connection.close()


def _answered(connection: HTTPSConnection, target: str) -> HTTPResponse:
    """GET once; a redirect is refused, since it may lead to a host that is not allowed."""
    try:
        connection.request("GET", target, headers={"Accept-Encoding": "identity"})
        response = connection.getresponse()
    except (OSError, HTTPException) as fault:
        raise GenomeStoreDown(f"fetching a genome: {type(fault).__name__}") from fault
    if response.status in RETRIED or response.status >= 500:
        raise GenomeStoreDown(f"the genome's store answered {response.status}")
    if response.status != 200:
        raise RefusedGenome(f"the genome's store answered {response.status}, not 200")
    return response
