"""What is advised on drugs, as therapeutic implications and medication recommendations."""

from collections.abc import Iterator, Mapping

from epione.medicine.pharmacogenomics import DrugAdvice, is_looked_up, meaning_of
from epione.medicine.staleness import stale
from epione.reporting._codes import ANOTHER_DRUG, EVIDENCE_LEVEL, MEDICATION_ASSESSED, PHENOTYPES
from epione.reporting._elements import (
    TO_BE_DETERMINED,
    Element,
    citation,
    coding,
    component,
    concept,
    conclusion,
    element,
    notes,
    profile,
    reference,
)
from epione.reporting._genes import Addresses, Keyed, gene_key, observation
from epione.reporting.findings import AVOID, Findings
from epione.timeline import GeneCall

IMPLICATION = coding(TO_BE_DETERMINED, "therapeutic-implication", "Therapeutic Implication")
KNOWLEDGE_BASE = coding(TO_BE_DETERMINED, "knowledge-base", "Knowledge Base")
PIPELINE = coding(TO_BE_DETERMINED, "annotation-pipeline", "Annotation Pipeline")


def implications(findings: Findings, address: Addresses) -> Iterator[Keyed]:
    """Give each piece of advice, "use as usual" and "no recommendation" too."""
    for advice in findings.advice:
        yield implication_key(advice), _implication(advice, findings, address)


def recommendations(findings: Findings, address: Addresses) -> Iterator[Keyed]:
    """Give a proposal for each drug with which something is to be done differently."""
    for advice in findings.to_do_differently:
        yield task_key(advice), _recommendation(advice, findings, address)


def implication_key(advice: DrugAdvice) -> str:
    return f"implication/{_key(advice)}"


def task_key(advice: DrugAdvice) -> str:
    return f"recommendation/{_key(advice)}"


def _key(advice: DrugAdvice) -> str:
    return f"{advice.drug.code or advice.drug.display}/{advice.key}"


def _implication(advice: DrugAdvice, findings: Findings, address: Addresses) -> Element:
    drug = advice.drug
    coded = [coding(drug.system, drug.code, drug.display)] if drug.code else []
    releases = (f"{e.source} {e.release}, as of {e.knowledge_as_of}" for e in advice.guideline)
    return observation(
        findings,
        address,
        IMPLICATION,
        meta=profile("therapeutic-implication"),
        extension=tuple(map(citation, advice.evidence)),
        derivedFrom=tuple(reference(address(gene_key(gene))) for gene in advice.genes),
        note=notes(_to_mind(advice, findings)),
        component=(
            component(MEDICATION_ASSESSED, concept(*coded, text="" if coded else drug.display)),
            *_phenotypes(advice, findings.calls),
            component(EVIDENCE_LEVEL, concept(text=f"{advice.source}: {advice.strength}")),
            component(KNOWLEDGE_BASE, concept(text=", ".join(dict.fromkeys(releases)))),
            component(
                PIPELINE, concept(text=f"Epione, genes of release {findings.knowledge_release}")
            ),
            conclusion(action_of(advice)),
        ),
    )


def _graded(advice: DrugAdvice) -> str:
    return f"{advice.drug.display} ({advice.source}, {advice.strength})"


def action_of(advice: DrugAdvice) -> str:
    """Say what to do and for whom, and how far it rests on what was read."""
    whom = f"{advice.heading}: " if advice.heading else ""
    return f"{whom}{advice.as_far_as_read}{advice.action}"


def _phenotypes(advice: DrugAdvice, calls: Mapping[str, GeneCall]) -> Iterator[Element]:
    """Give what each gene counts as for the drug, by code; the genetic one beside it in words."""
    counting = {call.gene: call for call in advice.looked_up}
    for gene in advice.genes:
        if not is_looked_up(gene, calls):
            continue
        genetic, counts = calls[gene], counting.get(gene, calls[gene])
        if gene.startswith("HLA-") or meaning_of(counts) == meaning_of(genetic):
            yield component(IMPLICATION, _phenotype(counts, f"{gene}: {meaning_of(counts)}"))
        else:
            told = f"{gene}: {meaning_of(counts)}, beside what is taken"
            yield component(IMPLICATION, _phenotype(counts, told))
            told = f"{gene}: {meaning_of(genetic)} by the genes alone, which does not count now"
            yield component(IMPLICATION, concept(text=told))


def _phenotype(call: GeneCall, text: str) -> Element:
    code = PHENOTYPES.get(call.phenotypes[0] or "") if len(call.phenotypes) == 1 else None
    return concept(*((code,) if code else ()), text=text)


def _to_mind(advice: DrugAdvice, findings: Findings) -> Iterator[str]:
    yield from (f"Because {reason}." for reason in advice.reasons)
    yield from (f"Because {reason.text}." for reason in advice.beside)
    yield from (f"Would change if {change}." for change in advice.would_change_if)
    if advice.ends:
        yield f"Holds until {advice.ends.isoformat()}."
    if old := stale(advice.guideline, findings.issued):
        yield f"For information: {old}."


def _recommendation(advice: DrugAdvice, findings: Findings, address: Addresses) -> Element:
    """Propose; only another drug has a code of the answer list that is sure to fit."""
    old = stale(advice.guideline, findings.issued)
    passive = f" For information: {old}." if old else ""
    return element(
        resourceType="Task",
        meta=profile("medication-recommendation"),
        status="requested",
        intent="proposal",
        code=concept(ANOTHER_DRUG) if advice.kind == AVOID else None,
        description=f"{_graded(advice)}: {action_of(advice)}{passive}",
        for_=reference(address("patient")),
        authoredOn=findings.issued.isoformat(),
        reasonReference=reference(address(implication_key(advice))),
    )
