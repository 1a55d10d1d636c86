"""`epione genome --fhir` and `--report`: a genome with what is advised on it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer

from epione.errors import UnreadableCalls, UnreadableGenome
from epione.medicine.pharmacogenomics import Circumstances, Guidelines
from epione.reporting import Findings, bundle_of, findings_of, text_of
from epione_cli.genome import decided_by_it, read_genome, with_others
from epione_cli.possible import possible_lines


def print_with_advice(
    path: Path,
    sample: str | int | None,
    external: Path | None,
    circumstances: Circumstances | None,
    *,
    as_fhir: bool,
    is_lone: bool,
) -> None:
    """Print a Bundle in a line, or a report as text.

    Among several, a file that cannot be read has an OperationOutcome, or its reason, in its place.
    """
    try:
        findings, name = _findings(path, sample, external, circumstances)
    except (UnreadableGenome, UnreadableCalls) as fault:
        if is_lone:
            print(f"{path.name}: {fault}", file=sys.stderr)
            raise typer.Exit(1) from fault
        said = json.dumps(_outcome(fault)) if as_fhir else f"{path.name}: {fault}\n"
    else:
        said = json.dumps(bundle_of(findings)) if as_fhir else text_of(findings, name)
    print(said, flush=True)


def _outcome(fault: Exception) -> dict[str, object]:
    issue = {"severity": "error", "code": "processing", "diagnostics": str(fault)}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _findings(
    path: Path, sample: str | int | None, external: Path | None, circumstances: Circumstances | None
) -> tuple[Findings, str]:
    """Give what a genome's report says, and the sample's name."""
    read, own = read_genome(path, sample)
    left_open = {call.gene: tuple(possible_lines(call, read)) for call in decided_by_it(own)}
    features = with_others(own, external)
    findings = findings_of(features, Guidelines(), datetime.now(UTC), circumstances, left_open)
    return findings, read.sample
