"""`epione genome` and `epione drugs`: what a VCF says, without a stream."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from epione.errors import UnreadableGenome
from epione.timeline import GeneCall
from epione_genomics.features import features_of, genome_of
from epione_genomics.lines import lines_of

VCF_ENDINGS = (".vcf", ".vcf.gz", ".vcf.bgz")

app = typer.Typer(add_completion=False)


@app.command()
def genome(
    path: Annotated[Path, typer.Argument(help="A VCF, plain, gzip or bgzip; or a folder of them")],
    sample: Annotated[str, typer.Option(help="The sample to read, by name")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every VCF of the folder")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line")] = False,
) -> None:
    """Call the genes of a genome."""
    if everything:
        for file in sorted(p for p in path.iterdir() if p.name.endswith(VCF_ENDINGS)):
            print(json.dumps(_answer(file, sample)))
        return
    answer = _answer(path, sample)
    if as_json or as_jsonl:
        print(json.dumps(answer))
    else:
        print("\n".join(_table(answer)))
    if "error" in answer:
        sys.exit(1)


def _answer(path: Path, sample: str) -> dict[str, object]:
    """Give one file's line: its genes, or the error that it is."""
    try:
        with path.open("rb") as file:
            read = genome_of(lines_of(file), sample or None)
    except UnreadableGenome as fault:
        return {"file": path.name, "error": str(fault)}
    calls = features_of(read, "").genes
    return {
        "file": path.name,
        "sample": read.sample,
        "genes": {call.gene: call_as_json(call) for call in calls},
    }


def call_as_json(call: GeneCall) -> dict[str, object]:
    """Give a gene's entry of the acceptance contract."""
    answer: dict[str, object] = {
        "diplotype": call.diplotype,
        "diplotypes": list(call.diplotypes),
        "phenotype": _one_or_all(call.phenotypes),
        "activity_score": _one_or_all(call.activity_scores),
        "missing_positions": list(call.missing_positions),
        "warnings": list(call.warnings),
    }
    if call.component_haplotypes:
        answer["component_haplotypes"] = list(call.component_haplotypes)
    if call.no_call_reason:
        answer["no_call_reason"] = call.no_call_reason
    return answer


def _one_or_all(values: tuple[object, ...]) -> object:
    """Give a lone value itself, none as null, and several as a list."""
    return list(values) if len(values) > 1 else next(iter(values), None)


def _table(answer: Mapping[str, object]) -> Iterator[str]:
    if "error" in answer:
        yield f"{answer['file']}: {answer['error']}"
        return
    yield str(answer)


if __name__ == "__main__":
    app()
