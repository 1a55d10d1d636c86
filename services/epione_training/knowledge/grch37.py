"""Where the positions of GRCh38 lie on GRCh37, and which bases stand there: `grch37.tsv`.

`python -m epione_training.knowledge.grch37 POSITIONS RECORDS CHAIN BACK FILE` writes it; nothing
reads chains at run time. POSITIONS is the reference data's positions.tsv, RECORDS pypgx's
variant-table.csv, CHAIN and BACK are UCSC's hg38ToHg19.over.chain.gz and hg19ToHg38.over.chain.gz.

A position is placed where one chain alone covers its stretch and what lies around it, without a
gap and on the same strand of the same chromosome, and where the chain back says the same. A record
that has it elsewhere stops the import. Its bases are those of the record, and GRCh38's where there
is none: a chain does not tell of single bases. Source of the format:
genome.ucsc.edu/goldenPath/help/chain.html.
"""

import csv
import gzip
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epione_training.knowledge.genes import read_tsv

COLUMNS = ("chromosome", "grch38", "grch37", "ref", "basis")
RECORD, CHAIN = "record", "chain"
# Bases without a gap on either side of a stretch: as far as a change of one may be written from it.
AROUND = 50

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Chain:
    """A chain between two chromosomes: where each ungapped block starts, ends and leads to.

    Counted from 0, on the forward strand of the first; the end is exclusive.
    """

    to: str
    same_strand: bool
    blocks: list[tuple[int, int, int]] = field(default_factory=list)

    def lead(self, first: int, last: int) -> int | None:
        """Give where a stretch leads to; None where no block holds it."""
        at = bisect_right(self.blocks, first, key=lambda block: block[0]) - 1
        if at < 0 or last >= self.blocks[at][1]:
            return None
        start, _, there = self.blocks[at]
        return there + first - start

    def touches(self, first: int, last: int) -> bool:
        return any(start <= last and first < end for start, end, _ in self.blocks)


Chains = Mapping[str, Sequence[_Chain]]


def placed(positions: Rows, records: Rows, chains: Chains, back: Chains) -> Iterator[Sequence[str]]:
    """Give a row for each position that lies on GRCh37 beyond doubt; see `COLUMNS`.

    Raises:
        ValueError: A record has a position elsewhere, or other bases on GRCh38.
    """
    known = _by_place(records)
    for row in positions:
        chromosome, at, ref = row["chrom"], int(row["pos_grch38"]), row["ref"]
        there = _led(chains, chromosome, at, len(ref))
        if there is None or _led(back, chromosome, there, len(ref)) != at:
            continue
        own = known.get((chromosome, at), ())
        if any(int(record["GRCh37Position"]) != there for record in own):
            raise ValueError(f"a record and the chain place {chromosome}:{at} differently")
        bases = {_bases_there(chromosome, at, ref, record) for record in own} or {ref}
        if len(bases) == 1:
            basis = RECORD if own else CHAIN
            yield chromosome, str(at), str(there), bases.pop(), basis


def _by_place(records: Rows) -> Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]:
    known: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for record in records:
        place = f"chr{record['Chromosome']}", int(record["GRCh38Position"])
        known.setdefault(place, []).append(record)
    return known


def _led(chains: Chains, chromosome: str, position: int, n_bases: int) -> int | None:
    """Give the position (from 1) that the only chain there leads to; None where there is doubt."""
    first, last = position - 1 - AROUND, position - 2 + n_bases + AROUND
    found = [chain for chain in chains.get(chromosome, ()) if chain.touches(first, last)]
    if len(found) != 1 or found[0].to != chromosome or not found[0].same_strand:
        return None
    there = found[0].lead(first, last)
    return None if there is None else there + AROUND + 1


def _bases_there(chromosome: str, at: int, ref: str, record: Mapping[str, Any]) -> str:
    """Give GRCh37's bases for GRCh38's `ref`; what the record does not reach is as on GRCh38."""
    here, there = str(record["GRCh38Allele"]), str(record["GRCh37Allele"])
    if not (here.startswith(ref) or ref.startswith(here)):
        raise ValueError(f"a record has {here} at {chromosome}:{at}, and not {ref}")
    return there[: len(ref)] + ref[len(there) :] if len(here) == len(there) else there


def read_chains(lines: Iterable[str], chromosomes: frozenset[str]) -> Chains:
    """Read the chains from some chromosomes."""
    found: dict[str, list[_Chain]] = {}
    chain: _Chain | None = None
    here = there = 0
    for cells in map(str.split, lines):
        if cells and cells[0] == "chain":
            chromosome, to = cells[2], cells[7]
            here, there = int(cells[5]), int(cells[10])
            chain = _Chain(to, same_strand=cells[4] == cells[9])
            if chromosome in chromosomes:
                found.setdefault(chromosome, []).append(chain)
        elif cells and chain is not None:
            size, *gaps = map(int, cells)
            chain.blocks.append((here, here + size, there))
            here, there = here + size + sum(gaps[:1]), there + size + sum(gaps[1:])
    return found


def _chains_in(path: Path, chromosomes: frozenset[str]) -> Chains:
    with gzip.open(path, "rt", encoding="ascii") as lines:
        return read_chains(lines, chromosomes)


def written(positions: Path, records: Path, chain: Path, back: Path) -> str:
    """Give the file's text."""
    rows = read_tsv(positions)
    chromosomes = frozenset(row["chrom"] for row in rows)
    with records.open(encoding="utf-8", newline="") as lines:
        known = list(csv.DictReader(lines))
    found = placed(rows, known, _chains_in(chain, chromosomes), _chains_in(back, chromosomes))
    return "".join("\t".join(row) + "\n" for row in (COLUMNS, *found))


if __name__ == "__main__":
    *given, file = map(Path, sys.argv[1:])
    file.write_text(written(*given), encoding="utf-8")
