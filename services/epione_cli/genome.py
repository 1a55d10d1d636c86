"""`epione genome` and `epione drugs`: what a VCF says, without a stream."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from epione.errors import UnreadableCalls, UnreadableGenome
from epione.medicine.genome import Build, Genome
from epione.medicine.pharmacogenomics import (
    PINNED,
    Circumstances,
    DrugAdvice,
    Guidelines,
    NoAdvice,
    gene_of,
    outside_calls,
)
from epione.medicine.pharmacogenomics.tables import DPWG
from epione.medicine.staleness import stale
from epione.timeline import GeneCall, GenomicFeatures, joined
from epione_cli.beside import beside, code_of
from epione_cli.possible import possible_as_json, possible_lines

VCF_ENDINGS = (".vcf", ".vcf.gz", ".vcf.bgz")

External = Annotated[
    Path | None, typer.Option(help="Calls of another caller: of CYP2D6, HLA-A, HLA-B, MT-RNR1 …")
]
Sample = Annotated[str, typer.Option(help="The sample to read, by name")]
Taking = Annotated[
    list[str] | None,
    typer.Option(help="A medicine taken beside, by name or RxNorm code; more than once"),
]
Age = Annotated[int | None, typer.Option(help="Years; for the dose of warfarin")]
Height = Annotated[float | None, typer.Option(help="cm; for the dose of warfarin")]
Weight = Annotated[float | None, typer.Option(help="kg; for the dose of warfarin")]


def genome(
    path: Annotated[
        Path,
        typer.Argument(help="A VCF on GRCh38 or GRCh37, plain, gzip or bgzip; or a folder of them"),
    ],
    sample: Sample = "",
    external: External = None,
    everything: Annotated[bool, typer.Option("--all", help="Every VCF of the folder")] = False,
    all_samples: Annotated[bool, typer.Option(help="Every sample of a file")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line")] = False,
    as_fhir: Annotated[
        bool, typer.Option("--fhir", help="A FHIR R4 Bundle, with what is advised; one a line")
    ] = False,
    as_report: Annotated[
        bool, typer.Option("--report", help="A report for clinicians, with what is advised")
    ] = False,
    taking: Taking = None,
    age: Age = None,
    height: Height = None,
    weight: Weight = None,
) -> None:
    """Call the genes of a genome."""
    advises = as_fhir or as_report
    if sum((as_json or as_jsonl, as_fhir, as_report)) > 1:
        raise typer.BadParameter("one form is asked for at a time", param_hint="--fhir, --report")
    if path.is_dir() and not everything:
        raise typer.BadParameter("a folder is read with --all", param_hint="PATH")
    are_many = everything or all_samples
    if are_many and external:
        raise typer.BadParameter("calls are of one genome, and not of all", param_hint="--external")
    if all_samples and sample:
        raise typer.BadParameter("one sample is asked for, and all", param_hint="--sample")
    circumstances = _circumstances(taking, age, height, weight)
    if circumstances and (are_many or not advises):
        raise typer.BadParameter(
            "it bears on the advice to one person: with --fhir or --report, and not of all",
            param_hint="--taking, --age, --height, --weight",
        )
    files = vcfs_of(path) if everything else [path]
    for file in files:
        for one in columns_of(file) if all_samples else [sample or None]:
            if as_json or as_jsonl:
                print(json.dumps(genome_as_json(file, one, external)), flush=True)
            elif advises:
                from epione_cli.report import print_with_advice

                print_with_advice(
                    file, one, external, circumstances, as_fhir=as_fhir, is_lone=not are_many
                )
            else:
                _print_table(file, one, external)


def drugs(
    path: Annotated[Path, typer.Argument(help="A VCF on GRCh38 or GRCh37, plain, gzip or bgzip")],
    drug: Annotated[
        list[str] | None,
        typer.Option(help="An ingredient's name or an RxNorm code; more than once"),
    ] = None,
    sample: Sample = "",
    external: External = None,
    taking: Taking = None,
    age: Age = None,
    height: Height = None,
    weight: Weight = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Say what guidelines advise on drugs for a genome, or why they say nothing."""
    guidelines = Guidelines()
    circumstances = beside(guidelines, taking or (), age, height, weight)
    features = with_others(read_genome(path, sample or None)[1], external)
    calls = {call.gene: call for call in features.genes}
    asked = [code_of(name) for name in drug] if drug else guidelines.drugs()
    for code in asked:
        for answer in guidelines.answers_for(code, calls, circumstances):
            if drug or not isinstance(answer, NoAdvice):
                print(json.dumps(advice_as_json(answer)) if as_json else "\n".join(_lines(answer)))


def genome_as_json(
    path: Path, sample: str | int | None = None, external: Path | None = None
) -> dict[str, object]:
    """Give one file's object of the acceptance contract: its genes, or the error that it is."""
    try:
        read, own = read_genome(path, sample)
        features = with_others(own, external)
    except (UnreadableGenome, UnreadableCalls) as fault:
        return {"file": path.name, "error": str(fault)}
    possible = {call.gene: possible_as_json(call, read) for call in decided_by_it(own)}
    genes = {c.gene: call_as_json(c) | possible.get(c.gene, {}) for c in features.genes}
    return {"file": path.name, "sample": read.sample, "build": read.build, "genes": genes}


def call_as_json(call: GeneCall) -> dict[str, object]:
    """Give a gene's entry of the acceptance contract."""
    entry: dict[str, object] = {
        "diplotype": call.diplotype,
        "diplotypes": list(call.diplotypes),
        "phenotype": _one_or_all(call.phenotypes),
        "activity_score": _one_or_all(call.activity_scores),
        "missing_positions": list(call.missing_positions),
        "warnings": list(call.warnings),
    }
    if call.component_haplotypes:
        entry["component_haplotypes"] = list(call.component_haplotypes)
    if call.no_call_reason:
        entry["no_call_reason"] = call.no_call_reason
    if call.caller:
        entry["caller"] = call.caller
    if call.disputed:
        entry["disputed"] = True
    if call.research_diplotypes:
        entry["research"] = {"diplotypes": list(call.research_diplotypes)}
    return entry


def advice_as_json(advice: DrugAdvice | NoAdvice) -> dict[str, object]:
    """Give a guideline's object on a drug: what is advised, or the condition that is not met."""
    if isinstance(advice, NoAdvice):
        unmet = advice.unmet
        return {"drug": advice.drug, "source": advice.source, "advice": None, "unmet": unmet}
    return {
        "drug": advice.drug.display,
        "rxnorm": advice.drug.code,
        "source": advice.source,
        "population": advice.population,
        "kind": advice.kind,
        "advice": advice.action,
        "dose": [{"value": dose.value, "unit": dose.unit} for dose in advice.dose],
        "strength": advice.strength,
        "genes": list(advice.genes),
        "reasons": _reasons(advice),
        "would_change_if": list(advice.would_change_if),
        "old": stale(advice.guideline, datetime.now(UTC)),
        "sources": [f"{e.source} {e.release}, {e.reference}" for e in advice.evidence],
    }


def _circumstances(
    taking: list[str] | None, age: int | None, height: float | None, weight: float | None
) -> Circumstances | None:
    if not taking and age is None and height is None and weight is None:
        return None
    return beside(Guidelines(), taking or (), age, height, weight)


def vcfs_of(folder: Path) -> list[Path]:
    """Give the VCFs of a folder, by name."""
    return sorted(file for file in folder.iterdir() if file.name.endswith(VCF_ENDINGS))


def columns_of(path: Path) -> Iterable[int | None]:
    """Give each sample's column; None where the file cannot say, and is refused when it is read."""
    from epione_genomics.features import n_samples_in

    try:
        return range(n_samples_in(path))
    except (OSError, UnreadableGenome):
        return [None]


def read_genome(
    path: Path, sample: str | int | None, release: Path = PINNED
) -> tuple[Genome, GenomicFeatures]:
    """Give what a file says of a sample, by name or column, and what a release calls its genes.

    Raises:
        UnreadableGenome: The file cannot be opened, or see `read_vcf`.
    """
    from epione_genomics.features import features_of, genome_in

    try:
        read = genome_in(path, sample, release)
    except OSError as fault:
        raise UnreadableGenome(f"the file cannot be opened: {fault.strerror}") from fault
    return read, features_of(read, sample_sha256="", release=release)


def with_others(own: GenomicFeatures, external: Path | None) -> GenomicFeatures:
    """Join what another caller's file says to what the genome says."""
    genes = {call.gene: call for call in own.genes}
    for call in _called_by_others(external) if external else ():
        genes[call.gene] = joined(genes[call.gene], call) if call.gene in genes else call
    return replace(own, genes=tuple(genes[gene] for gene in sorted(genes)))


def decided_by_it(own: GenomicFeatures) -> Iterator[GeneCall]:
    """Give the genome's own calls of genes that small variants decide."""
    return (call for call in own.genes if not gene_of(call.gene).calling.research_only)


def _called_by_others(path: Path) -> tuple[GeneCall, ...]:
    try:
        return outside_calls(path.read_text(encoding="utf-8"))
    except OSError as fault:
        reason = f"the file of calls cannot be opened: {fault.strerror}"
        raise UnreadableCalls(reason) from fault
    except UnicodeDecodeError as fault:
        raise UnreadableCalls("the file of calls is not in UTF-8") from fault


def _reasons(advice: DrugAdvice) -> list[str]:
    return [*advice.reasons, *(reason.text for reason in advice.beside)]


def _one_or_all(values: tuple[object, ...]) -> object:
    """Give a lone value itself, none as null, and several as a list."""
    return list(values) if len(values) > 1 else next(iter(values), None)


def _print_table(path: Path, sample: str | int | None, external: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    try:
        read, own = read_genome(path, sample)
        features = with_others(own, external)
    except (UnreadableGenome, UnreadableCalls) as fault:
        print(f"{path.name}: {fault}", file=sys.stderr)
        raise typer.Exit(1) from fault
    places = "" if read.build is Build.GRCH38 else f"; positions below are {Build.GRCH38}'s"
    title = f"{read.sample} · {read.build}{places} · knowledge {features.knowledge_release}"
    table = Table(title=title, show_lines=True)
    for heading in ("Gene", "Called", "Means", "To mind"):
        table.add_column(heading)
    possible = {call.gene: possible_lines(call, read) for call in decided_by_it(own)}
    for call in features.genes:
        called, means, minded = _cells(call)
        lines = [*minded, *possible.get(call.gene, ())]
        table.add_row(call.gene, called, means, "\n".join(lines))
    Console(markup=False).print(table)  # "[a + b]" is two alleles on a strand


def _cells(call: GeneCall) -> tuple[str, str, list[str]]:
    called = "\n".join(call.diplotypes) or " + ".join(call.component_haplotypes) or "no call"
    called += f" ({call.caller})" if call.caller else ""
    means = " or ".join(phenotype or "none assigned" for phenotype in call.phenotypes)
    scores = "".join(f", score {score:g}" for score in call.activity_scores)
    minded = [call.no_call_reason] if call.no_call_reason else []
    if call.missing_positions:
        minded.append(f"positions not in the file: {len(call.missing_positions)}")
    if call.research_diplotypes:
        minded.append(f"for research use only: {' or '.join(call.research_diplotypes)}")
    return called, means + scores, [*minded, *call.warnings]


def _lines(advice: DrugAdvice | NoAdvice) -> Iterator[str]:
    if isinstance(advice, NoAdvice):
        by = f" by {advice.source}" if advice.source else ""
        yield f"{advice.drug}: no advice{by}; {advice.unmet}"
        return
    by = advice.heading if advice.source == DPWG else f"{advice.source}, {advice.population}"
    yield f"{advice.drug.display} ({by}; {advice.strength}): {advice.action}"
    yield from (f"    because {reason}" for reason in _reasons(advice))
    yield from (f"    would change if {change}" for change in advice.would_change_if)
    if old := stale(advice.guideline, datetime.now(UTC)):
        yield f"    for information: {old}"
    yield f"    {'; '.join(f'{e.source} {e.release}, {e.reference}' for e in advice.evidence)}"
