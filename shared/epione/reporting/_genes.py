"""What is called of genes, as genotype and haplotype Observations.

A gene without a genotype has an Observation that says why: the profile "genotype" demands a value,
so that it is none of those, and carries `dataAbsentReason` as FHIR R4 means it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from epione.medicine.pharmacogenomics import gene_names, gene_of, meaning_of, why_not_called
from epione.medicine.pharmacogenomics.notation import strands_of, written
from epione.reporting._codes import (
    ASSEMBLIES,
    ASSEMBLY,
    GENE_STUDIED,
    GENOTYPE,
    HAPLOTYPE,
    gene_studied,
)
from epione.reporting._elements import (
    ABSENT,
    Element,
    Json,
    coding,
    component,
    concept,
    conclusion,
    element,
    notes,
    profile,
    reference,
)
from epione.reporting.findings import Findings
from epione.timeline import GeneCall

CATEGORIES = (
    concept(
        coding(
            "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "Laboratory"
        )
    ),
    concept(coding("http://terminology.hl7.org/CodeSystem/v2-0074", "GE", "Genetics")),
)
HLA_NAMES = "http://www.ebi.ac.uk/ipd/imgt/hla"  # as the guide's examples name HLA alleles
BY_US = "Epione, from the genome file"
NOT_DECIDED = "Callers disagree on it, and none is chosen."

# Gives the address of a resource of the bundle by its key.
Addresses = Callable[[str], str]
Keyed = tuple[str, Element]


def gene_key(gene: str) -> str:
    return f"gene/{gene}"


def gene_observations(findings: Findings, address: Addresses) -> Iterator[Keyed]:
    """Give an Observation of each gene asked for, and of each haplotype that is sure."""
    for gene, call in findings.calls.items():
        haplotypes = dict(_haplotypes(call, findings, address))
        yield gene_key(gene), _gene(call, haplotypes, findings, address)
        yield from haplotypes.items()
    for gene, why in findings.unread.items():
        absent = coding(ABSENT, "not-performed", "Not Performed")
        yield (
            gene_key(gene),
            observation(
                findings,
                address,
                GENOTYPE,
                dataAbsentReason=concept(absent, text=why),
                component=(component(GENE_STUDIED, gene_studied(gene)),),
            ),
        )


def observation(findings: Findings, address: Addresses, code: Element, **fields: Json) -> Element:
    """Make an Observation of this report's subject."""
    return element(
        resourceType="Observation",
        status="preliminary" if fields.pop("is_open", False) else "final",
        category=CATEGORIES,
        code=concept(code),
        subject=reference(address("patient")),
        issued=findings.issued.isoformat(),
        **fields,
    )


def _gene(
    call: GeneCall, haplotypes: Mapping[str, Element], findings: Findings, address: Addresses
) -> Element:
    genotype = _genotype(call)
    value: dict[str, Json] = (
        {"meta": profile("genotype"), "valueCodeableConcept": concept(text=genotype)}
        if genotype
        else {"dataAbsentReason": _absent(call)}
    )
    return observation(
        findings,
        address,
        GENOTYPE,
        is_open=call.disputed,
        method=concept(text=call.caller or BY_US),
        note=notes(_to_mind(call, findings)),
        derivedFrom=tuple(reference(address(key)) for key in haplotypes),
        component=_components(call, findings),
        **value,
    )


def _components(call: GeneCall, findings: Findings) -> tuple[Element, ...]:
    studied = component(GENE_STUDIED, gene_studied(call.gene))
    built = () if call.caller else _assembly(findings)
    meaning = (conclusion(meaning_of(call)),) if call.lookup_keys else ()
    return studied, *built, *meaning


def _assembly(findings: Findings) -> tuple[Element, ...]:
    code = ASSEMBLIES.get(findings.build)
    return (component(ASSEMBLY, concept(code)),) if code else ()


def _haplotypes(
    call: GeneCall, findings: Findings, address: Addresses
) -> Iterator[tuple[str, Element]]:
    """Give the alleles that a person has for sure: of one diplotype, or found without phase."""
    if call.disputed:
        return
    alleles = call.component_haplotypes
    if len(call.diplotypes) == 1:
        alleles = tuple(map(written, strands_of(call.diplotypes[0])))
    for allele in dict.fromkeys(alleles):
        name = _named(call.gene, allele)
        code = (coding(HLA_NAMES, name, name),) if call.gene.startswith("HLA-") else ()
        yield (
            f"haplotype/{call.gene}/{allele}",
            observation(
                findings,
                address,
                HAPLOTYPE,
                meta=profile("haplotype"),
                valueCodeableConcept=concept(*code, text=name),
                component=(component(GENE_STUDIED, gene_studied(call.gene)),),
            ),
        )


def _genotype(call: GeneCall) -> str:
    """Write what was called; all of it where several are equally good, "" for no genotype.

    Of an HLA gene of which single alleles were tested, those are what was called.
    """
    if call.diplotypes:
        return " or ".join(_named(call.gene, diplotype) for diplotype in call.diplotypes)
    if call.component_haplotypes:
        return f"{_named(call.gene, ' + '.join(call.component_haplotypes))} (phase not known)"
    if call.gene.startswith("HLA-"):
        return ", ".join(_named(call.gene, result) for result in call.lookup_keys)
    return ""


def _named(gene: str, alleles: str) -> str:
    """Write alleles after their gene, as the guide's examples do.

    >>> _named("CYP2C9", "*1/*2"), _named("VKORC1", "rs9923231 reference (C)")
    ('CYP2C9*1/*2', 'VKORC1 rs9923231 reference (C)')
    """
    return f"{gene}{alleles}" if alleles.startswith("*") else f"{gene} {alleles}"


def _absent(call: GeneCall) -> Element:
    """Say why there is no genotype; a phenotype may be there, of one position that decides."""
    code = ("unsupported", "Unsupported") if _is_for_research(call) else ("unknown", "Unknown")
    why = "; ".join(call.warnings) if call.lookup_keys else _why(call)
    return concept(coding(ABSENT, *code), text=why)


def _is_for_research(call: GeneCall) -> bool:
    is_ours = not call.caller and call.gene in gene_names()
    return is_ours and gene_of(call.gene).calling.research_only


def _why(call: GeneCall) -> str:
    return why_not_called(call.gene, {call.gene: call})


def _to_mind(call: GeneCall, findings: Findings) -> Iterator[str]:
    """Give what a reader of a call must know beside it."""
    if len(call.diplotypes) > 1 and not call.disputed:
        yield f"{len(call.diplotypes)} diplotypes explain the genotypes equally well."
    if call.disputed:
        yield NOT_DECIDED
    if call.research_diplotypes:
        found = " or ".join(_named(call.gene, each) for each in call.research_diplotypes)
        yield f"For research use only, and no advice rests on it: {found}."
    if call.missing_positions:
        yield f"Positions not read: {_places(call.gene, call.missing_positions)}."
    yield from call.warnings
    yield from findings.left_open.get(call.gene, ())


def _places(gene: str, positions: Iterable[int]) -> str:
    """Write positions of GRCh38, those of knowledge."""
    return f"{gene_of(gene).chromosome} (GRCh38) {', '.join(map(str, positions))}"
