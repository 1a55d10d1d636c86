"""The parts of a bgzip VCF that its index leads to."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO

from isal import igzip_lib

from epione.errors import UnreadableGenome
from epione_genomics.bgzf import (
    END,
    GZIP_MAGIC,
    HEAD_BYTES,
    LONGEST,
    block_bytes,
    check_end,
    read_block,
)
from epione_genomics.index import ANEW, Index, Lead
from epione_genomics.text import PIECE_BYTES

ASTRAY = f"its index is not its own: {ANEW}"


def text_at(file: BinaryIO, index_for: Callable[[bytes], Index]) -> Iterator[bytes]:
    """Give the header of a bgzip VCF, and the lines to which its index leads, in pieces.

    Args:
        file: The VCF.
        index_for: Gives the index, for the header, which says on which build the places are.

    Raises:
        UnreadableGenome: The file is not bgzip, is cut off, or the index is not its own.
    """
    if not block_bytes(file.read(HEAD_BYTES)):
        raise UnreadableGenome("it has an index, and is not bgzip")
    check_end(file)
    blocks = _Blocks(file)
    header = blocks.header()
    index = index_for(header)
    blocks.be_led_by(index)
    leads = enumerate(index.leads.values())
    lines = (blocks.lines(lead, rank) for rank, of_contig in leads for lead in of_contig)
    yield from _joined(chain([header], chain.from_iterable(lines)))


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the same text in fewer pieces: lines are read together, and few take as long as many."""
    begun, n_bytes = list[bytes](), 0
    for piece in pieces:
        begun.append(piece)
        n_bytes += len(piece)
        if n_bytes >= PIECE_BYTES:
            yield b"".join(begun)
            begun, n_bytes = [], 0
    yield b"".join(begun)


class _Blocks:
    """Walks over a file's blocks, forward only; no line is given twice."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._contigs: Sequence[bytes] = ()
        self._ranks: Mapping[bytes, int] = {}
        self._led_to = 0  # by the lead that came last
        self._end = 0  # of the records, as the index says
        self._next = 0  # where the block after the last one read starts
        self._text = b""  # what of the blocks read is not given yet; it starts a line

    def be_led_by(self, index: Index) -> None:
        """Take an index to be the file's own, where the records end as it says."""
        self._contigs = [name.encode() for name in index.leads]
        self._ranks = {contig: n for n, contig in enumerate(self._contigs)}
        behind_header = self._next
        self._refuse_another_end(index.end)
        self._next, self._end = behind_header, index.end

    def _refuse_another_end(self, end: int) -> None:
        """Make sure that the records end where an index says, where a block shows the last one.

        Programs say the end of the last block, or the start of the one behind it.
        """
        behind = self._file.seek(0, 2) - len(END)
        block = self._next = self._last_block(behind)
        before, line_end, last = (self._unpacked() or b"").rstrip(b"\n").rpartition(b"\n")
        start = (block << 16) + len(before + line_end)
        is_shown = line_end and _place_in(last)[1]
        if end >> 16 > behind or (is_shown and not (end > start and end >> 16 in (block, behind))):
            raise UnreadableGenome(ASTRAY)

    def _last_block(self, end: int) -> int:
        """Give where the block starts that ends before a byte; that byte where none does."""
        first = max(end - LONGEST, 0)
        self._file.seek(first)
        tail = self._file.read(end - first)
        at = tail.rfind(GZIP_MAGIC)
        while at >= 0 and block_bytes(tail[at : at + HEAD_BYTES]) != len(tail) - at:
            at = tail.rfind(GZIP_MAGIC, 0, at)
        return first + at if at >= 0 else end

    def header(self) -> bytes:
        """Give the text up to the first record's block, and that block's whole lines."""
        text = b""
        while b"\n#CHROM\t" not in text or not text.rpartition(b"\n#CHROM\t")[2].count(b"\n"):
            block = self._block()
            if not block:
                break
            text += block
        lines, line_end, self._text = text.rpartition(b"\n")
        return lines + line_end

    def lines(self, lead: Lead, rank: int) -> Iterator[bytes]:
        """Give the lines to which a lead of a contig leads, and some more."""
        block, within = lead.offset >> 16, lead.offset & 0xFFFF
        if not self._led_to <= lead.offset <= self._end:
            raise UnreadableGenome(ASTRAY)  # beyond the records, or its contigs in another order
        self._led_to = lead.offset
        if block >= self._next:
            self._next = block
            self._text = self._block()[within:]
            start = self._contigs[rank] + b"\t"
            if not self._text or self._text[: len(start)] != start[: len(self._text)]:
                raise UnreadableGenome(ASTRAY)
        while True:
            whole = self._text.rfind(b"\n") + 1
            end = self._first_past(whole, (rank, lead.last))
            if end:
                yield self._text[:end]
            more = self._block() if end == whole else b""
            if end == whole and not more:  # the file ends, maybe without a line end
                yield self._text[end:]
                end = len(self._text)
            self._text = self._text[end:] + more
            if not more:
                return

    def _first_past(self, end: int, place: tuple[int, int]) -> int:
        """Give where the first line that is past a place starts; `end`, of them all, without."""
        lo, hi = 0, end
        mid = max(end - 1, 0)  # most often, none is
        while lo < hi:
            start = self._text.rfind(b"\n", lo, mid) + 1 or lo
            if self._is_past(start, place):
                hi = start
            else:
                lo = self._text.index(b"\n", start) + 1
            mid = (lo + hi) // 2
        return hi

    def _is_past(self, start: int, place: tuple[int, int]) -> bool:
        """Say whether the line that starts somewhere in the text is a record past a place."""
        contig, position = _place_in(self._text[start : self._text.index(b"\n", start)])
        if position and contig not in self._ranks:
            raise UnreadableGenome(ASTRAY)
        return bool(position) and (self._ranks[contig], position) > place

    def _block(self) -> bytes:
        """Read the next block that is not empty; b"" at the end of the file."""
        text = self._unpacked()
        while text == b"":
            text = self._unpacked()
        return text or b""

    def _unpacked(self) -> bytes | None:
        """Read the next block; None at the end of the file."""
        self._file.seek(self._next)
        try:
            text = read_block(self._file)
        except ValueError as fault:
            raise UnreadableGenome(ASTRAY) from fault
        except igzip_lib.IsalError as fault:  # type: ignore[misc]
            raise UnreadableGenome(f"truncated or broken gzip: {fault}") from fault
        self._next = self._file.tell()
        return text


def _place_in(line: bytes) -> tuple[bytes, int]:
    """Give the contig and position of a record; 0 where a line is none."""
    fields = line.split(b"\t", 2)
    is_record = len(fields) == 3 and fields[1].isdigit()
    return (fields[0], int(fields[1])) if is_record else (b"", 0)
