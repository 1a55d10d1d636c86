"""Why a medicine is not spoken of: the first condition that is not met."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from epione.medicine.drug_recommendations import (
    DrugGuidelines,
    circumstances_of,
    is_said_ahead,
    orders_of,
    uncalled,
)
from epione.medicine.genome import Genome
from epione.medicine.pharmacogenomics import (
    Circumstances,
    DrugAdvice,
    NoAdvice,
    gene_of,
    not_in_genomes,
    possible_of,
)
from epione.medicine.pharmacogenomics.advice import UNDECIDED
from epione.medicine.plan import Case
from epione.medicine.staleness import stale
from epione.timeline import Code, GeneCall

GENOMICS_DENIED = "consent to genomics is denied"

ALONE = Circumstances()  # nothing is known beside a genome

Calls = Mapping[str, GeneCall]
Answers = Sequence[DrugAdvice | NoAdvice]
# A condition, and why it is not met; "" where it is.
Condition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The conditions of a recommendation: those that are met, and the first that is not.

    `unmet` is "" where nothing is: the medicine is spoken of, by knowledge that is not old.
    """

    drug: str
    met: tuple[str, ...]
    unmet: str


def why_not(case: Case, guidelines: DrugGuidelines, drug: str) -> WhyNot:
    """Walk the conditions of a drug's recommendation in order, until one is not met."""
    return _walked(drug, _of_case(case, guidelines, drug))


def why_not_in_genome(
    genome: Genome,
    calls: Calls,
    guidelines: DrugGuidelines,
    drug: str,
    now: datetime,
    circumstances: Circumstances = ALONE,
) -> WhyNot:
    """Walk the conditions that a genome and its calls can meet, until one is not met.

    Args:
        genome: What was read.
        calls: Its calls, and those of other callers.
        guidelines: What is known of medicines and genes.
        drug: An ingredient's name or RxNorm code.
        now: When it is asked.
        circumstances: What is taken beside.
    """
    return _walked(drug, _of_genome(genome, calls, guidelines, drug, now, circumstances))


def _walked(drug: str, conditions: Iterable[Condition]) -> WhyNot:
    met: list[str] = []
    for condition, failure in conditions:
        if failure:
            return WhyNot(drug, tuple(met), failure)
        met.append(condition)
    return WhyNot(drug, tuple(met), "")


def _of_case(case: Case, guidelines: DrugGuidelines, drug: str) -> Iterator[Condition]:
    """Give each condition of a record's plan; each rests on those before."""
    yield "the record stands for itself", case.survivor and f"it was merged into {case.survivor}"
    yield "nothing holds the plan back", case.hold
    denied = case.history.denial("genomics") is not None
    yield "genomics is consented to, or not spoken of", GENOMICS_DENIED if denied else ""
    ingredient = _ingredient(guidelines, drug)
    yield _spoken_of(drug, ingredient)
    if ingredient is None:
        return
    calls = {call.gene: call for call in case.genome.gene_calls}
    circumstances = circumstances_of(case.history, guidelines)
    answers = guidelines.answers_for(ingredient, calls, circumstances)
    yield from _of_genes(
        guidelines, ingredient, calls, answers, lambda gene: uncalled(gene, case.genome).text
    )
    is_ordered = ingredient in orders_of(case.history, guidelines)
    changes = any(map(is_said_ahead, _advice(answers)))
    yield (
        "it is ordered, or something would be done differently",
        ""
        if is_ordered or changes
        else "it is not ordered, and ahead of an order there is nothing to say",
    )
    yield _young(answers, case.history.now)


def _of_genome(
    genome: Genome,
    calls: Calls,
    guidelines: DrugGuidelines,
    drug: str,
    now: datetime,
    circumstances: Circumstances,
) -> Iterator[Condition]:
    ingredient = _ingredient(guidelines, drug)
    yield _spoken_of(drug, ingredient)
    if ingredient is not None:
        answers = guidelines.answers_for(ingredient, calls, circumstances)
        yield from _of_genes(
            guidelines, ingredient, calls, answers, lambda gene: _unread(gene, genome, calls)
        )
        yield _young(answers, now)


def _of_genes(
    guidelines: DrugGuidelines,
    ingredient: Code,
    calls: Calls,
    answers: Answers,
    unread: Callable[[str], str],
) -> Iterator[Condition]:
    """Give what its genes must meet; `unread` says why one is not called, and by which position."""
    advice = _advice(answers)
    genes = guidelines.genes_of(ingredient)
    missing = [gene for gene in genes if gene not in calls or not calls[gene].is_called]
    lacks = any(isinstance(each, NoAdvice) and each.lacks for each in answers)
    for_genes = not advice and not lacks
    yield "its genes are called", unread(missing[0]) if missing and for_genes else ""
    yield "a guideline answers for them", "" if advice else _silence(answers)
    undecided = all(each.kind == UNDECIDED for each in advice)
    disputed = [gene for gene in genes if gene in calls and calls[gene].disputed]
    why = unread(disputed[0]) if disputed else _silence(answers)
    yield "it recommends something for this result", why if undecided else ""


def _silence(answers: Answers) -> str:
    """Say of each guideline why it recommends nothing."""
    said = (
        each.unmet if isinstance(each, NoAdvice) else _no_recommendation(each) for each in answers
    )
    return "; ".join(dict.fromkeys(said))


def _no_recommendation(advice: DrugAdvice) -> str:
    """Say for what nothing is recommended, beside what, and what was not read and may change it."""
    named = "; ".join((*advice.reasons, *(each.text for each in advice.beside)))
    changes = "".join(f"; it would change if {each}" for each in advice.would_change_if)
    return f"{advice.as_far_as_read}{advice.source} has no recommendation for {named}{changes}"


def _advice(answers: Answers) -> list[DrugAdvice]:
    return [answer for answer in answers if isinstance(answer, DrugAdvice)]


def _ingredient(guidelines: DrugGuidelines, drug: str) -> Code | None:
    """Find a medicine by its name or RxNorm ingredient."""
    named = drug.strip().lower()
    return next((each for each in guidelines.drugs() if named in (each.display, each.code)), None)


def _spoken_of(drug: str, ingredient: Code | None) -> Condition:
    unknown = f"no guideline of this release speaks of {drug} and a gene"
    return "a guideline speaks of it", unknown if ingredient is None else ""


def _young(answers: Answers, now: datetime) -> Condition:
    """Say whether some of what is recommended rests on knowledge that is not old."""
    decided = (each for each in _advice(answers) if each.kind != UNDECIDED)
    old = stale((evidence for each in decided for evidence in each.guideline), now)
    passive = f"{old}: it is spoken of for information"
    return "its knowledge is not older than twelve months", passive if old else ""


def _unread(gene: str, genome: Genome, calls: Calls) -> str:
    """Say why a gene has no call, and which positions would settle what it means."""
    if gene not in calls:
        why_never = not_in_genomes(gene)
        return why_never or f"{gene} is not in the genome: none of its positions was read"
    if calls[gene].disputed:
        return f"two callers disagree on {gene}"
    if calls[gene].caller:
        return f"{gene} is not called by {calls[gene].caller}: {calls[gene].no_call_reason}"
    facts = gene_of(gene)
    settled_by = possible_of(calls[gene], facts, genome).settled_by
    places = [facts.where(position) for position in settled_by.positions] if settled_by else []
    read = f"; read {', '.join(places)} to settle what it means" if places else ""
    return f"{gene} is not called: {calls[gene].no_call_reason}{read}"
