"""Risks of lives as JSON and as a table, for `epione risk life`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from rich.table import Table

from epione.medicine.life import HORIZONS_YEARS, LifeRisk
from epione.timeline.told import YEAR_DAYS
from epione_cli.life_answers import Answered, Chance
from epione_cli.life_lines import Refused

YEARS = tuple(map(str, HORIZONS_YEARS))
SHOWN_MOVERS = 2  # in a table


def as_fields(answered: Answered | Refused, version: str) -> dict[str, object]:
    """Give an answer as a JSON object."""
    if isinstance(answered, Refused):
        return {"error": answered.error}
    answer = answered.answer
    of = {
        "now_age": round(answered.asked.now_days / YEAR_DAYS, 3),
        "not_understood": answer.not_understood,
        "warnings": answered.warnings,
        "planted": answered.is_planted,
        "versions": {"life": version},
    }
    if answer.refused:
        return {"abstained": answer.refused, **of}
    risks = [_fields(each, answered.futures) for each in answer.risks]
    return {"risks": risks, "silent": dict(answer.silent), **of}


def _fields(risk: LifeRisk, futures: Mapping[str, tuple[Chance, ...]]) -> dict[str, object]:
    fields: dict[str, object] = {
        "outcome": risk.outcome,
        "codes": risk.codes,
        "within_years": dict(zip(YEARS, risk.risks, strict=True)),
        "interval": dict(zip(YEARS, risk.intervals, strict=True)),
        "parts": dict(risk.parts),
        "genome_times": risk.genome_times,
        "moved_by": [asdict(each) for each in risk.moved_by],
    }
    if risk.outcome in futures:
        fields["by_futures"] = {
            year: {"risk": chance, "error": error}
            for year, (chance, error) in zip(YEARS, futures[risk.outcome], strict=True)
        }
    return fields


def table_of(answers: Sequence[Answered | Refused]) -> Table:
    """Lay answers out, a row an outcome: each risk with its interval, and what moved it."""
    years = [f"{each} year{'s' * (each != '1')}" for each in YEARS]
    table = Table("line", "outcome", *years, "moved most by")
    for number, answer in enumerate(answers, 1):
        for row in _rows_of(answer):
            table.add_row(str(number), *row)
    return table


def _rows_of(answered: Answered | Refused) -> Iterator[list[str]]:
    none = [""] * len(YEARS)
    if isinstance(answered, Refused) or answered.answer.refused:
        said = answered.error if isinstance(answered, Refused) else answered.answer.refused
        yield ["", *none, said]
        return
    answer = answered.answer
    for risk in answer.risks:
        moved = risk.moved_by[:SHOWN_MOVERS]
        said = "; ".join(f"{each.name} ({each.times:.2f}x)" for each in moved)
        futures = answered.futures.get(risk.outcome, ())
        yield [risk.outcome, *(_shown(risk, n, futures) for n in range(len(YEARS))), said]
    for outcome, why in answer.silent.items():
        yield [outcome, *none, why]
    for said in (
        *(f"not understood: {each}" for each in answer.not_understood),
        *answered.warnings,
    ):
        yield ["", *none, said]


def _shown(risk: LifeRisk, n: int, futures: tuple[Chance, ...]) -> str:
    low, high = risk.intervals[n]
    drawn = f"; futures {futures[n][0]:.1%} ±{futures[n][1]:.1%}" if futures else ""
    return f"{risk.risks[n]:.1%} ({low:.1%} to {high:.1%}{drawn})"
