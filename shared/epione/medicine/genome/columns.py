"""Many lines of a VCF at once: where their columns are, and their numbers, as arrays.

A whole genome has millions of records, of which a few hundred are asked about. So the lines of a
block are looked at together, and only those that matter are read one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TAB, LINE_END, ZERO, NINE = ord("\t"), ord("\n"), ord("0"), ord("9")
LONGEST_NUMBER = 18  # digits that an int64 holds
SHORT = 4  # characters: most genotypes, and what ends them


@dataclass(frozen=True)
class Columns:
    """The lines of a block of n records: (n,) where each starts, (n, columns - 1) its tabs."""

    text: bytes
    starts: Ints
    tabs: Ints

    @classmethod
    def of(cls, text: bytes, n_tabs: int) -> Self | None:
        """Find the columns; None where a line has not `n_tabs` tabs, as a remark has not."""
        octets = np.frombuffer(text, dtype=np.uint8)
        ends = np.flatnonzero(octets == LINE_END)
        tabs = np.flatnonzero(octets == TAB)
        if not len(ends) or len(tabs) != len(ends) * n_tabs or ends[-1] != len(text) - 1:
            return None
        starts, by_line = np.append(0, ends[:-1] + 1), tabs.reshape(len(ends), n_tabs)
        if (by_line[:, 0] < starts).any() or (by_line[:, -1] > ends).any():
            return None
        return cls(text, starts, by_line)

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def octets(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.text, dtype=np.uint8)

    def lines(self, chosen: Ints) -> Iterator[bytes]:
        """Give some of the lines, with their ends."""
        ends = np.append(self.starts[1:], len(self.text))
        for start, end in zip(self.starts[chosen].tolist(), ends[chosen].tolist(), strict=True):
            yield self.text[start:end]

    def chromosomes(self) -> Iterator[tuple[bytes, slice]]:
        """Give the name and the lines of each run of records of one chromosome."""
        widths = self.tabs[:, 0] - self.starts
        is_other = widths[1:] != widths[:-1]
        for n in range(int(widths.max())):
            # Of a name that is shorter, what follows is looked at, too: it is another anyway.
            at = np.minimum(self.starts + n, len(self.text) - 1)
            octets = np.where(n < widths, self.octets[at], 0)
            is_other |= octets[1:] != octets[:-1]
        firsts = [0, *(np.flatnonzero(is_other) + 1).tolist()]
        for first, after in zip(firsts, [*firsts[1:], len(self)], strict=True):
            yield self.text[self.starts[first] : self.tabs[first, 0]], slice(first, after)

    def genotypes(self, column: int) -> NDArray[np.uint32]:
        """Give the first `SHORT` characters of a sample's column as one number; 0 without GT."""
        form, at = self.tabs[:, 7] + 1, self.tabs[:, column - 1] + 1
        is_genotype = (self.octets[form] == ord("G")) & (self.octets[form + 1] == ord("T"))
        is_genotype &= np.isin(self.octets[form + 2], (TAB, ord(":")))
        places = np.minimum(at[:, None] + np.arange(SHORT), len(self.text) - 1)
        starts: NDArray[np.uint32] = np.ascontiguousarray(self.octets[places]).view(">u4")[:, 0]
        return np.where(is_genotype, starts, 0)

    def positions(self) -> Ints | None:
        """Give POS of each line; None where one is no number."""
        return self._numbers(self.tabs[:, 0] + 1, self.tabs[:, 1])

    def last_bases(self, positions: Ints) -> Ints:
        """Give the last base that each line speaks of, or one beyond it: by REF, or by END.

        Args:
            positions: As `positions` gives them.
        """
        last = positions + (self.tabs[:, 3] - self.tabs[:, 2] - 2)
        if self.text.find(b"END=") >= 0:
            firsts = self._ends_of_blocks() + 1
            stops = self._stops(firsts)
            is_number = stops > firsts
            ends = self._numbers(firsts[is_number], stops[is_number])
            if ends is not None:
                lines = np.searchsorted(self.starts, firsts[is_number], side="right") - 1
                np.maximum.at(last, lines, ends)
        return last

    def _ends_of_blocks(self) -> Ints:
        """Give where the sign of each END=… is, wherever it stands."""
        octets = self.octets
        signs = np.flatnonzero(octets == ord("="))
        signs = signs[signs >= 4]
        for back, octet in enumerate(b"DNE", 1):
            signs = signs[octets[signs - back] == octet]
        begins = np.isin(octets[signs - 4], (TAB, ord(";")))
        return signs[begins]

    def _stops(self, firsts: Ints) -> Ints:
        """Give where the digits that start at each place end."""
        stops = firsts.copy()
        for _ in range(LONGEST_NUMBER):
            octets = self.octets[stops]
            is_digit = (octets >= ZERO) & (octets <= NINE)
            if not is_digit.any():
                break
            stops += is_digit
        return stops

    def _numbers(self, firsts: Ints, stops: Ints) -> Ints | None:
        """Give the numbers from `firsts` to before `stops`; None where one is no number."""
        widths = stops - firsts
        if not len(widths):
            return firsts
        if widths.min() < 1 or widths.max() > LONGEST_NUMBER:
            return None
        numbers = np.zeros(len(firsts), dtype=np.int64)
        for n in range(int(widths.max())):
            is_there = n < widths
            digits = self.octets[np.where(is_there, firsts + n, 0)].astype(np.int64) - ZERO
            if ((digits < 0) | (digits > 9))[is_there].any():
                return None
            numbers = np.where(is_there, numbers * 10 + digits, numbers)
        return numbers
