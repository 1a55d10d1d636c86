"""Files of other callers, as they write them: read into rows, and stripped of names.

Four forms, told apart by their first line; lines that start with "#" are remarks:

- PharmCAT's outside calls: gene, diplotype, phenotype, activity score, by tab; at least one of the
  last three. Source: pharmcat.clinpgx.org/using/Outside-Call-Format.
- `GENE=diplotype`, a line each.
- Cyrius: a header `Sample, Genotype, Filter`, and one sample. Source: README of Illumina/Cyrius.
- StellarPGx's summary: sample, diplotype, and a remark where it is unsure. It does not say which
  gene it speaks of, and StellarPGx calls 21: the remark `# gene: CYP2D6` must. Source: README of
  SBIMB/StellarPGx, and pharmcat.clinpgx.org/using/Calling-CYP2D6.

Of the remarks two are read: `# caller: NAME`, and `# gene: SYMBOL`.

One cell that cannot be read refuses the whole file, by its line and the rule. A file is all that
its caller knows of a person, and a later one takes its place: read in part it would pass for whole,
and a gene that was called for one that was not; where one cell slipped, its neighbours may have.
What the cell holds is repeated where it is written in stars: anything else may be a name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from epione.errors import UnreadableCalls

MARK = "# caller: "  # what a stripped file of a named caller starts with
SAMPLE = "S1"  # what a stripped file calls its sample
CYRIUS, STELLAR = "Cyrius", "StellarPGx"
CYRIUS_HEADER = ["sample", "genotype", "filter"]
CYRIUS_GENE = "CYP2D6"  # the only one that it calls
SEVERAL = "More_than_one_possible_genotype"
UNASSIGNED = "Not_assigned_to_haplotypes"
UNSURE = "LowQ_high_CN"
FILTERS = frozenset({"PASS", SEVERAL, UNASSIGNED, UNSURE})
NO_CALLS = frozenset({"", "none", "no_call", "no call", "no result", "n/a", "unknown", "./."})

_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")  # HGNC
_REMARK = re.compile(r"#+\s*(caller|gene)\s*:\s*(.*)", re.IGNORECASE)
_SCORE = re.compile(r"≥?\d+(?:\.\d+)?")
_IN_STARS = re.compile(r"[*\[][*\d/+x≥N.:;|()\[\] ]*")
_CALLER = re.compile(r"[A-Za-z][A-Za-z0-9 ._+-]{0,39}")


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """What a file says of one gene, as it says it; "" where it says nothing.

    `diplotypes` are equally good; `copies` are alleles that no one could assign to strands.
    """

    gene: str
    diplotypes: tuple[str, ...] = ()
    phenotype: str = ""
    activity_score: str = ""
    copies: str = ""
    doubt: str = ""  # why the caller is not sure
    line: int = 0


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """What a file holds, and who called it: "" where it does not say."""

    caller: str
    gene: str  # the only one of a file that names its gene by a remark; else ""
    calls: tuple[OutsideCall, ...]
    stripped: str  # the same without names of samples and without remarks


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Sequence[str]

    def refusal(self, rule: str) -> UnreadableCalls:
        return UnreadableCalls(f"line {self.number}: {rule}")


def shown(cell: str) -> str:
    """Give what an error may repeat of a cell, behind a colon: all of it, or nothing.

    >>> shown("*1/*4,"), shown("*1/*4//"), shown("Doe, Jane"), shown("1970")
    ('', ': *1/*4//', '', '')
    """
    return f": {cell}" if _IN_STARS.fullmatch(cell) else ""


def read_outside(text: str) -> OutsideFile:
    """Read a file of one sample.

    Raises:
        UnreadableCalls: It is in none of the four forms; the error names the line and the rule.
    """
    remarks = _remarks(text)
    lines = list(_lines(text))
    if not lines:
        raise UnreadableCalls("the file holds no call")
    caller, gene = remarks.get("caller", ""), remarks.get("gene", "")
    if [cell.lower() for cell in lines[0].cells] == CYRIUS_HEADER:
        caller, gene, calls = caller or CYRIUS, "", [_cyrius(_only(lines[1:], CYRIUS))]
        lines = [lines[0], _Line(lines[1].number, [SAMPLE, *lines[1].cells[1:]])]
    elif gene:
        caller, calls = caller or STELLAR, [_stellar(_only(lines, STELLAR), gene)]
        lines = [_Line(lines[0].number, [SAMPLE, lines[0].cells[1]])]
    else:
        lines = lines[1:] if lines[0].cells[0].lower() == "gene" else lines
        calls = [_call(line) for line in lines]
    kept = [f"# {name}: {value}" for name, value in (("caller", caller), ("gene", gene)) if value]
    kept += ["\t".join(line.cells) for line in lines]
    return OutsideFile(caller, gene, tuple(calls), "\n".join(kept) + "\n")


def _remarks(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for match in filter(None, map(_REMARK.fullmatch, map(str.strip, text.splitlines()))):
        name, value = match[1].lower(), match[2].strip()
        if not (_CALLER if name == "caller" else _SYMBOL).fullmatch(value):
            raise UnreadableCalls(f"the remark '# {name}:' is not followed by the name of a {name}")
        found[name] = value
    return found


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield _Line(number, [cell.strip() for cell in line.split("\t")])


def _only(lines: Sequence[_Line], caller: str) -> _Line:
    if len(lines) != 1:
        raise UnreadableCalls(f"the file of {caller} holds {len(lines)} samples, and not one")
    return lines[0]


def _cyrius(line: _Line) -> OutsideCall:
    if len(line.cells) != len(CYRIUS_HEADER):
        raise line.refusal("a row of Cyrius has three cells: sample, genotype, filter")
    _, genotype, verdict = line.cells
    is_called = genotype.lower() not in NO_CALLS
    if verdict not in FILTERS and (is_called or verdict.lower() not in NO_CALLS):
        raise line.refusal(f"the filter is none of {', '.join(sorted(FILTERS))}")
    if not is_called:
        return OutsideCall(CYRIUS_GENE, line=line.number)
    if verdict == UNASSIGNED:
        copies = genotype.replace("_", "+")
        doubt = "the copies are counted, and not assigned to strands"
        return OutsideCall(CYRIUS_GENE, copies=copies, doubt=doubt, line=line.number)
    doubt = "six copies or more, counted less surely than fewer are" if verdict == UNSURE else ""
    diplotypes = tuple(genotype.split(";")) if verdict == SEVERAL else (genotype,)
    return OutsideCall(CYRIUS_GENE, diplotypes, doubt=doubt, line=line.number)


def _stellar(line: _Line, gene: str) -> OutsideCall:
    if len(line.cells) not in (2, 3):
        raise line.refusal("a row of StellarPGx has a sample, a diplotype, and may have a remark")
    diplotype = line.cells[1]
    if diplotype.lower() in NO_CALLS:
        return OutsideCall(gene, line=line.number)
    unsure = re.fullmatch(r"\[[^][]*/[^][]*\]", diplotype) is not None
    doubt = "there may be an allele or a sub-allele that no one has named" if unsure else ""
    shown = diplotype[1:-1] if unsure else diplotype
    return OutsideCall(gene, (shown,), doubt=doubt, line=line.number)


def _call(line: _Line) -> OutsideCall:
    cells = line.cells[0].split("=", 1) if len(line.cells) == 1 else line.cells
    gene, *said = (cell.strip() for cell in cells)
    if not _SYMBOL.fullmatch(gene):
        raise line.refusal("the first cell is not the symbol of a gene")
    if not 1 <= len(said) <= 3 or not any(said):
        raise line.refusal("a gene has no diplotype, phenotype or score, or more cells than those")
    diplotype, phenotype, score = (*said, "", "")[:3]
    if score and not _SCORE.fullmatch(score):
        raise line.refusal("an activity score is no number such as 1.25 or ≥3.0")
    diplotypes = () if diplotype.lower() in NO_CALLS else (diplotype,)
    phenotype = "" if phenotype.lower() in NO_CALLS else phenotype
    return OutsideCall(gene, diplotypes, phenotype, score, line=line.number)
