"""The parts of a bgzip VCF that its index leads to.

Sources: the tabix index format (samtools/hts-specs, tabix.pdf), and BGZF (SAM specification,
section 4.1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from isal import igzip, igzip_lib
from numpy.typing import NDArray

from epione.errors import UnreadableGenome
from epione.medicine.genome import Sites, chromosome_of
from epione_genomics.text import BGZF_EXTRA, GZIP_MAGIC, check_end

ENDING = ".tbi"
MAGIC = b"TBI\x01"
NAMES_AT = 36  # after eight numbers of four bytes
WINDOW_BITS = 14  # of the linear index: an entry for each 16,384 bases
BIN_WORDS, CHUNK_WORDS = 2, 4  # of four bytes: number and chunks; where a chunk starts and ends
BLOCK_HEAD, BLOCK_TAIL = 18, 8  # bytes
ASTRAY = "its index leads to where no block starts"


class _Place(NamedTuple):
    """A virtual offset: where a block starts in the file, and how far into its text."""

    block: int
    within: int


@dataclass(frozen=True, slots=True)
class Index:
    """Of each contig, in the order of the file, the place of the first record of each window."""

    windows: Mapping[str, NDArray[np.uint64]]

    def place_of(self, contig: str, position: int) -> _Place | None:
        """Give where the records that reach a position start; None where none comes as late."""
        windows = self.windows[contig]
        window = (position - 1) >> WINDOW_BITS
        if window >= len(windows):
            return None
        offset = int(windows[window])
        return _Place(offset >> 16, offset & 0xFFFF)


def index_beside(path: Path) -> Path | None:
    """Give a VCF's index where it has one that is not older than it."""
    index = path.with_name(path.name + ENDING)
    is_there = index.is_file() and index.stat().st_mtime >= path.stat().st_mtime
    return index if is_there else None


def read_index(content: bytes) -> Index:
    """Read a tabix index.

    Raises:
        UnreadableGenome: It is none, or is cut off.
    """
    try:
        plain = bytes(igzip.decompress(content))  # type: ignore[no-untyped-call]
        words = np.frombuffer(plain[: len(plain) // 4 * 4], dtype="<i4")
        n_contigs, names_bytes = int(words[1]), int(words[8])
        names = plain[NAMES_AT : NAMES_AT + names_bytes].decode().split("\0")[:n_contigs]
        at = NAMES_AT + names_bytes
        windows: dict[str, NDArray[np.uint64]] = {}
        for name in names:
            at = _past_bins(plain, at)
            n_windows = int.from_bytes(plain[at : at + 4], "little")
            windows[name] = np.frombuffer(plain, "<u8", n_windows, at + 4)
            at += 4 + 8 * n_windows
    except (ValueError, IndexError, EOFError, igzip.BadGzipFile, igzip_lib.IsalError) as fault:  # type: ignore[misc]
        raise UnreadableGenome("its index is broken or cut off") from fault
    if not plain.startswith(MAGIC) or len(windows) != n_contigs:
        raise UnreadableGenome("its index is no tabix index")
    return Index(windows)


def _past_bins(plain: bytes, at: int) -> int:
    """Go past the bins of a contig: most have one chunk, and those are passed many at once."""
    left = int.from_bytes(plain[at : at + 4], "little")
    at += 4
    while left:
        words = np.frombuffer(plain, "<i4", (len(plain) - at) // 4, at)
        chunks = words[1 :: BIN_WORDS + CHUNK_WORDS][:left]
        others = np.flatnonzero(chunks != 1)
        alike = int(others[0]) if len(others) else left
        at += 4 * alike * (BIN_WORDS + CHUNK_WORDS)
        left -= alike
        if left:
            at += 4 * (BIN_WORDS + CHUNK_WORDS * int(chunks[alike]))
            left -= 1
    return at


def text_at(file: BinaryIO, index: Index, sites: Sites) -> Iterator[bytes]:
    """Give the header of a bgzip VCF, and the whole lines of the blocks with records at sites.

    Raises:
        UnreadableGenome: The file is not bgzip, is cut off, or the index is not its own.
    """
    head = file.read(BLOCK_HEAD)
    if not head.startswith(GZIP_MAGIC) or head[12:16] != BGZF_EXTRA:
        raise UnreadableGenome("it has an index, and is not bgzip")
    check_end(file)
    blocks = _Blocks(file)
    yield blocks.header()
    for contig in index.windows:
        for first, last in sites.stretches(chromosome_of(contig)):
            place = index.place_of(contig, first)
            if place is not None:
                yield from blocks.reaching(place, contig.encode(), last)


class _Blocks:
    """Walks over a file's blocks, forward only; none is given twice."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._next = 0  # where the block after the last one read starts
        self._begun = b""  # a line of that one which goes on
        self._contig, self._position = b"", 0  # of the last whole line that was given

    def header(self) -> bytes:
        """Give the text up to the first record's block, and that block's whole lines."""
        text = b""
        while b"\n#CHROM\t" not in text or not text.rpartition(b"\n#CHROM\t")[2].count(b"\n"):
            block = self._block()
            if not block:
                break
            text += block
        return self._whole(text)

    def reaching(self, place: _Place, contig: bytes, last: int) -> Iterator[bytes]:
        """Give blocks from a place on, until a record lies past a base of a contig."""
        within = 0
        if place.block >= self._next:
            self._next, self._begun, within = place.block, b"", place.within
            self._file.seek(place.block)
            if not self._file.read(1):
                raise UnreadableGenome(ASTRAY)
        elif self._is_past(contig, last):
            return
        while block := self._block():
            yield self._whole(self._begun + block[within:])
            within = 0
            if self._is_past(contig, last):
                return

    def _is_past(self, contig: bytes, last: int) -> bool:
        return self._contig != contig or self._position > last

    def _whole(self, text: bytes) -> bytes:
        """Give the whole lines of a text; keep the line that goes on."""
        lines, end, self._begun = text.rpartition(b"\n")
        fields = lines[lines.rfind(b"\n") + 1 :].split(b"\t", 2)
        if len(fields) == 3 and fields[1].isdigit():
            self._contig, self._position = fields[0], int(fields[1])
        return lines + end

    def _block(self) -> bytes:
        """Read the next block that is not empty; b"" at the end of the file."""
        text = self._text()
        while text == b"":
            text = self._text()
        return text or b""

    def _text(self) -> bytes | None:
        """Read the next block; None at the end of the file."""
        self._file.seek(self._next)
        head = self._file.read(BLOCK_HEAD)
        if not head:
            return None
        if not head.startswith(GZIP_MAGIC) or head[12:16] != BGZF_EXTRA:
            raise UnreadableGenome(ASTRAY)
        size = int.from_bytes(head[16:18], "little") + 1
        body = self._file.read(size - BLOCK_HEAD)
        self._next += size
        try:
            return bytes(igzip_lib.decompress(body[:-BLOCK_TAIL], flag=igzip_lib.DECOMP_DEFLATE))
        except igzip_lib.IsalError as fault:  # type: ignore[misc]
            raise UnreadableGenome(f"truncated or broken gzip: {fault}") from fault
