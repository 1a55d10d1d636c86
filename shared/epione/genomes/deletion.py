"""Deletes the file of a genome, where the operator's roots hold it and it is one person's alone."""

import gzip
import os
import zlib
from collections.abc import Iterable
from typing import BinaryIO, cast

from epione.errors import Misconfigured, RefusedGenome
from epione.genomes.addresses import Allowed, FileAddress, WebAddress, allowed_address
from epione.genomes.references import opened_reference
from epione.genomes.store import opened_below, opened_folder
from epione.identity import Keys
from epione.wire import GenomeSample

GZIP_MAGIC = b"\x1f\x8b"
FIXED_COLUMNS = 9  # of a VCF, before the samples

INLINE = "stood in a message"
DELETED = "deleted"
GONE = "not there any more"
SHARED = "left: the file holds the genomes of others, too"
NOT_OURS = "left: not below one of EPIONE_GENOME_ROOTS"
ELSEWHERE = "left: it lies at a host that is none of EPIONE_GENOME_HOSTS"


def refuse_out_of_reach(samples: Iterable[GenomeSample], keys: Keys, allowed: Allowed) -> None:
    """Make sure that every genome that is a file lies below a root; nothing is deleted.

    Raises:
        Misconfigured: One does not: without its key nothing would say where it is.
        MalformedEvent: As for `delete_genome`.
    """
    uris = (opened_reference(keys, each).uri for each in samples if each.sealed_uri)
    if n := sum(_fate_of(uri, allowed) == NOT_OURS for uri in uris):
        raise Misconfigured(
            f"{n} files of genomes are not below one of EPIONE_GENOME_ROOTS, and could not be "
            "found any more: nothing is deleted"
        )


def delete_genome(sample: GenomeSample, keys: Keys, allowed: Allowed) -> str:
    """Delete a genome's file, and say what became of it; it may be done again.

    Raises:
        Misconfigured: The file may not be deleted.
        GenomeStoreDown: The store did not answer.
        MalformedEvent: The reference was not sealed by these keys for this patient.
    """
    if not sample.sealed_uri:
        return INLINE
    address = _fate_of(opened_reference(keys, sample).uri, allowed)
    if isinstance(address, str):
        return address
    try:
        folder = opened_folder(address)
    except RefusedGenome as fault:
        return _gone(fault)
    try:
        return _deleted(folder, address)
    finally:
        os.close(folder)


def _fate_of(uri: str, allowed: Allowed) -> FileAddress | str:
    """Give the file that is to be deleted, or why there is none."""
    try:
        address = allowed_address(uri, allowed)
    except RefusedGenome:
        return ELSEWHERE if uri.lower().startswith("https:") else NOT_OURS
    return f"left: it lies at {address.host}" if isinstance(address, WebAddress) else address


def _deleted(folder: int, address: FileAddress) -> str:
    try:
        with os.fdopen(opened_below(folder, address.parts[-1]), "rb") as file:
            if _n_samples(file) > 1:
                return SHARED
        os.unlink(address.parts[-1], dir_fd=folder)
    except RefusedGenome as fault:
        return _gone(fault)
    except OSError as fault:
        raise Misconfigured(f"a genome's file cannot be deleted: {fault.strerror}") from None
    return DELETED


def _gone(fault: RefusedGenome) -> str:
    """Say that no file is there; one that may not be opened is."""
    if isinstance(fault.__cause__, PermissionError):
        raise Misconfigured(f"a genome's file cannot be deleted: {fault.__cause__.strerror}")
    return GONE


def _n_samples(file: BinaryIO) -> int:
    """Count a VCF's samples; of what is none, one."""
    is_packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    file.seek(0)
    try:
        with cast(BinaryIO, gzip.open(file)) if is_packed else file as lines:
            columns = next((line for line in lines if line.startswith(b"#CHROM")), b"")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return 1
    return max(1, len(columns.split(b"\t")) - FIXED_COLUMNS)
