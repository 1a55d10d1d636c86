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


def print_bundle(
    path: Path,
    sample: str | int | None,
    external: Path | None,
    circumstances: Circumstances | None,
    *,
    is_lone: bool,
) -> None:
    """Print a Bundle in a line; among several, an OperationOutcome where a file cannot be read."""
    try:
        findings, _ = _findings(path, sample, external, circumstances)
    except (UnreadableGenome, UnreadableCalls) as fault:
        if is_lone:
            _refuse(path, fault)
        issue = {"severity": "error", "code": "processing", "diagnostics": str(fault)}
        print(json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}), flush=True)
        return
    print(json.dumps(bundle_of(findings)), flush=True)


def print_report(
    path: Path,
    sample: str | int | None,
    external: Path | None,
    circumstances: Circumstances | None,
    *,
    is_lone: bool,
) -> None:
    """Print a report as text; among several, why there is none where a file cannot be read."""
    try:
        findings, name = _findings(path, sample, external, circumstances)
    except (UnreadableGenome, UnreadableCalls) as fault:
        if is_lone:
            _refuse(path, fault)
        print(f"{path.name}: {fault}\n", flush=True)
        return
    print(text_of(findings, name), flush=True)


def _findings(
    path: Path, sample: str | int | None, external: Path | None, circumstances: Circumstances | None
) -> tuple[Findings, str]:
    """Give what a genome's report says, and the sample's name."""
    read, own = read_genome(path, sample)
    left_open = {call.gene: tuple(possible_lines(call, read)) for call in decided_by_it(own)}
    features = with_others(own, external)
    findings = findings_of(features, Guidelines(), datetime.now(UTC), circumstances, left_open)
    return findings, read.sample


def _refuse(path: Path, fault: Exception) -> None:
    print(f"{path.name}: {fault}", file=sys.stderr)
    raise typer.Exit(1) from fault
