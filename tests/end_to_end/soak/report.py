"""What a soak found: as a table for a reader, and as JSON."""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.end_to_end.soak.campaign import Befallen, Course
from tests.end_to_end.soak.findings import Again, Findings
from tests.end_to_end.soak.ledger import Ledger


def report_of(
    ledger: Ledger, course: Course, found: Findings, exits: Mapping[str, int], seed: int
) -> dict[str, object]:
    """Give everything that is to be known of a soak."""
    lasted_s = course.ended_at - course.began_at
    n_rows = len(ledger.rows)
    return {
        "seed": seed,
        "messages": ledger.n_sent,
        "of them sent again": ledger.n_sent - n_rows,
        "faults": len(course.faults),
        "seconds": round(lasted_s, 1),
        "messages_a_second": round(ledger.n_sent / lasted_s, 1),
        "messages_a_second_without_fault": round(course.quiet_a_second, 1),
        **{str(kind): n for kind, n in found.totals.items()},
        "wrong": {count: dict(each) for count, each in found.wrong.items()},
        "examples": found.examples,
        "checked": dict(found.checked),
        "answered_s_without_fault": _spread(course.quiet_s),
        "by_fault": _by_fault(course.faults, found, course.ended_at),
        "exits_by_status": dict(exits),
    }


def _by_fault(
    faults: Sequence[Befallen], found: Findings, ended_at: float
) -> Mapping[str, Mapping[str, object]]:
    repeated = _repeated_after(faults, found, ended_at)
    kinds: dict[str, dict[str, object]] = {}
    for name in sorted({fault.kind for fault in faults}):
        of_kind = [n for n, fault in enumerate(faults) if fault.kind == name]
        waited = [s for n in of_kind if (s := faults[n].recovered_s) is not None]
        kinds[name] = {
            "n": len(of_kind),
            "recovered_s": _spread(waited),
            "repeated": {
                what: _spread([repeated[n][what] for n in of_kind])
                for what in (Again.ENTRIES, Again.PLANS, Again.RECOMMENDATIONS)
            },
        }
    return kinds


def _repeated_after(
    faults: Sequence[Befallen], found: Findings, ended_at: float
) -> Mapping[int, Counter[Again]]:
    """Count what came again after each fault and before the next."""
    starts = [fault.at * 1000 for fault in faults]
    counted: dict[int, Counter[Again]] = defaultdict(Counter)
    for at_ms, what in found.repeated:
        n = sum(start <= at_ms for start in starts) - 1
        counted[n][what] += 1
    return counted


def _spread(values: Sequence[float]) -> Mapping[str, float] | None:
    if not values:
        return None
    return {"median": round(statistics.median(values), 1), "worst": round(max(values), 1)}


def table(report: Mapping[str, object]) -> str:
    """Write the report in Markdown."""
    checked = report["checked"]
    assert isinstance(checked, Mapping)
    lines = [
        f"{report['messages']:,} messages ({report['of them sent again']:,} of them sent again), "
        f"{report['faults']} faults, seed {report['seed']}, {report['seconds']:,} s: "
        f"{report['messages_a_second']:,}/s; without a fault "
        f"{report['messages_a_second_without_fault']:,}/s",
        "",
        f"**lost {report['lost']}, double {report['double']}, "
        f"out of order {report['out of order']}** "
        f"({', '.join(f'{n:,} {what}' for what, n in checked.items())} were checked)",
        "",
        f"answered without a fault: {_shown(report['answered_s_without_fault'])} s",
        "",
        "| fault | times | s to recover | entries again | plans again | recommendations again |",
        "|---|---|---|---|---|---|",
    ]
    kinds = report["by_fault"]
    assert isinstance(kinds, Mapping)
    for name, each in kinds.items():
        again = " | ".join(_shown(spread) for spread in each["repeated"].values())
        lines.append(f"| {name} | {each['n']} | {_shown(each['recovered_s'])} | {again} |")
    lines += ["", "median (worst); processes ended with " + json.dumps(report["exits_by_status"])]
    examples = report["examples"]
    assert isinstance(examples, list)
    return "\n".join([*lines, *examples])


def _shown(spread: object) -> str:
    if not isinstance(spread, Mapping):
        return "–"
    return f"{spread['median']:g} ({spread['worst']:g})"


def written(report: Mapping[str, object], folder: Path) -> None:
    (folder / "soak.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    (folder / "soak.md").write_text(table(report) + "\n")
