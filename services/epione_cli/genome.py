"""`epione genome` and `epione drugs`: what a VCF says, without a stream."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from epione.errors import UnreadableCalls, UnreadableGenome
from epione.medicine.pharmacogenomics import Cpic, DrugAdvice, NoAdvice, outside_calls
from epione.timeline import Code, GeneCall, GenomicFeatures, joined

VCF_ENDINGS = (".vcf", ".vcf.gz", ".vcf.bgz")

External = Annotated[
    Path | None, typer.Option(help="Calls of another caller: of CYP2D6, HLA-A, HLA-B, MT-RNR1 …")
]
Sample = Annotated[str, typer.Option(help="The sample to read, by name")]


def genome(
    path: Annotated[Path, typer.Argument(help="A VCF, plain, gzip or bgzip; or a folder of them")],
    sample: Sample = "",
    external: External = None,
    everything: Annotated[bool, typer.Option("--all", help="Every VCF of the folder")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line")] = False,
) -> None:
    """Call the genes of a genome."""
    if path.is_dir() and not everything:
        raise typer.BadParameter("a folder is read with --all", param_hint="PATH")
    if everything and external:
        raise typer.BadParameter("calls are of one genome, and not of all", param_hint="--external")
    files = (
        sorted(f for f in path.iterdir() if f.name.endswith(VCF_ENDINGS)) if everything else [path]
    )
    for file in files:
        if as_json or as_jsonl:
            print(json.dumps(genome_as_json(file, sample, external)), flush=True)
        else:
            _print_table(file, sample, external)


def drugs(
    path: Annotated[Path, typer.Argument(help="A VCF, plain, gzip or bgzip")],
    drug: Annotated[
        list[str] | None,
        typer.Option(help="An ingredient's name or an RxNorm code; more than once"),
    ] = None,
    sample: Sample = "",
    external: External = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Say what guidelines advise on drugs for a genome, or why they say nothing."""
    cpic = Cpic()
    calls = {call.gene: call for call in _read(path, sample, external)[1].genes}
    asked = [_code(name) for name in drug] if drug else cpic.drugs()
    for code in asked:
        found = cpic.advice_for(code, calls)
        if isinstance(found, NoAdvice) and not drug:
            continue
        for advice in (found,) if isinstance(found, NoAdvice) else found:
            print(json.dumps(advice_as_json(advice)) if as_json else "\n".join(_lines(advice)))


def genome_as_json(path: Path, sample: str = "", external: Path | None = None) -> dict[str, object]:
    """Give one file's object of the acceptance contract: its genes, or the error that it is."""
    try:
        name, features = _read(path, sample, external)
    except (UnreadableGenome, UnreadableCalls) as fault:
        return {"file": path.name, "error": str(fault)}
    genes = {call.gene: call_as_json(call) for call in features.genes}
    return {"file": path.name, "sample": name, "genes": genes}


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
    """Give one drug's object: what is advised, or the first condition that is not met."""
    if isinstance(advice, NoAdvice):
        return {"drug": advice.drug, "advice": None, "unmet": advice.unmet}
    return {
        "drug": advice.drug.display,
        "rxnorm": advice.drug.code,
        "source": advice.source,
        "population": advice.population,
        "kind": advice.kind,
        "advice": advice.action,
        "strength": advice.strength,
        "genes": list(advice.genes),
        "reasons": list(advice.reasons),
        "would_change_if": list(advice.would_change_if),
        "sources": [f"{e.source} {e.release}, {e.reference}" for e in advice.evidence],
    }


def _vcfs_of(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.name.endswith(VCF_ENDINGS))


def _read(path: Path, sample: str, external: Path | None) -> tuple[str, GenomicFeatures]:
    """Give the sample's name, and what its genome and another caller's file say."""
    from epione_genomics.features import features_of, genome_of
    from epione_genomics.lines import lines_of

    try:
        with path.open("rb") as file:
            read = genome_of(lines_of(file), sample or None)
    except OSError as fault:
        raise UnreadableGenome(f"the file cannot be opened: {fault.strerror}") from fault
    features = features_of(read, sample_sha256="")
    genes = {call.gene: call for call in features.genes}
    for call in _called_by_others(external) if external else ():
        genes[call.gene] = joined(genes[call.gene], call) if call.gene in genes else call
    return read.sample, replace(features, genes=tuple(genes[gene] for gene in sorted(genes)))


def _called_by_others(path: Path) -> tuple[GeneCall, ...]:
    try:
        return outside_calls(path.read_text(encoding="utf-8"))
    except OSError as fault:
        reason = f"the file of calls cannot be opened: {fault.strerror}"
        raise UnreadableCalls(reason) from fault
    except UnicodeDecodeError as fault:
        raise UnreadableCalls("the file of calls is not in UTF-8") from fault


def _code(name: str) -> Code:
    from epione.timeline import RXNORM

    return Code(RXNORM, name if name.isdigit() else "", "" if name.isdigit() else name)


def _one_or_all(values: tuple[object, ...]) -> object:
    """Give a lone value itself, none as null, and several as a list."""
    return list(values) if len(values) > 1 else next(iter(values), None)


def _print_table(path: Path, sample: str, external: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    try:
        name, features = _read(path, sample, external)
    except (UnreadableGenome, UnreadableCalls) as fault:
        print(f"{path.name}: {fault}", file=sys.stderr)
        raise typer.Exit(1) from fault
    table = Table(title=f"{name} · {features.build} · knowledge {features.knowledge_release}")
    for heading in ("Gene", "Called", "Means", "To mind"):
        table.add_column(heading)
    for call in features.genes:
        table.add_row(call.gene, *_cells(call))
    Console().print(table)


def _cells(call: GeneCall) -> tuple[str, str, str]:
    called = "\n".join(call.diplotypes) or " + ".join(call.component_haplotypes) or "no call"
    called += f" ({call.caller})" if call.caller else ""
    means = " or ".join(phenotype or "none assigned" for phenotype in call.phenotypes)
    scores = "".join(f", score {score:g}" for score in call.activity_scores)
    minded = [call.no_call_reason] if call.no_call_reason else []
    if call.missing_positions:
        minded.append(f"positions not in the file: {len(call.missing_positions)}")
    if call.research_diplotypes:
        minded.append(f"for research use only: {' or '.join(call.research_diplotypes)}")
    return called, means + scores, "\n".join([*minded, *call.warnings])


def _lines(advice: DrugAdvice | NoAdvice) -> Iterator[str]:
    if isinstance(advice, NoAdvice):
        yield f"{advice.drug}: no advice; {advice.unmet}"
        return
    yield f"{advice.drug.display} ({advice.population}; {advice.strength}): {advice.action}"
    yield from (f"    because {reason}" for reason in advice.reasons)
    yield from (f"    would change if {change}" for change in advice.would_change_if)
    yield f"    {'; '.join(f'{e.source} {e.release}, {e.reference}' for e in advice.evidence)}"
