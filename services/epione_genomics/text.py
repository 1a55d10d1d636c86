"""Bytes of a genome file, plain or compressed, to text."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, cast

from isal import igzip, igzip_lib

from epione.errors import UnreadableGenome
from epione_genomics.bgzf import GZIP_MAGIC, HEAD_BYTES, block_bytes, check_end

PIECE_BYTES = 1 << 20


def text_of(file: BinaryIO) -> Iterator[bytes]:
    """Give the text of a seekable VCF file in pieces, decompressed where it is gzip or bgzip.

    Raises:
        UnreadableGenome: The compressed data is cut off or broken.
    """
    start = file.read(HEAD_BYTES)
    if not start.startswith(GZIP_MAGIC):
        file.seek(0)
        yield from _pieces(file)
        return
    if block_bytes(start):
        check_end(file)
    file.seek(0)
    try:
        with igzip.GzipFile(fileobj=file, mode="rb") as plain:  # type: ignore[no-untyped-call]
            yield from _pieces(cast(BinaryIO, plain))
    except (EOFError, igzip.BadGzipFile, igzip_lib.IsalError) as fault:  # type: ignore[misc]
        raise UnreadableGenome(f"truncated or broken gzip: {fault}") from fault


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(partial(file.read, PIECE_BYTES), b"")
