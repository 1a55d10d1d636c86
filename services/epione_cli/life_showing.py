"""Risks of lives as JSON and as a table, for `epione risk life`."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.table import Table

from epione_cli.life_answers import Answered, CodeRisk, Wanted
from epione_cli.life_lines import Refused
from epione_inference.lives import YEAR_DAYS

MOST_REASONS = 5  # events that moved a risk


def as_fields(answer: Answered | Refused, wanted: Wanted, version: str) -> dict[str, object]:
    """Give an answer as a JSON object."""
    if isinstance(answer, Refused):
        return {"error": answer.error}
    of = {
        "now_age": round(answer.asked.life.now_days / YEAR_DAYS, 3),
        "not_understood": answer.asked.not_understood,
        "warnings": answer.warnings,
        "versions": {"life": version},
    }
    if answer.abstained:
        return {"abstained": answer.abstained, **of}
    return {"risks": [_fields(each, wanted) for each in answer.risks], **of}


def _fields(risk: CodeRisk, wanted: Wanted) -> dict[str, object]:
    if risk.abstained:
        return {"code": risk.code, "abstained": risk.abstained}
    years = [f"{each:g}" for each in wanted.within_years]
    fields: dict[str, object] = {
        "code": risk.code,
        "within_years": dict(zip(years, risk.risks, strict=True)),
        "log_rate_a_day": risk.parts,
    }
    if risk.futures:
        fields["by_futures"] = {
            year: {"risk": chance, "error": error}
            for year, (chance, error) in zip(years, risk.futures, strict=True)
        }
    if risk.reasons is not None:
        fields["moved_by"] = [asdict(each) for each in risk.reasons.events[:MOST_REASONS]]
        fields["genome"] = asdict(risk.reasons.genome) if risk.reasons.genome else None
    return fields


def table_of(answers: Sequence[Answered | Refused], wanted: Wanted) -> Table:
    """Lay answers out, a row a code."""
    years = [f"{each:g} years" for each in wanted.within_years]
    table = Table("line", "code", *years, "moved most by")
    for number, answer in enumerate(answers, 1):
        for row in _rows_of(answer, len(years)):
            table.add_row(str(number), *row)
    return table


def _rows_of(answer: Answered | Refused, n_years: int) -> Iterator[list[str]]:
    none = [""] * n_years
    if isinstance(answer, Refused) or answer.abstained:
        said = answer.error if isinstance(answer, Refused) else answer.abstained
        yield ["", *none, said]
        return
    for risk in answer.risks:
        if risk.abstained:
            yield [risk.code, *none, risk.abstained]
            continue
        moved = risk.reasons.events[:2] if risk.reasons else ()
        said = "; ".join(f"{each.code} ({math.exp(each.log_rate):.2f}x)" for each in moved)
        shown = [_shown(risk, n) for n in range(n_years)]
        yield [risk.code, *shown, said]
    for what in ("not understood: ", ""):
        texts = answer.asked.not_understood if what else answer.warnings
        for text in texts:
            yield ["", *none, what + text]


def _shown(risk: CodeRisk, n: int) -> str:
    by_futures = f" ({risk.futures[n][0]:.1%} ±{risk.futures[n][1]:.1%})" if risk.futures else ""
    return f"{risk.risks[n]:.1%}{by_futures}"
