"""What a gene's call counts as beside medicines that inhibit or induce its enzyme.

CYP2D6 alone is adjusted: its activity score is 0 with a strong inhibitor, and halved with a
moderate one; a weak one leaves it. No medicine induces it. Sources: Crews et al. 2021,
doi:10.1002/cpt.2149 (CPIC, opioids); Cicali et al. 2021, doi:10.1002/cpt.2354, for substrates of
CYP2D6 at large, and, from memory, that of several inhibitors the strongest alone counts.

DPWG advises by the genotype: of its statements that are held here (ClinPGx's annotations, read in
2026-11) none adjusts it for a medicine; those on eliglustat have words of their own for what is
taken.

Elsewhere there is no convention: CPIC says in 2023 that no consensus exists on adjusting CYP2D6,
CYP2C19 or CYP2B6 for serotonin reuptake inhibitors (Bousman et al., doi:10.1002/cpt.2903). There
the genetic result stands, and what is taken is told. That guideline also says that paroxetine
inhibits its own metabolism, and advises people who take it: no drug converts itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil, floor
from pathlib import Path

from epione.medicine.pharmacogenomics.called import in_words, meaning_of
from epione.medicine.pharmacogenomics.circumstances import Taken
from epione.medicine.pharmacogenomics.knowledge import PINNED
from epione.medicine.pharmacogenomics.tables import CPIC, Drug, rows_of
from epione.medicine.recommendation import Evidence, Reason
from epione.timeline import RXNORM, Code, GeneCall

CONVERTED = "CYP2D6"
NO_CONSENSUS = "PMID 37032427"  # Bousman et al. 2023
STRENGTHS = Evidence(
    "FDA CYP inhibitors",
    "2026-05",
    "https://www.fda.gov/drugs/drug-interactions-labeling/"
    "healthcare-professionals-fdas-examples-drugs-interact-cyp-enzymes-and-transporter-systems",
    "2026-05-29",
)
CONVENTION = Evidence(
    "CYP2D6 phenoconversion",
    "2021",
    "doi:10.1002/cpt.2149, doi:10.1002/cpt.2354, doi:10.1111/cts.12692",
    "2021-12-31",
)

# The consensus of Caudle et al. 2020, Clin Transl Sci 13:116-124, doi:10.1111/cts.12692.
POOR, INTERMEDIATE = "Poor Metabolizer", "Intermediate Metabolizer"
NORMAL, ULTRARAPID = "Normal Metabolizer", "Ultrarapid Metabolizer"
SCORED = frozenset({POOR, INTERMEDIATE, NORMAL, ULTRARAPID})
INTERMEDIATE_CEILING = 1.25  # exclusive
NORMAL_CEILING = 2.25  # inclusive

# CPIC's tables have a row for each quarter up to here; above it all rows say the same.
STEPS, HIGHEST = 4, 3.0
AT_LEAST = "≥"


@dataclass(frozen=True, slots=True)
class Modulator:
    """A medicine that changes what an enzyme does, and how strongly by the FDA's measure."""

    genes: tuple[str, ...]
    effect: str  # "inhibitor" or "inducer"
    strength: str  # "strong", "moderate" or "weak"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A gene's call as a guideline is to be asked for it, and why it is that.

    `deciding` are the medicines that make it other than the genetic one; `converting` are all that
    must stop before the genetic one counts again. `unheeded` would decide for CPIC, and do not for
    a guideline that goes by the genotype.
    """

    call: GeneCall | None
    reasons: tuple[Reason, ...] = ()
    deciding: tuple[Taken, ...] = ()
    converting: tuple[Taken, ...] = ()
    unheeded: tuple[Taken, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        if not self.reasons:
            return ()
        return (CONVENTION, STRENGTHS) if self.deciding else (STRENGTHS,)


@cache
def modulators(release: Path = PINNED) -> Mapping[str, tuple[Modulator, ...]]:
    """Give what each ingredient does, by its name."""
    found: dict[str, tuple[Modulator, ...]] = {}
    for row in rows_of("inhibitors.tsv", release):
        each = Modulator(tuple(row["genes"].split(";")), row["effect"], row["strength"])
        found[row["ingredient"]] = (*found.get(row["ingredient"], ()), each)
    return found


@cache
def modulating_ingredients(release: Path = PINNED) -> Mapping[str, Code]:
    """Give every ingredient that inhibits or induces, by RxNorm code and by name."""
    codes = [
        Code(RXNORM, row["rxnorm"], row["ingredient"]) for row in rows_of("inhibitors.tsv", release)
    ]
    by_name = {code.display: code for code in codes}
    return {**by_name, **{code.code: code for code in codes if code.code}}


def conversion_of(
    gene: str, call: GeneCall | None, taken: Sequence[Taken], drug: Drug, source: str = CPIC
) -> Conversion:
    """Say what a gene's call counts as, for one guideline on a drug, beside what is taken."""
    known = modulators(drug.release)
    others = [
        (each, does)
        for each in taken
        for does in known.get(each.drug.display, ())
        if gene in does.genes and each.drug != drug.code
    ]
    itself = [
        Reason(_itself(drug, gene, does))
        for does in known.get(drug.code.display, ())
        if gene in does.genes and any(each.drug == drug.code for each in taken)
    ]
    why_not = _why_not(gene, call, drug, source)
    if call is None or why_not:
        told = (_told(gene, each, does, why_not) for each, does in others)
        converts = not _why_not(gene, call, drug, CPIC)
        unheeded = _converted(call, others, ()).converting if call and converts else ()
        return Conversion(call, (*told, *itself), unheeded=unheeded)
    return _converted(call, others, itself)


def phenotype_of(score: float) -> str:
    """Give the phenotype of CYP2D6 that an activity score means."""
    if score == 0:
        return POOR
    if score < INTERMEDIATE_CEILING:
        return INTERMEDIATE
    return NORMAL if score <= NORMAL_CEILING else ULTRARAPID


def _why_not(gene: str, call: GeneCall | None, drug: Drug, source: str) -> str:
    """Say why a gene is not adjusted; "" where it is."""
    if source != CPIC:
        return f"{source} advises by the genotype, and this release holds no adjustment of its"
    if gene != CONVERTED:
        return f"this release holds no convention that adjusts {gene}"
    if any(each.reference == NO_CONSENSUS for each in drug.cpic_evidence):
        return f"the guideline on {drug.code.display} says that no consensus exists on adjusting it"
    return "" if call and call.lookup_keys else f"{gene} is not called"


def _who(gene: str, taken: Taken, does: Modulator) -> str:
    return f"{taken.drug.display}, a {does.strength} {does.effect} of {gene}, is {taken.when}"


def _told(gene: str, taken: Taken, does: Modulator, why_not: str) -> Reason:
    change = "lower" if does.effect == "inhibitor" else "higher"
    text = f"{_who(gene, taken, does)}: the phenotype may be {change} than genetic; {why_not}"
    return _reason(text, taken)


def _itself(drug: Drug, gene: str, does: Modulator) -> str:
    name = drug.code.display
    return (
        f"{name} is itself a {does.strength} {does.effect} of {gene} and converts nothing here: "
        f"the guideline on {name} speaks of those who take it"
    )


def _converted(
    call: GeneCall, others: Sequence[tuple[Taken, Modulator]], itself: Sequence[Reason]
) -> Conversion:
    """Adjust a call by the strongest inhibitor; by none where it is poor or not known to halve."""
    by_strength = {
        strength: tuple(each for each, does in others if does.strength == strength)
        for strength in ("strong", "moderate", "weak")
    }
    deciding = by_strength["strong"] or by_strength["moderate"]
    adjusted = _adjusted(call, is_strong=bool(by_strength["strong"])) if deciding else None
    reasons = [
        _reason(_outcome(call, each, does, deciding, adjusted), each) for each, does in others
    ]
    if adjusted is None:
        return Conversion(call, (*reasons, *itself))
    converting = (*by_strength["strong"], *by_strength["moderate"])
    return Conversion(adjusted[0], (*reasons, *itself), deciding, converting)


def _outcome(
    call: GeneCall,
    taken: Taken,
    does: Modulator,
    deciding: Sequence[Taken],
    adjusted: tuple[GeneCall, str] | None,
) -> str:
    who = _who(call.gene, taken, does)
    if does.strength == "weak":
        return f"{who}: too weak to change the activity score"
    if taken not in deciding:
        return f"{who}: a stronger one decides"
    if adjusted is None:
        return f"{who}: {_unchanged(call)}"
    return f"{who}: {call.gene} counts as {adjusted[1]}, and not as the genetic {meaning_of(call)}"


def _unchanged(call: GeneCall) -> str:
    if set(call.lookup_keys) == {str(0.0)}:
        return f"by the genes alone {call.gene} has no activity left to inhibit"
    return f"how far it lowers an activity score that is not known ({meaning_of(call)}) is not told"


def _adjusted(call: GeneCall, *, is_strong: bool) -> tuple[GeneCall, str] | None:
    """Give the call that counts, each of its results by itself; None where none other does.

    A result without a score is not halved. Callers that disagree do so no more where all of their
    results count as the same.
    """
    left = [_LEFT_BY_STRONG] if is_strong else [_half(key) for key in call.lookup_keys]
    scores = list(dict.fromkeys(each.score for each in left))
    if set(scores) == set(call.lookup_keys):
        return None
    keys = tuple(dict.fromkeys(row for each in left for row in each.rows))
    unscored = () if is_strong else (p for p in call.phenotypes if p not in SCORED)
    phenotypes = dict.fromkeys((*(phenotype_of(float(k)) for k in keys if _is_score(k)), *unscored))
    meaning = f"{' or '.join(map(in_words, phenotypes))}, activity score {' or '.join(scores)}"
    adjusted = replace(
        call,
        phenotypes=tuple(phenotypes),
        activity_scores=tuple(map(float, filter(_is_score, scores))),
        lookup_keys=keys,
        disputed=call.disputed and len(keys) > 1,
    )
    return adjusted, meaning


@dataclass(frozen=True, slots=True)
class _Left:
    score: str  # "0.625", "≥1.5"; "n/a" where it is not known
    rows: tuple[str, ...]  # of a table: those next to it that mean the same phenotype


_LEFT_BY_STRONG = _Left("0.0", ("0.0",))


def _is_score(key: str) -> bool:
    return key[0].isdigit()


def _half(key: str) -> _Left:
    """Halve an activity score as tables write it; what is none stays what it is.

    >>> _half("1.25"), _half("≥3.0")
    (_Left(score='0.625', rows=('0.5', '0.75')), _Left(score='≥1.5', rows=('1.5', '2.5')))
    """
    if not _is_score(key.removeprefix(AT_LEAST)):
        return _Left(key, (key,))
    half = float(key.removeprefix(AT_LEAST)) / 2
    if key.startswith(AT_LEAST):
        return _Left(f"{AT_LEAST}{half}", tuple(_lowest_rows_from(half)))
    near = (floor(half * STEPS) / STEPS, ceil(half * STEPS) / STEPS)
    rows = {min(row, HIGHEST) for row in near if phenotype_of(row) == phenotype_of(half)}
    return _Left(str(half), tuple(map(str, sorted(rows))))


def _lowest_rows_from(score: float) -> Iterator[str]:
    """Give the lowest row of each phenotype that a score of at least this may mean."""
    lowest: dict[str, float] = {}
    for step in range(ceil(min(score, HIGHEST) * STEPS), int(HIGHEST * STEPS) + 1):
        lowest.setdefault(phenotype_of(step / STEPS), step / STEPS)
    return map(str, lowest.values())


def _reason(text: str, taken: Taken) -> Reason:
    return Reason(text, (taken.event_id,) if taken.event_id else ())
