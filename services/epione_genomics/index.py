"""The index of a bgzip VCF: from where on the records that reach a position lie.

Sources: the tabix index format, and the coordinate-sorted index format (CSI), version 1
(samtools/hts-specs). Offsets are virtual: where a block starts, by 2^16, and how far into its text.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from isal import igzip_lib
from numpy.typing import NDArray

from epione.errors import UnreadableGenome
from epione.medicine.genome import Sites, chromosome_of
from epione_genomics.bgzf import read_block

ENDINGS = (".tbi", ".csi")
TABIX, CSI = b"TBI\x01", b"CSI\x01"
ANEW = "make it anew, or take it away"
VCF = 2  # of the formats that are indexed
TABIX_BITS = 14  # a window has 16,384 bases
MOST_BITS, MOST_DEPTH = 62, 10  # of a position; of bins whose numbers take 32 bits
_ABOUT = struct.Struct("<H22xI")  # in both: which format is indexed, and bytes of contigs' names
_CHUNK = [("begin", "<u8"), ("end", "<u8")]
_CHUNK_BYTES = np.dtype(_CHUNK).itemsize
_TABIX_BIN = np.dtype([("number", "<u4"), ("n_chunks", "<u4"), *_CHUNK])
_CSI_BIN = np.dtype([("number", "<u4"), ("first", "<u8"), ("n_chunks", "<u4"), *_CHUNK])

Rows = NDArray[np.void]  # of bins, with the begin of the first chunk and the end of the last


class Lead(NamedTuple):
    """Where records that are asked about lie: from an offset to the last that starts by a base."""

    offset: int
    last: int


@dataclass(frozen=True, slots=True)
class Index:
    """Of each contig, in the order of the file, its leads, in order; and where all records end."""

    leads: Mapping[str, Sequence[Lead]]
    end: int


def index_beside(path: Path) -> Path | None:
    """Give a VCF's index where it has one that is not older than it."""
    beside = (path.with_name(path.name + ending) for ending in ENDINGS)
    written = path.stat().st_mtime
    return next((i for i in beside if i.is_file() and i.stat().st_mtime >= written), None)


def read_index(file: BinaryIO, sites: Sites) -> Index:
    """Read what a tabix or CSI index says of sites.

    Raises:
        UnreadableGenome: It is none, is cut off or broken, or is not that of a VCF.
    """
    text = _Text(file)
    try:
        magic = text.take(len(TABIX))
        if magic == TABIX:
            return _tabix(text, sites)
        if magic == CSI:
            return _csi(text, sites)
    except (ValueError, struct.error, igzip_lib.IsalError) as fault:  # type: ignore[misc]
        raise UnreadableGenome(f"its index is broken or cut off: {ANEW}") from fault
    raise UnreadableGenome(f"its index is neither a tabix nor a CSI index: {ANEW}")


class _Text:
    """The text of an index, which is unpacked as it is read: in whole it has some 6 MB."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._text, self._at = file, b"", 0

    def take(self, n_bytes: int) -> bytes:
        taken = self._text[self._at : self._at + n_bytes]
        self._at += n_bytes
        while (missing := n_bytes - len(taken)) > 0:
            block = read_block(self._file)
            if block is None:
                raise ValueError("cut off")
            taken += block[:missing]
            self._text, self._at = block, missing
        return taken

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def rows(self, form: np.dtype[np.void], most: int) -> Rows:
        """Take the rows at hand, up to so many; or one, where it lies across two blocks."""
        n = min(most, (len(self._text) - self._at) // form.itemsize)
        if n <= 0:
            return np.frombuffer(self.take(form.itemsize), form)
        self._at += n * form.itemsize
        return np.frombuffer(self._text, form, n, self._at - n * form.itemsize)

    def give_back(self, rows: Rows) -> None:
        """Take those again that were taken last."""
        self._at -= rows.nbytes


def _tabix(text: _Text, sites: Sites) -> Index:
    n_contigs, about = text.number(), text.take(_ABOUT.size)
    names = _names(about, text.take(_ABOUT.unpack(about)[1]), n_contigs)
    leads, end = dict[str, list[Lead]](), 0
    for name in names:
        end = max(map(_end, _bins(text, _TABIX_BIN)), default=end)
        firsts = np.frombuffer(text.take(8 * text.number()), "<u8")
        leads[name] = _leads(sites, name, partial(_by_windows, firsts))
    return Index(leads, end)


def _csi(text: _Text, sites: Sites) -> Index:
    bits, depth, about = text.number(), text.number(), text.take(text.number())
    if depth > MOST_DEPTH or bits + 3 * depth > MOST_BITS:
        raise ValueError(f"windows of {bits=}, and {depth=}")
    names = _names(about[: _ABOUT.size], about[_ABOUT.size :], text.number())
    leads, end = dict[str, list[Lead]](), 0
    for name in names:
        bins = list(_bins(text, _CSI_BIN))
        end = max(map(_end, bins), default=end)
        leads[name] = _leads(sites, name, partial(_by_bins, bins, bits, depth))
    return Index(leads, end)


def bins_down_to(depth: int) -> int:
    """Give how many bins there are down to a depth, which is the number of the first below.

    There is one at depth 0, and each has eight of the next depth within it.
    """
    return ((1 << 3 * (depth + 1)) - 1) // 7


def _leads(sites: Sites, contig: str, offset_of: Callable[[int], int]) -> list[Lead]:
    """Give the leads to the sites of a contig.

    Args:
        offset_of: Gives from where on records that reach a position, or come later, lie; 0 without.
    """
    regions = sites.regions(chromosome_of(contig))
    leads = (Lead(offset_of(first), last) for first, last in regions)
    return [lead for lead in leads if lead.offset]


def _by_windows(firsts: NDArray[np.uint64], position: int) -> int:
    """Look in a contig's windows, each with the first record that reaches into it."""
    window = (position - 1) >> TABIX_BITS
    if window >= len(firsts):
        return 0
    # htsjdk says 0 before a contig's first record (BinningIndexBuilder), where the header is.
    return int(firsts[window]) or next(map(int, firsts[firsts > 0]), 0)


def _by_bins(bins: list[Rows], bits: int, depth: int, position: int) -> int:
    """Look in a contig's bins, each with the first record that reaches into it.

    What the last bin that starts before the position says is most, so it counts. It may be 0, as
    htslib says where a bin starts beyond all windows: then it is the first record of the contig.
    """
    if not bins:
        return 0
    rows = np.concatenate(bins)
    numbers, starts_before = rows["number"].copy(), np.zeros(len(rows), dtype=np.bool_)
    for each in range(depth + 1):
        lowest = bins_down_to(each - 1)
        here = lowest + ((position - 1) >> (bits + 3 * (depth - each)))
        starts_before |= (lowest <= numbers) & (numbers <= here)
    first = int(rows["first"][starts_before].max(initial=0))
    return max(first, int(rows["begin"].min()))


def _names(about: bytes, names: bytes, n_contigs: int) -> list[str]:
    """Give the contigs' names, by what both formats tell about the file.

    Raises:
        UnreadableGenome: It is no VCF.
    """
    if not about or _ABOUT.unpack(about)[0] != VCF:
        raise UnreadableGenome(f"its index is not that of a VCF: {ANEW}")
    found = names[: _ABOUT.unpack(about)[1]].decode().split("\0")[:-1]
    if len(found) != n_contigs or len(set(found)) != n_contigs:
        raise ValueError(f"{n_contigs=}, and {len(found)} names")
    return found


def _bins(text: _Text, form: np.dtype[np.void]) -> Iterator[Rows]:
    """Give the bins of a contig; most have one chunk, and those are passed together.

    A pseudo-bin is given, too: it says where the records begin, and ends with a count of 0.
    """
    left = text.number()
    while left:
        rows = text.rows(form, left)
        others = np.flatnonzero(rows["n_chunks"] != 1)
        n_alike = int(others[0]) if len(others) else len(rows)
        left -= n_alike
        if n_alike < len(rows):
            text.give_back(rows[n_alike + 1 :])
            yield _whole(rows[n_alike : n_alike + 1], text)
            left -= 1
        yield rows[:n_alike]


def _whole(row: Rows, text: _Text) -> Rows:
    """Take the other chunks of a bin, and give it with the end of the last."""
    n_chunks = int(row["n_chunks"][0])
    if not n_chunks:
        raise ValueError("a bin of nothing")
    others = text.take(_CHUNK_BYTES * (n_chunks - 1))
    whole = row.copy()
    if others:
        whole["end"] = int.from_bytes(others[-8:], "little")
    return whole


def _end(rows: Rows) -> int:
    return int(rows["end"].max(initial=0))
