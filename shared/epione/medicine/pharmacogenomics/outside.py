"""Calls that other callers made, for genes that a VCF does not answer, and what they mean.

What cannot be read is refused. What is read, and means nothing by this release, is a call without a
phenotype that says so. The meaning is this release's own; where the caller states another, both are
said and ours stands.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from epione.errors import UnreadableCalls
from epione.medicine.pharmacogenomics import hla
from epione.medicine.pharmacogenomics.copies import (
    Copies,
    copies_on,
    outcome_of_score,
    outcomes_of_copies,
    unknown_alleles,
)
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.knowledge import PINNED, gene_names, gene_of
from epione.medicine.pharmacogenomics.notation import Strand, strands_of, written
from epione.medicine.pharmacogenomics.outside_files import (
    OutsideCall,
    OutsideFile,
    read_outside,
    shown,
)
from epione.medicine.pharmacogenomics.phenotype import NOT_ASSIGNED, Outcome
from epione.medicine.pharmacogenomics.tables import asked_alleles, linked_genes
from epione.medicine.pharmacogenomics.variants import outcome_of_strands
from epione.timeline import GeneCall

UNNAMED = "an unnamed caller"
NOT_CALLED = "the caller could not call it"
STRANDS = 2
_TWO_NAMES = re.compile(r"(.+) \(([^()]+)\)")
# How alleles are named: stars with sub-alleles, copies and HLA's fields (PharmVar, Gaedigk et al.
# 2018, doi:10.1002/cpt.910; hla.alleles.org), rs numbers with a base, and HGVS's substitutions,
# deletions, insertions and amino acids (den Dunnen et al. 2016, doi:10.1002/humu.22981); the forms
# from memory. Whatever else a cell holds may be a name.
_STAR = r"\*\d+(?:(?::\d+){1,3}[NLSCAQGP]?|[A-Z]?(?:\.\d+)?)(?:x(?:N|≥?\d+)|≥\d+)?"
_AT = r"[*-]?\d+(?:[+-]\d+)?"
_CHANGE = r"(?:[ACGT]+>[ACGT]+|(?:del|dup|inv)[ACGT]*(?:ins[ACGT]+)?|ins[ACGT]+|=)"
_AMINO_ACID = (
    "(?:Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val|Ter"
    "|[ACDEFGHIKLMNPQRSTVWY*])"
)
_NOTATION = re.compile(
    rf"{_STAR}(?: ?\+ ?{_STAR})*"
    r"|rs\d+(?: (?:variant|reference))?(?: ?[ACGT]+(?:>[ACGT]+)?| ?\([ACGT]+\))?"
    rf"|(?:[cgmn]\.)?{_AT}(?:_{_AT})?{_CHANGE}"
    rf"|p\.{_AMINO_ACID}\d+(?:{_AMINO_ACID}(?:fs)?|fs|del|dup|=)"
)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What diplotypes mean, one outcome or several; `remarks` say what to mind."""

    outcomes: Sequence[Outcome]
    remarks: Sequence[str] = ()


def outside_calls(text: str, release: Path = PINNED) -> tuple[GeneCall, ...]:
    """Read a file of another caller, and say what it means.

    Raises:
        UnreadableCalls: A line is in no form that is read; see `read_outside`.
    """
    return calls_in(read_outside(text), release)


def calls_in(file: OutsideFile, release: Path = PINNED) -> tuple[GeneCall, ...]:
    """Say what a file's calls mean, by gene.

    Raises:
        UnreadableCalls: A line speaks of no gene that guidelines know, writes an allele as nobody
            does, states a phenotype that no gene has, or is the second of a gene.
    """
    caller = file.caller or UNNAMED
    calls: dict[str, GeneCall] = {}
    for said in file.calls:
        call = replace(_call(said, release), caller=caller)
        _check_phenotype(said, release)
        if (known := calls.get(said.gene)) is not None:
            call = _both(known, call, said)
        calls[said.gene] = call
    return tuple(calls[gene] for gene in sorted(calls))


def _both(one: GeneCall, other: GeneCall, said: OutsideCall) -> GeneCall:
    """Join two lines of a gene: results of single HLA alleles, each tested by itself."""
    if said.gene not in hla.GENES or one.diplotypes or other.diplotypes:
        raise _refusal(said, f"{said.gene} has a second line")
    results = tuple(dict.fromkeys((*one.lookup_keys, *other.lookup_keys)))
    phenotypes = results or one.phenotypes or other.phenotypes
    return replace(
        one,
        phenotypes=phenotypes,
        lookup_keys=results,
        warnings=(*one.warnings, *other.warnings),
        no_call_reason="" if phenotypes else one.no_call_reason,
    )


def _call(said: OutsideCall, release: Path) -> GeneCall:
    if said.gene in hla.GENES:
        return _hla_call(said, release)
    if said.gene not in gene_names(release):
        return _foreign(said, release)
    if not (said.diplotypes or said.copies or said.phenotype or said.activity_score):
        return GeneCall(said.gene, None, no_call_reason=NOT_CALLED)
    gene = gene_of(said.gene, release)
    if not gene.calling.research_only:
        said = replace(said, diplotypes=tuple(_in_own_names(gene, d) for d in said.diplotypes))
    found = _meaning(gene, said)
    if found.outcomes:
        return _called(said, found.outcomes, [*found.remarks, *_differences(gene, said, found)])
    stated = _as_stated(gene, said)
    if stated.outcomes:
        remarks = [*found.remarks, *stated.remarks, *_differences(gene, said, stated)]
        return _called(said, stated.outcomes, remarks)
    none = _Meaning([Outcome(None, None, NOT_ASSIGNED)])
    call = _called(said, none.outcomes, _differences(gene, said, none))
    return replace(call, no_call_reason="; ".join(found.remarks))


def _meaning(gene: Gene, said: OutsideCall) -> _Meaning:
    """Say what the diplotypes mean; no outcome where none is given or an allele is not known."""
    if gene.calling.research_only:
        return _of_copies(gene, said)
    outcomes: list[Outcome] = []
    for diplotype in said.diplotypes:
        strands = strands_of(diplotype)
        unknown = [name for strand in strands for name in strand if name not in gene.by_name]
        _check_notation(said, unknown)
        if len(strands) > STRANDS:
            raise _refusal(said, f"{gene.name} has more than two strands{shown(diplotype)}")
        if unknown:
            return _Meaning((), (_not_known(gene, unknown),))
        outcomes.append(_of_strands(gene, strands))
    return _Meaning(outcomes)


def _of_copies(gene: Gene, said: OutsideCall) -> _Meaning:
    outcomes: list[Outcome] = []
    for copies in list(_copies(gene, said)):  # all are read before any is spoken of
        if unknown := unknown_alleles(gene, copies):
            return _Meaning((), (_not_known(gene, unknown),))
        outcomes += outcomes_of_copies(gene, copies)
    if len({outcome.activity for outcome in outcomes}) > 1 and len(said.diplotypes) == 1:
        least = min(outcome.activity for outcome in outcomes if outcome.activity is not None)
        return _Meaning(
            outcomes, (f"the copies are not all counted: the activity score is {least} or more",)
        )
    return _Meaning(outcomes)


def _copies(gene: Gene, said: OutsideCall) -> Iterator[tuple[Copies, ...]]:
    """Give the copies of each diplotype, or those that are on no strand."""
    for text in (*said.diplotypes, said.copies):
        strands = text.split("/")
        found = [copies_on(strand) for strand in strands]
        if text and (None in found or (text != said.copies and len(found) != STRANDS)):
            raise _refusal(
                said,
                f"{gene.name} is not two strands of alleles such as *1, *4x2, *1x≥3 or *36+*10, "
                f"joined by /{shown(text)}",
            )
        if text:
            yield tuple(each for copies in found if copies for each in copies)


def _as_stated(gene: Gene, said: OutsideCall) -> _Meaning:
    """Give what the caller states itself, where its diplotype says nothing to us; or nothing."""
    if said.activity_score and gene.by_activity:
        if (score := _score(said.activity_score)) is not None:
            return _Meaning((outcome_of_score(gene, score),), ("the score is the caller's",))
        limit = ("≥" + said.activity_score.lstrip("≥"),)
        if limit in gene.phenotypes:
            outcome = Outcome(gene.phenotypes[limit], None, limit[0])
            return _Meaning((outcome,), (f"the score, {limit[0]}, is the caller's",))
    stated = _phenotype(gene, said)
    if stated is None:
        return _Meaning(())
    keys = [key for (key, *_), phenotype in gene.phenotypes.items() if phenotype == stated]
    if not gene.by_activity:
        keys = [stated]
    return _Meaning(
        [Outcome(stated, None, key) for key in keys], ("the phenotype is the caller's",)
    )


def _differences(gene: Gene, said: OutsideCall, found: _Meaning) -> Iterator[str]:
    """Say where the caller states what we do not find, and where nothing is found."""
    phenotypes = {outcome.phenotype for outcome in found.outcomes}
    if said.phenotype and _phenotype(gene, said) is None:
        yield f"the phenotype that the caller states is none of {gene.name}'s"
    elif said.phenotype and _phenotype(gene, said) not in phenotypes:
        yield f"the caller states {_phenotype(gene, said)}, which this release does not"
    score = _score(said.activity_score)
    if score is not None and score not in {outcome.activity for outcome in found.outcomes}:
        yield f"the caller states an activity score of {score}, which this release does not"
    if phenotypes == {None}:
        yield f"no phenotype assigned to this result of {gene.name}"
    if said.doubt:
        yield f"the caller is not sure: {said.doubt}"


def _called(said: OutsideCall, outcomes: Sequence[Outcome], warnings: Iterable[str]) -> GeneCall:
    scores = tuple(dict.fromkeys(o.activity for o in outcomes if o.activity is not None))
    return GeneCall(
        gene=said.gene,
        diplotype=said.diplotypes[0] if said.diplotypes else None,
        diplotypes=said.diplotypes,
        phenotypes=tuple(dict.fromkeys(outcome.phenotype for outcome in outcomes)),
        activity_scores=scores if len(scores) <= max(len(said.diplotypes), 1) else (),
        lookup_keys=tuple(dict.fromkeys(outcome.key for outcome in outcomes)),
        component_haplotypes=tuple(said.copies.split("+")) if said.copies else (),
        warnings=tuple(warnings),
    )


def _hla_call(said: OutsideCall, release: Path) -> GeneCall:
    """Say which of the alleles that guidelines ask for are there."""
    asked = asked_alleles(said.gene, release)
    if not said.diplotypes:
        return _hla_result(said, asked)
    (diplotype,) = said.diplotypes
    locus = re.compile(f"^({said.gene}|{said.gene.removeprefix('HLA-')})")
    alleles = [locus.sub("", text.strip()) for text in diplotype.split("/")]
    if len(alleles) > STRANDS or not all(map(hla.is_allele, alleles)):
        raise _refusal(said, f"{said.gene} is not one or two alleles such as *57:01, joined by /")
    results = hla.results_of(alleles, asked)
    warnings = [
        f"{said.gene}{typed} leaves open whether it is {allele}: two fields are needed"
        for typed, allele in hla.left_open(alleles, asked)
    ]
    if said.phenotype and _stated(said) not in results:
        warnings.append("the caller states another result than these alleles have")
    if len(alleles) < STRANDS:
        warnings.append(f"one allele of {said.gene} is given, and the other is not known")
    shown = "/".join(alleles)
    return GeneCall(
        said.gene, shown, (shown,), results, lookup_keys=results, warnings=tuple(warnings)
    )


def _hla_result(said: OutsideCall, asked: Sequence[str]) -> GeneCall:
    known = {f"{allele} {answer}" for allele in asked for answer in (hla.POSITIVE, hla.NEGATIVE)}
    result = _stated(said)
    if not result:
        return GeneCall(said.gene, None, no_call_reason=NOT_CALLED)
    if result not in known:
        warning = f"no guideline asks for this result of {said.gene}"
        return GeneCall(said.gene, None, phenotypes=(None,), warnings=(warning,))
    return GeneCall(said.gene, None, phenotypes=(result,), lookup_keys=(result,))


def _foreign(said: OutsideCall, release: Path) -> GeneCall:
    """Give a gene that CPIC knows and this release does not; anything else may name a sample."""
    if said.gene not in linked_genes(release):
        raise _refusal(
            said,
            "the first cell is no gene that CPIC links to a drug "
            "(a summary of StellarPGx needs a line '# gene: CYP2D6')",
        )
    strands = (strand for diplotype in said.diplotypes for strand in strands_of(diplotype))
    _check_notation(said, [name.strip() for strand in strands for name in strand])
    warning = f"no phenotype assigned: {said.gene} is not in the knowledge of {release.name}"
    return _called(said, [Outcome(None, None, NOT_ASSIGNED)], [warning])


def _check_phenotype(said: OutsideCall, release: Path) -> None:
    """Refuse what is no gene's phenotype: it may be anything, and would be kept."""
    stated = _stated(said)
    if stated and stated not in _phenotypes(release) and not hla.is_result(stated):
        raise _refusal(
            said,
            f"the phenotype of {said.gene} is none that a gene has, such as Poor "
            "Metabolizer or *57:01 positive",
        )


def _check_notation(said: OutsideCall, names: Iterable[str]) -> None:
    """Refuse what is no notation of an allele: it may be anything, and would be repeated."""
    for name in names:
        if not _NOTATION.fullmatch(name):
            raise _refusal(said, f"an allele of {said.gene} is written as none is{shown(name)}")


def _of_strands(gene: Gene, strands: tuple[Strand, ...]) -> Outcome:
    if not gene.calling.lowest_first and any(len(strand) > 1 for strand in strands):
        return Outcome(None, None, NOT_ASSIGNED)
    return outcome_of_strands(gene, strands)


def _in_own_names(gene: Gene, diplotype: str) -> str:
    """Write a diplotype by the release's own names, whichever the caller has for them."""
    own = _own_names(gene)
    strands = ((own.get(name.strip(), name.strip()) for name in s) for s in strands_of(diplotype))
    return "/".join(written(_as_one(gene, tuple(strand))) for strand in strands)


def _as_one(gene: Gene, strand: Strand) -> Strand:
    """Give alleles of a strand that have a name together by it, in whichever order they stand.

    "[*28 + *80]" and "*28+*80" of UGT1A1 are its "*80+*28".
    """
    stars = sorted(star.strip() for star in "+".join(strand).split("+"))
    return next(((name,) for name in gene.by_name if sorted(name.split("+")) == stars), strand)


@cache
def _own_names(gene: Gene) -> Mapping[str, str]:
    """Give alleles' own names by what callers write for short; none that two alleles share.

    Either part of "c.1905+1G>A (*2A)" is enough, and so is a mitochondrial name without its "m.".
    Where variants have stars so, *1 is the reference. Source: McLeod et al. 1998, Pharmacogenetics
    8:455 (DPYD; that *1 is the reference: from memory).
    """
    parts = [(part, name) for name in gene.by_name for part in _parts(name)]
    shared = Counter(part for part, _ in parts)
    own = {part: name for part, name in parts if shared[part] == 1 and part not in gene.by_name}
    if any(part.startswith("*") for part in own) and "*1" not in gene.by_name:
        own["*1"] = gene.reference.name
    return own


def _parts(name: str) -> Sequence[str]:
    if name.startswith("m."):
        return (name.removeprefix("m."),)
    two_names = _TWO_NAMES.fullmatch(name)
    return two_names.groups() if two_names else ()


def _phenotype(gene: Gene, said: OutsideCall) -> str | None:
    """Give the phenotype of the gene that the caller states, whatever its case; None for none."""
    stated = _stated(said)
    return next((p for p in gene.phenotypes.values() if p.lower() == stated), None)


def _stated(said: OutsideCall) -> str:
    """Give the phenotype as it is compared: in lower case, American, without more spaces."""
    return " ".join(said.phenotype.lower().replace("metaboliser", "metabolizer").split())


@cache
def _phenotypes(release: Path) -> frozenset[str]:
    genes = (gene_of(name, release) for name in gene_names(release))
    return frozenset(phenotype.lower() for gene in genes for phenotype in gene.phenotypes.values())


def _score(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def _not_known(gene: Gene, names: Iterable[str]) -> str:
    return f"{gene.name} {', '.join(dict.fromkeys(names))} is not known in this release"


def _refusal(said: OutsideCall, rule: str) -> UnreadableCalls:
    return UnreadableCalls(f"line {said.line}: {rule}")
