"""The parts of a bgzip VCF that its index leads to.

Sources: the tabix index format (samtools/hts-specs, tabix.pdf), and BGZF (SAM specification,
section 4.1).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from isal import igzip, igzip_lib
from numpy.typing import NDArray

from epione.errors import UnreadableGenome
from epione.medicine.genome import Sites, chromosome_of, sites_of
from epione_genomics.text import BGZF_END, BGZF_EXTRA, GZIP_MAGIC, check_end

ENDING = ".tbi"
MAGIC = b"TBI\x01"
NAMES_AT = 36  # after eight numbers of four bytes
WINDOW_BITS = 14  # of the linear index: an entry for each 16,384 bases
BIN_WORDS, CHUNK_WORDS = 2, 4  # of four bytes: number and chunks; where a chunk starts and ends
BLOCK_HEAD, BLOCK_TAIL = 18, 8  # bytes
MOST_BLOCK_BYTES = 1 << 16
ANEW = "make it anew, or take it away"
ASTRAY = f"its index is not its own: {ANEW}"


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
        raise UnreadableGenome(f"its index is broken or cut off: {ANEW}") from fault
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
    blocks = _Blocks(file, [name.encode() for name in index.windows])
    blocks.refuse_longer_file(index)
    yield (header := blocks.header())
    sites = sites_of(header, sites)
    for contig in index.windows:
        for first, last in sites.stretches(chromosome_of(contig)):
            place = index.place_of(contig, first)
            if place is not None:
                yield from blocks.reaching(place, contig.encode(), last)


class _Blocks:
    """Walks over a file's blocks, forward only; no line is given twice."""

    def __init__(self, file: BinaryIO, contigs: Sequence[bytes]) -> None:
        self._file, self._rank = file, {contig: n for n, contig in enumerate(contigs)}
        self._next = 0  # where the block after the last one read starts
        self._begun = b""  # a line of that one which goes on
        self._reached = (-1, 0)  # rank of the contig, and position, of the last whole line given

    def refuse_longer_file(self, index: Index) -> None:
        """Make sure that the index knows the last record, where a block shows it whole."""
        size = self._file.seek(0, 2) - len(BGZF_END)
        self._file.seek(max(size - MOST_BLOCK_BYTES, 0))
        tail = self._file.read(size - self._file.tell())
        at = tail.rfind(GZIP_MAGIC)
        while at >= 0 and not _is_block(tail[at:]):
            at = tail.rfind(GZIP_MAGIC, 0, at)
        if at < 0:
            return  # it holds no record
        last = _inflated(tail[at + BLOCK_HEAD :]).rstrip(b"\n").rpartition(b"\n")
        contig, position = _place_in(last[2]) if last[1] else (b"", 0)
        if position and (
            contig not in self._rank or index.place_of(contig.decode(), position) is None
        ):
            raise UnreadableGenome(ASTRAY)

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
        rank = self._rank[contig]
        if place.block >= self._next:
            self._next, self._reached = place.block, (rank, 0)
            self._begun = self._block()[place.within :]
            start = contig + b"\t"
            if not self._begun or self._begun[: len(start)] != start[: len(self._begun)]:
                raise UnreadableGenome(ASTRAY)
            yield self._whole(self._begun)
        while self._reached <= (rank, last):
            block = self._block()
            if not block:
                rest, self._begun = self._begun, b""
                yield rest
                return
            yield self._whole(self._begun + block)

    def _whole(self, text: bytes) -> bytes:
        """Give the whole lines of a text; keep the line that goes on."""
        lines, end, self._begun = text.rpartition(b"\n")
        contig, position = _place_in(lines[lines.rfind(b"\n") + 1 :])
        if position:
            if contig not in self._rank:
                raise UnreadableGenome(ASTRAY)
            self._reached = (self._rank[contig], position)
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
        return _inflated(body)


def _inflated(body: bytes) -> bytes:
    """Give the text of a block, which is given without its head."""
    try:
        return bytes(igzip_lib.decompress(body[:-BLOCK_TAIL], flag=igzip_lib.DECOMP_DEFLATE))
    except igzip_lib.IsalError as fault:  # type: ignore[misc]
        raise UnreadableGenome(f"truncated or broken gzip: {fault}") from fault


def _is_block(text: bytes) -> bool:
    """Say whether bytes are one whole block."""
    return text[12:16] == BGZF_EXTRA and int.from_bytes(text[16:18], "little") + 1 == len(text)


def _place_in(line: bytes) -> tuple[bytes, int]:
    """Give the contig and position of a record; 0 where a line is none."""
    fields = line.split(b"\t", 2)
    is_record = len(fields) == 3 and fields[1].isdigit()
    return (fields[0], int(fields[1])) if is_record else (b"", 0)
