"""Deletes the file of a genome, where the operator's roots hold it and it is one person's alone."""

import gzip
import os
import zlib
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


def delete_genome(sample: GenomeSample, keys: Keys, allowed: Allowed) -> str:
    """Delete a genome's file, and say what became of it; it may be done again.

    Raises:
        Misconfigured: The file may not be deleted.
        GenomeStoreDown: The store did not answer.
        MalformedEvent: The reference was not sealed by these keys for this patient.
    """
    if not sample.sealed_uri:
        return INLINE
    try:
        address = allowed_address(opened_reference(keys, sample).uri, allowed)
    except RefusedGenome:
        return NOT_OURS
    if isinstance(address, WebAddress):
        return f"left: it lies at {address.host}"
    try:
        folder = opened_folder(address)
    except RefusedGenome:
        return GONE
    try:
        return _deleted(folder, address)
    finally:
        os.close(folder)


def _deleted(folder: int, address: FileAddress) -> str:
    try:
        with os.fdopen(opened_below(folder, address.parts[-1]), "rb") as file:
            if _n_samples(file) > 1:
                return SHARED
        os.unlink(address.parts[-1], dir_fd=folder)
    except RefusedGenome:
        return GONE
    except OSError as fault:
        raise Misconfigured(f"a genome's file cannot be deleted: {fault.strerror}") from None
    return DELETED


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
