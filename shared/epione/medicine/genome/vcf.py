"""Read one person's genotypes out of the lines of a VCF.

Only records that touch a site are kept; every line is checked. Nothing is opened here: the edge
opens and decompresses. Source: The Variant Call Format Specification, version 4.4.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from io import BytesIO
from itertools import chain, groupby

import numpy as np

from epione.errors import UnreadableGenome
from epione.medicine.genome.build import Build, build_stated, chromosome_of
from epione.medicine.genome.columns import SHORT, Columns, Ints
from epione.medicine.genome.genotype import Genotype, genotype_of
from epione.medicine.genome.sex import SexChromosomes, is_sexed
from epione.medicine.genome.sites import Site, Sites

FIXED_COLUMNS = 9  # CHROM POS ID REF ALT QUAL FILTER INFO FORMAT, then one column a sample
# Reference bases that must be a build's where the header is silent: 4^-5 is 1 in 1,024 by chance.
BASES_TO_KNOW_A_BUILD = 5
# Alternatives that stand for any other one (gVCF).
ANY_OTHER = frozenset({"<NON_REF>", "<*>"})
_END = re.compile(rb"(?:^|;)END=(\d+)")
_SHORT_GENOTYPE = re.compile(rb"[0-9./|]+(?=[:\t\r\n])")


class _Kind(Enum):
    RECORD = auto()
    REMARK = auto()
    BROKEN = auto()


@dataclass(frozen=True, slots=True)
class Record:
    """One line: what stands from `position` to `end`, and what the person has there.

    `end` lies past the last base of `ref` where the line speaks of a whole block.
    """

    position: int
    ref: str
    alts: tuple[str, ...]
    genotype: Genotype
    end: int
    failed: str = ""  # the filters that the record did not pass

    @property
    def is_reference_block(self) -> bool:
        """Say whether the line proposes no alternative, and states the reference all along."""
        return ANY_OTHER.issuperset(self.alts)

    def allele(self, index: int) -> str:
        return self.alts[index - 1] if index else self.ref


@dataclass(frozen=True, slots=True)
class Genome:
    """What a file says at the sites that were asked about."""

    build: Build
    sample: str
    records: Mapping[Site, tuple[Record, ...]] = field(default_factory=dict)
    observed_sex: str = ""  # "XX", "XY", or "" where the file does not tell


def read_vcf(pieces: Iterable[bytes], sites: Sites, sample: str | int | None = None) -> Genome:
    """Read the genotypes of one sample at `sites`.

    Args:
        pieces: The text of a VCF, in pieces of any size.
        sites: What to keep, on each build that a file may be of.
        sample: Name or column (from 0); None where the file has one sample.

    Where the header states no build, the file is of the one whose reference its records have.

    Raises:
        UnreadableGenome: The file is broken, cut off, unsorted, of another build, contradicts the
            reference, or has no such sample.
    """
    blocks = _blocks(pieces)
    header, names, first = _header(blocks)
    column = _column(names, sample)
    stated = build_stated(header)
    found = _may_be(stated, sites)
    reader = _Reader(found, FIXED_COLUMNS + column, FIXED_COLUMNS + len(names))
    reader.read(chain((first,), blocks))
    read = _shown(found) if stated is None and reader.saw_records else found[0]
    if read.contradiction:
        raise UnreadableGenome(read.contradiction)
    if not read.is_shown and (others := [each.build for each in found if each.is_shown]):
        raise UnreadableGenome(f"it states {read.build}, and its records lie as on {others[0]}")
    kept = {site: tuple(records) for site, records in read.kept.items()}
    return Genome(read.build, names[column], kept, read.sex.observed)


def sites_of(text: bytes, sites: Sites) -> Sites:
    """Give the sites of the build that a VCF states, of which the whole header is given.

    Raises:
        UnreadableGenome: See `read_vcf`.
    """
    header, _, _ = _header(iter((text,)))
    stated = build_stated(header)
    return sites.on(stated) if stated else sites


def samples_of(pieces: Iterable[bytes]) -> list[str]:
    """Give the names of the samples, column by column; only the header is read.

    Raises:
        UnreadableGenome: It is no VCF, or its header is cut off.
    """
    _, names, _ = _header(_blocks(pieces))
    return names


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the same text in pieces that end where a line does, but for the last."""
    begun: list[bytes] = []  # a line that goes on
    for piece in pieces:
        if cut := piece.rfind(b"\n") + 1:
            yield b"".join((*begun, piece[:cut]))
            begun = []
        begun.append(piece[cut:])
    if rest := b"".join(begun):
        yield rest


def _header(blocks: Iterator[bytes]) -> tuple[list[str], list[str], bytes]:
    """Give the `##` lines, the samples' names, and what of a block comes after them."""
    header: list[str] = []
    for block in blocks:
        lines = BytesIO(block)
        for raw in lines:
            line = raw.rstrip(b"\r\n").decode("utf-8", "replace")
            if not header and not line.startswith("##fileformat=VCF"):
                raise UnreadableGenome("not a VCF: its first line is not ##fileformat=VCF…")
            if line.startswith("#CHROM\t"):
                return header, line.split("\t")[FIXED_COLUMNS:], lines.read()
            if not line.startswith("##"):
                raise UnreadableGenome("no #CHROM line before the first record")
            header.append(line)
    raise UnreadableGenome("truncated: it ends before its #CHROM line")


def _column(names: list[str], sample: str | int | None) -> int:
    if not names:
        raise UnreadableGenome("no sample: the file has no genotype column")
    if sample is None:
        if len(names) > 1:
            raise UnreadableGenome(f"{len(names)} samples, and none was chosen")
        return 0
    if isinstance(sample, str):
        if names.count(sample) != 1:
            raise UnreadableGenome("the chosen sample is not in the file, or not only once")
        return names.index(sample)
    if not 0 <= sample < len(names):
        raise UnreadableGenome(f"no sample column {sample}: the file has {len(names)}")
    return sample


class _Found:
    """What a file says if it was made on one build, or how it contradicts that."""

    def __init__(self, build: Build, sites: Sites) -> None:
        self.build, self.sites = build, sites
        self.kept: dict[Site, list[Record]] = {}
        self.sex = SexChromosomes()
        self.n_bases_agreed = 0
        self.contradiction = ""

    @property
    def is_shown(self) -> bool:
        """Say whether the records have the reference of this build, beyond chance."""
        return not self.contradiction and self.n_bases_agreed >= BASES_TO_KNOW_A_BUILD

    def keep(self, chromosome: str, record: Record) -> None:
        """Keep a record at the sites that it touches."""
        for site in self.sites.touched(chromosome, record.position, record.end):
            n_bases, difference = _compared(site, record)
            self.contradiction = self.contradiction or difference
            self.n_bases_agreed += n_bases
            self.kept.setdefault(site, []).append(record)


def _may_be(stated: Build | None, sites: Sites) -> Sequence[_Found]:
    """Begin with each build that sites are known of, the stated one first, or else GRCh38."""
    if stated and not sites.on(stated):
        raise UnreadableGenome(f"made on {stated}, of which no position is known")
    first = stated or Build.GRCH38
    others = [build for build in Build if build is not first and sites.on(build)]
    return [_Found(build, sites.on(build)) for build in (first, *others)]


def _shown(found: Sequence[_Found]) -> _Found:
    """Choose the build that a file's records show, or the nearest one, which they contradict."""
    shown = [each for each in found if each.is_shown]
    if len(shown) == 1:
        return shown[0]
    nearest = max(found, key=lambda each: each.n_bases_agreed)
    if nearest.contradiction:
        return nearest
    raise UnreadableGenome("it does not state its build, and its records do not show which")


class _Reader:
    """Walks over the records once, in order."""

    def __init__(self, found: Sequence[_Found], column: int, n_columns: int) -> None:
        self._found, self._column, self._n_tabs = found, column, n_columns - 1
        self._chromosome, self._position = "", 0
        self._names: dict[bytes, str] = {}

    def read(self, blocks: Iterable[bytes]) -> None:
        """Read all; each block but the last ends where a line does."""
        for block in filter(None, blocks):
            is_whole = block.endswith(b"\n")
            self._read(block if is_whole else block + b"\n")
            if not is_whole:
                self._whole(block.rpartition(b"\n")[2])

    def _read(self, block: bytes) -> None:
        columns = Columns.of(block, self._n_tabs)
        if columns is not None:
            self._records(columns)
            return
        for kind, lines in groupby(BytesIO(block), self._kind):
            text = b"".join(lines)
            if kind is _Kind.BROKEN:
                raise UnreadableGenome(
                    f"truncated: the line after {self._where()} has not {self._n_tabs + 1} columns"
                )
            if kind is _Kind.RECORD:
                columns = Columns.of(text, self._n_tabs)
                assert columns is not None
                self._records(columns)

    def _kind(self, line: bytes) -> "_Kind":
        if line.count(b"\t") == self._n_tabs:
            return _Kind.RECORD
        return _Kind.REMARK if line.startswith(b"#") or not line.strip() else _Kind.BROKEN

    def _records(self, columns: Columns) -> None:
        positions = columns.positions()
        runs = list(columns.chromosomes())
        if positions is None or any((np.diff(positions[run]) < 0).any() for _, run in runs):
            self._one_by_one(columns)
            return
        last = columns.last_bases(positions)
        for contig, run in runs:
            self._advance(contig, int(positions[run][0]))
            chromosome = self._chromosome
            if chromosome in ("chrX", "chrY"):
                for found in self._found:
                    self._count_sex(found, columns, positions, run)
            is_asked = np.zeros(len(positions[run]), dtype=np.bool_)
            for found in self._found:
                is_asked |= found.sites.may_touch(chromosome, positions[run], last[run])
            for line in self._walk(columns, positions, np.flatnonzero(is_asked) + run.start):
                self._record(line)
            self._position = int(positions[run][-1])

    def _walk(self, columns: Columns, positions: Ints, chosen: Ints) -> Iterator[bytes]:
        """Go from one to the next of some of the lines."""
        at = positions[chosen].tolist()
        for self._position, line in zip(at, columns.lines(chosen), strict=True):
            yield line

    def _one_by_one(self, columns: Columns) -> None:
        """Read lines of which one is to be refused, up to that one."""
        for line in columns.lines(np.arange(len(columns))):
            alone = Columns.of(line, self._n_tabs)
            assert alone is not None
            if alone.positions() is None:
                raise UnreadableGenome(f"no position on the line after {self._where()}")
            self._records(alone)

    def _record(self, line: bytes) -> None:
        """Keep the record that the reader is at."""
        record = self._parsed(self._position, line)
        for found in self._found:
            found.keep(self._chromosome, record)

    def _count_sex(self, found: _Found, columns: Columns, positions: Ints, run: slice) -> None:
        """Count the genotypes of a run of records of chrX or chrY, equal ones together."""
        is_counted = is_sexed(found.build, self._chromosome, positions[run])
        counted = np.flatnonzero(is_counted) + run.start
        starts, same, times = np.unique(
            columns.genotypes(self._column)[counted], return_inverse=True, return_counts=True
        )
        for number, (start, n) in enumerate(zip(starts, times, strict=True)):
            if text := _SHORT_GENOTYPE.match(int(start).to_bytes(SHORT, "big")):
                found.sex.count(self._chromosome, genotype_of(text[0].decode()), int(n))
                continue
            for line in self._walk(columns, positions, counted[same == number]):
                record = self._parsed(self._position, line)
                found.sex.count(self._chromosome, record.genotype, 1)

    def _advance(self, contig: bytes, position: int) -> None:
        """Go on to a record; check that the records are sorted."""
        if contig not in self._names:
            self._names[contig] = chromosome_of(contig.decode("utf-8", "replace"))
            self._chromosome, self._position = self._names[contig], 0
        if self._names[contig] != self._chromosome or position < self._position:
            raise UnreadableGenome(f"not sorted: a record after {self._where()} lies before it")
        self._position = position

    def _parsed(self, position: int, line: bytes) -> Record:
        columns = line.rstrip(b"\r\n").split(b"\t")
        form = columns[8].split(b":")
        values = columns[self._column].split(b":")
        if form[0] != b"GT":
            raise UnreadableGenome(f"{self._where()}: no genotype (GT)")
        phase_set = ""
        if b"PS" in form and form.index(b"PS") < len(values):
            phase_set = values[form.index(b"PS")].decode("ascii", "replace")
        genotype = genotype_of(values[0].decode("ascii", "replace"), phase_set)
        ref = columns[3].decode("ascii", "replace").upper()
        alts = columns[4].decode("ascii", "replace").upper()
        alternatives = tuple(alts.split(",")) if alts != "." else ()
        if max((i for i in genotype.alleles if i is not None), default=0) > len(alternatives):
            raise UnreadableGenome(f"{self._where()}: an allele that the line does not have")
        end = _END.search(columns[7])
        last = max(position + len(ref) - 1, int(end[1]) if end else 0)
        failed = columns[6].decode("ascii", "replace")
        return Record(
            position, ref, alternatives, genotype, last, "" if failed in ("PASS", ".") else failed
        )

    def _whole(self, line: bytes) -> None:
        """Refuse a last line without its end whose genotype may have lost a part."""
        columns = line.split(b"\t")
        genotype = columns[self._column].split(b":")[0] if len(columns) > self._column else b""
        if genotype.isdigit() and self._chromosome not in ("chrX", "chrY", "chrM"):
            raise UnreadableGenome("truncated: its last genotype is cut off")

    @property
    def saw_records(self) -> bool:
        return bool(self._names)

    def _where(self) -> str:
        return f"{self._chromosome}:{self._position}" if self._chromosome else "the first record"


def _compared(site: Site, record: Record) -> tuple[int, str]:
    """Count the reference bases that a record and the build share; or say where they differ."""
    first = max(site.position, record.position)
    last = min(site.end, record.position + len(record.ref) - 1)
    if first > last:
        return 0, ""
    stated = record.ref[first - record.position : last - record.position + 1]
    known = site.ref[first - site.position : last - site.position + 1]
    if "N" in stated:
        return 0, ""
    if stated != known:
        return 0, (
            f"reference base {stated} at {site.chromosome}:{first}, where {site.build} has "
            f"{known}: another build, or a broken file"
        )
    return len(stated), ""
