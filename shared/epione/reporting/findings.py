"""What is called of one genome and advised on it, put together for a report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from epione.medicine.drug_recommendations import DrugGuidelines, asks_for_change
from epione.medicine.pharmacogenomics import (
    Circumstances,
    DrugAdvice,
    NoAdvice,
    gene_names,
    why_not_called,
)
from epione.medicine.recommendation import Evidence
from epione.medicine.staleness import stale
from epione.timeline import GeneCall, GenomicFeatures

AVOID = "avoid"
# CPIC's grades, from the strongest; what another guideline says otherwise comes after.
STRENGTHS = ("Strong", "Moderate", "Optional")

NOT_HELD = "linked to genes by CPIC; no guideline of CPIC's on it is held in this release"


@dataclass(frozen=True, slots=True)
class Findings:
    """The results of one genome. Nothing here names the person, the sample or the file."""

    build: str  # "GRCh37", "GRCh38"
    knowledge_release: str  # of the genes
    calls: Mapping[str, GeneCall]  # by gene; those without a result too
    unread: Mapping[str, str]  # genes that are asked for and not in the genome, with why not
    advice: tuple[DrugAdvice, ...]
    unanswered: tuple[NoAdvice, ...]
    left_open: Mapping[str, tuple[str, ...]]  # what a gene may still be, and what settles it
    beside: tuple[str, ...]  # medicines taken and measurements, as given
    issued: datetime  # UTC

    @property
    def to_do_differently(self) -> tuple[DrugAdvice, ...]:
        """Give the advice that asks for a change: other drugs first, then by strength and name."""
        return tuple(sorted(filter(asks_for_change, self.advice), key=_urgency))

    @property
    def guidelines(self) -> tuple[Evidence, ...]:
        """Give each release of guidelines that advice rests on, by one of its publications."""
        every = [each for advice in self.advice for each in advice.guideline]
        return tuple(
            {(e.source, e.release, e.knowledge_as_of): e for e in reversed(every)}.values()
        )


def findings_of(
    features: GenomicFeatures,
    guidelines: DrugGuidelines,
    issued: datetime,
    circumstances: Circumstances | None = None,
    left_open: Mapping[str, Sequence[str]] | None = None,
) -> Findings:
    """Ask the guidelines about every drug, and say of every gene asked for whether it was read.

    Args:
        features: The genome's calls, joined with those of other callers.
        guidelines: What to ask.
        issued: When the report is made, in UTC; by it, knowledge is old.
        circumstances: What is taken beside, and what a dose asks of the body.
        left_open: By gene, lines on what it may still be and which positions settle it.
    """
    beside = circumstances or Circumstances()
    calls = {call.gene: call for call in features.genes}
    answers = [
        answer
        for drug in guidelines.drugs()
        for answer in guidelines.answers_for(drug, calls, beside)
    ]
    unanswered = tuple(answer for answer in answers if isinstance(answer, NoAdvice))
    advice = tuple(answer for answer in answers if isinstance(answer, DrugAdvice))
    given = [f"{taken.drug.display} is {taken.when}" for taken in beside.taken]
    return Findings(
        build=features.build,
        knowledge_release=features.knowledge_release,
        calls=dict(sorted(calls.items())),
        unread={
            gene: why_not_called(gene, calls)
            for gene in _asked_for(advice, unanswered)
            if gene not in calls
        },
        advice=advice,
        unanswered=unanswered,
        left_open={gene: tuple(lines) for gene, lines in (left_open or {}).items() if lines},
        beside=(*given, *(reason.text for reason in beside.body.reasons)),
        issued=issued,
    )


def old_knowledge(findings: Findings) -> Iterator[str]:
    """Say of each guideline that is old that what it advises is information alone."""
    for each in findings.guidelines:
        if old := stale((each,), findings.issued):
            yield f"{each.source} {each.release}: {old}. What it advises is for information."


def no_change(findings: Findings) -> Iterator[str]:
    """Say where nothing is to be done differently, and where that is not known."""
    if not findings.advice:
        yield (
            "Whether anything is to be done differently is not known: no guideline answers for "
            "what was called."
        )
    elif not findings.to_do_differently:
        read = ", as far as their genes were read" if any(a.unread for a in findings.advice) else ""
        yield (
            f"Nothing to do differently was found for the drugs that guidelines answer for{read}."
        )
    if drugs := dict.fromkeys(a.drug.display for a in findings.advice if a.is_open):
        yield f"What to do is not known of {', '.join(drugs)}: it depends on which result is true."


def unmet(findings: Findings) -> Iterator[str]:
    """Say why there is no advice on drugs, or none of one guideline; of one reason together."""
    advised = {advice.drug.display for advice in findings.advice}
    drugs: dict[str, dict[str, None]] = {}
    for answer in findings.unanswered:
        by = f" (by {answer.source})" if answer.drug in advised else ""
        why = answer.unmet if answer.is_held else NOT_HELD
        drugs.setdefault(why, {})[f"{answer.drug}{by}"] = None
    yield from (f"{', '.join(names)}: {why}" for why, names in drugs.items())


def _asked_for(advice: Iterable[DrugAdvice], unanswered: Iterable[NoAdvice]) -> list[str]:
    """Give the genes that this release defines, and those that a guideline held here asks for."""
    asked = [*(each.genes for each in advice), *(each.genes for each in unanswered)]
    return sorted({*gene_names(), *chain.from_iterable(asked)})


def _urgency(advice: DrugAdvice) -> tuple[bool, int, str, str]:
    graded = advice.strength in STRENGTHS
    rank = STRENGTHS.index(advice.strength) if graded else len(STRENGTHS)
    return advice.kind != AVOID, rank, advice.drug.display, advice.population
