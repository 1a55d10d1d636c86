"""What the genome says of each medicine: of those ordered, and ahead of those that may be.

An ordered medicine gets whatever each guideline says, "use as usual" included, whether or not they
agree; one that is not ordered is spoken of only where something would be done differently, by one
guideline (CPIC's, or DPWG's where CPIC does not ask for that gene or allele), and not for one rare
disease.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from epione.medicine.pharmacogenomics import Body, Circumstances, DrugAdvice, NoAdvice, Taken
from epione.medicine.pharmacogenomics.advice import ACTIONABLE
from epione.medicine.pharmacogenomics.circumstances import last_end
from epione.medicine.prevent_inputs import OLD_AFTER, shown_result
from epione.medicine.recommendation import Evidence, Reason, Recommendation, Subject, SubjectKind
from epione.medicine.staleness import stale, turning_stale
from epione.timeline import Code, GeneCall, Genome, History, Medication, Stated, codes
from epione.timeline.codes import Measurement

GENE = "http://www.genenames.org"
AHEAD = "If {} is considered"
PASSIVE = " For information: "  # before why advice is no more than that
# Of a medicine against one rare disease, "do not give" is what nearly every genome says.
RARE_DISEASES = frozenset({"cystic fibrosis"})

Orders = tuple[Stated[Medication], ...]
Advised = Mapping[Code, Sequence[DrugAdvice | NoAdvice]]


class DrugGuidelines(Protocol):
    """What is known of medicines and genes, the same for as long as the process runs."""

    def __hash__(self) -> int: ...

    @property
    def release(self) -> str:
        """Name the release of knowledge."""

    def drug_of(self, code: Code) -> Code | None:
        """Give the ingredient of an ordered product, where a map knows it."""

    def modulator_of(self, code: Code) -> Code | None:
        """Give the ingredient of a product that inhibits or induces, where a map knows it."""

    def drugs(self) -> Sequence[Code]:
        """Give every ingredient that a guideline speaks of."""

    def genes_of(self, drug: Code) -> Sequence[str]:
        """Give the genes that a guideline judges it by."""

    def evidence_of(self, drug: Code, gene: str = "") -> tuple[Evidence, ...]:
        """Give the guidelines that judge it by a gene, or that speak of it at all."""

    def answers_for(
        self, drug: Code, calls: Mapping[str, GeneCall], circumstances: Circumstances
    ) -> Sequence[DrugAdvice | NoAdvice]:
        """Give each one's answer for these genes, and what is taken and known of the patient."""


def drug_recommendations(
    history: History, genome: Genome, guidelines: DrugGuidelines
) -> Iterator[Recommendation]:
    """Give advice on the medicines that are ordered, and the tests that they call for."""
    if history.denial("genomics"):
        return
    orders = orders_of(history, guidelines)
    advised = _advised(history, genome, guidelines)
    for drug, ordered in orders.items():
        for advice in _advice(advised, drug):
            yield _recommendation(advice, genome, ordered, history.now)
    yield from _tests(orders, genome, guidelines, advised)
    yield from _measurements(orders, guidelines, advised)


def advice_ahead(
    history: History, genome: Genome, guidelines: DrugGuidelines
) -> Iterator[Recommendation]:
    """Give advice on the medicines that are not ordered, where it would change something."""
    if history.denial("genomics"):
        return
    orders = orders_of(history, guidelines)
    advised = _advised(history, genome, guidelines)
    for drug in advised:
        for advice in _advice(advised, drug):
            if drug not in orders and is_said_ahead(advice):
                yield _recommendation(advice, genome, (), history.now)


def is_said_ahead(advice: DrugAdvice) -> bool:
    """Say whether advice is worth giving on a medicine that nobody has ordered."""
    return asks_for_change(advice) and advice.leads


def asks_for_change(advice: DrugAdvice) -> bool:
    """Say whether something is to be done differently, and not against a rare disease alone."""
    return advice.kind in ACTIONABLE and advice.population not in RARE_DISEASES


def orders_of(history: History, guidelines: DrugGuidelines) -> Mapping[Code, Orders]:
    """Give the current orders by ingredient, by name."""
    orders: dict[Code, Orders] = {}
    for stated in history.medications:
        if (drug := guidelines.drug_of(stated.value.drug)) is not None:
            orders[drug] = (*orders.get(drug, ()), stated)
    return dict(sorted(orders.items(), key=lambda order: _name(order[0])))


def circumstances_of(history: History, guidelines: DrugGuidelines) -> Circumstances:
    """Give what is taken that inhibits or induces, and what a dose asks of the body."""
    return Circumstances(tuple(_beside(history, guidelines)), _body(history))


def is_answered(gene: str, genome: Genome) -> bool:
    """Say whether a genome of this patient answers for the gene, and callers do not disagree."""
    call = genome.calls[gene].value if gene in genome.calls else None
    return call is not None and call.is_called and not call.disputed


def uncalled(gene: str, genome: Genome) -> Reason:
    """Say why the gene has no call, or none to rest on, with the positions that resolve it."""
    stated = genome.calls.get(gene)
    if stated is None:
        return Reason(f"{gene} is not in any genome on the record that may be used")
    if stated.value.disputed:
        return Reason(f"two callers disagree on {gene}", genome.events_of(gene))
    if is_answered(gene, genome):
        called = " or ".join(stated.value.diplotypes)
        text = f"{gene} is called {called} without a position that may change what is advised"
        return Reason(text, (stated.event_id,))
    text = f"{gene} is not called: {stated.value.no_call_reason}"
    if stated.value.missing_positions:
        text += f"; missing positions {', '.join(map(str, stated.value.missing_positions))}"
    return Reason(text, (stated.event_id,))


def _beside(history: History, guidelines: DrugGuidelines) -> Iterator[Taken]:
    for stated in history.medications:
        starts = stated.value.starts_at
        drug = guidelines.modulator_of(stated.value.drug)
        if drug is not None and (starts is None or starts <= history.now):
            yield _taken(stated, drug)


def _taken(stated: Stated[Medication], drug: Code) -> Taken:
    starts = stated.value.starts_at
    return Taken(
        drug,
        stated.event_id,
        starts=starts.date() if starts else None,
        recorded=stated.at.date(),
        ends=stated.value.ends_at,
    )


def _body(history: History) -> Body:
    """Give what a dose asks of the body, as it is shown, so that a reader can check.

    A measurement that PREVENT would doubt for its age is none to dose by: this project's own rule.
    """
    height, weight = (_recent(history, each) for each in (codes.HEIGHT, codes.WEIGHT))
    measured = [(m, r) for m, r in ((codes.HEIGHT, height), (codes.WEIGHT, weight)) if r]
    reasons = [Reason(shown_result(m, reading), (reading.event_id,)) for m, reading in measured]
    if history.demographics is not None and history.age is not None:
        reasons.insert(0, Reason(f"age {history.age} years", (history.demographics.event_id,)))
    return Body(
        age_years=history.age,
        height_cm=round(height.value, 1) if height else None,
        weight_kg=round(weight.value, 1) if weight else None,
        reasons=tuple(reasons),
        ends=min((reading.at + OLD_AFTER for _, reading in measured), default=None),
    )


def _recent(history: History, measurement: Measurement) -> Stated[float] | None:
    latest = history.latest(measurement)
    return latest if latest and history.now < latest.at + OLD_AFTER else None


def _advised(history: History, genome: Genome, guidelines: DrugGuidelines) -> Advised:
    """Give the answer on every drug; what lacks a measurement is asked again with the patient's."""
    taken = tuple(_beside(history, guidelines))
    advised, lacking = _by_genes(guidelines, genome.gene_calls, taken)
    if not lacking:
        return advised
    circumstances = Circumstances(taken, _body(history))
    return _by_genes_and_body(guidelines, genome.gene_calls, circumstances)


@lru_cache(maxsize=1_000)
def _by_genes(
    guidelines: DrugGuidelines, calls: tuple[GeneCall, ...], taken: tuple[Taken, ...]
) -> tuple[Advised, tuple[Code, ...]]:
    """Give the answer on every drug, and the drugs whose answer lacks a measurement.

    Kept, for genomes stay while events come.
    """
    by_gene, beside = {call.gene: call for call in calls}, Circumstances(taken)
    drugs = sorted(guidelines.drugs(), key=_name)
    advised = {drug: guidelines.answers_for(drug, by_gene, beside) for drug in drugs}
    return advised, tuple(drug for drug in advised if any(e.lacks for e in _none(advised, drug)))


@lru_cache(maxsize=1_000)
def _by_genes_and_body(
    guidelines: DrugGuidelines, calls: tuple[GeneCall, ...], circumstances: Circumstances
) -> Advised:
    by_gene = {call.gene: call for call in calls}
    advised, lacking = _by_genes(guidelines, calls, circumstances.taken)
    again = {drug: guidelines.answers_for(drug, by_gene, circumstances) for drug in lacking}
    return {**advised, **again}


def _advice(advised: Advised, drug: Code) -> list[DrugAdvice]:
    return [each for each in advised.get(drug, ()) if isinstance(each, DrugAdvice)]


def _none(advised: Advised, drug: Code) -> list[NoAdvice]:
    return [each for each in advised.get(drug, ()) if isinstance(each, NoAdvice)]


def _recommendation(
    advice: DrugAdvice, genome: Genome, orders: Orders, now: datetime
) -> Recommendation:
    name = _name(advice.drug)
    genes = tuple(event for gene in advice.genes for event in genome.events_of(gene))
    ends = (
        last_end(each.value.ends_at for each in orders),
        advice.ends,
        *turning_stale(advice.guideline, now),
    )
    return Recommendation(
        id="",
        key=f"drug/{name}/{advice.key}",
        subject=Subject(SubjectKind.DRUG, advice.drug, name),
        action=_action(advice, orders) + _passive(advice, now),
        strength=advice.strength,
        evidence=advice.evidence,
        reasons=(
            *(Reason(text, tuple(dict.fromkeys(genes))) for text in advice.reasons),
            *advice.beside,
            *_order_reasons(name, orders),
        ),
        would_change_if=advice.would_change_if,
        versions={each.source: each.release for each in advice.evidence},
        valid_until=min(filter(None, ends), default=None),
    )


def _action(advice: DrugAdvice, orders: Orders) -> str:
    """Say what to do, for whom where the guideline does not speak of everyone, and by which one."""
    heading, read = advice.heading, advice.as_far_as_read
    if orders:
        return f"{read}{heading}{': ' if heading else ''}{advice.action}"
    ahead = AHEAD.format(_name(advice.drug))
    return f"{ahead}{', ' if heading else ''}{heading}: {read}{advice.action}"


def _passive(advice: DrugAdvice, now: datetime) -> str:
    """Take advice back to information where its knowledge is old; its strength stays graded."""
    old = stale(advice.guideline, now)
    return f"{PASSIVE}{old}." if old else ""


def is_ahead(recommendation: Recommendation) -> bool:
    """Say whether it speaks of a medicine that is not ordered."""
    return recommendation.action.startswith(AHEAD.format(recommendation.subject.name))


def _order_reasons(name: str, orders: Orders) -> Iterator[Reason]:
    if not orders:
        yield Reason(f"no current order of {name} on the record")
    for each in orders:
        shown = each.value.drug.display or name
        yield Reason(f"current {each.value.kind}: {shown}", (each.event_id,))


def _tests(
    orders: Mapping[Code, Orders], genome: Genome, guidelines: DrugGuidelines, advised: Advised
) -> Iterator[Recommendation]:
    """Ask for the genes that ordered medicines are judged by and that nothing calls for sure."""
    wanted: dict[str, dict[Code, Reason]] = {}
    for drug in orders:
        unread = {gene for advice in _advice(advised, drug) for gene in advice.unread}
        unmet = {gene: each.unmet for each in _none(advised, drug) for gene in each.genes}
        unmet |= dict(pair for advice in _advice(advised, drug) for pair in advice.unanswered)
        for gene in guidelines.genes_of(drug):
            if gene in unread or not is_answered(gene, genome):
                wanted.setdefault(gene, {})[drug] = uncalled(gene, genome)
            elif gene in unmet:
                reason = Reason(unmet[gene], genome.events_of(gene))
                wanted.setdefault(gene, {})[drug] = reason
    for gene, reasons in sorted(wanted.items()):
        yield _test(gene, reasons, orders, guidelines)


def _test(
    gene: str,
    drugs: Mapping[Code, Reason],
    orders: Mapping[Code, Orders],
    guidelines: DrugGuidelines,
) -> Recommendation:
    """Ask for a gene, each of the drugs with why what is known of it does not do."""
    evidence = tuple(dict.fromkeys(e for drug in drugs for e in guidelines.evidence_of(drug, gene)))
    names = ", ".join(map(_name, drugs))
    sources = list(dict.fromkeys(each.source for each in evidence))
    judge = "judges" if len(sources) == 1 else "judge"
    return Recommendation(
        id="",
        key=f"test/gene/{gene}",
        subject=Subject(SubjectKind.TEST, Code(GENE, gene, gene), f"{gene} genotype"),
        action=f"Genotype {gene}: {' and '.join(sources)} {judge} {names} by it",
        strength="for information",
        evidence=evidence,
        reasons=(
            *dict.fromkeys(drugs.values()),
            *(reason for drug in drugs for reason in _order_reasons(_name(drug), orders[drug])),
        ),
        would_change_if=(f"{gene} is called with every position that decides",),
        versions={each.source: each.release for each in evidence},
        serves=tuple(Subject(SubjectKind.DRUG, drug, _name(drug)) for drug in drugs),
    )


def _measurements(
    orders: Mapping[Code, Orders], guidelines: DrugGuidelines, advised: Advised
) -> Iterator[Recommendation]:
    """Ask for the measurements without which an ordered medicine has no dose."""
    for drug, ordered in orders.items():
        name = _name(drug)
        for answer in _none(advised, drug):
            for code in answer.lacks:
                evidence = _of_source(answer.source, guidelines.evidence_of(drug))
                yield Recommendation(
                    id="",
                    key=f"test/{name}/{code.display}",
                    subject=Subject(SubjectKind.TEST, code, code.display),
                    action=f"Record the {code.display}: {name} cannot be dosed by genes without it",
                    strength="for information",
                    evidence=evidence,
                    reasons=(Reason(answer.unmet), *_order_reasons(name, ordered)),
                    would_change_if=(f"a {code.display} is recorded",),
                    versions={each.source: each.release for each in evidence},
                    serves=(Subject(SubjectKind.DRUG, drug, name),),
                )


def _of_source(source: str, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(each for each in evidence if each.source == source)


def _name(drug: Code) -> str:
    return drug.display
