"""Bytes of a genome file, plain or compressed, to text."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, cast

from isal import igzip, igzip_lib

from epione.errors import UnreadableGenome

PIECE_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
# BGZF ends with an empty block. Source: SAM specification, section 4.1.2.
BGZF_EXTRA = b"\x42\x43\x02\x00"
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def text_of(file: BinaryIO) -> Iterator[bytes]:
    """Give the text of a seekable VCF file in pieces, decompressed where it is gzip or bgzip.

    Raises:
        UnreadableGenome: The compressed data is cut off or broken.
    """
    start = file.read(18)
    if not start.startswith(GZIP_MAGIC):
        file.seek(0)
        yield from _pieces(file)
        return
    if start[12:16] == BGZF_EXTRA:
        check_end(file)
    file.seek(0)
    try:
        with igzip.GzipFile(fileobj=file, mode="rb") as plain:  # type: ignore[no-untyped-call]
            yield from _pieces(cast(BinaryIO, plain))
    except (EOFError, igzip.BadGzipFile, igzip_lib.IsalError) as fault:  # type: ignore[misc]
        raise UnreadableGenome(f"truncated or broken gzip: {fault}") from fault


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(partial(file.read, PIECE_BYTES), b"")


def check_end(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(max(size - len(BGZF_END), 0))
    if file.read() != BGZF_END:
        raise UnreadableGenome("truncated: the bgzip file lacks its last block")
