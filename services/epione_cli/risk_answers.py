"""Lines of inputs to lines of risks, for `epione risk prevent`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from epione.medicine.risk import (
    COLUMNS,
    OUTCOMES,
    RANGES,
    PreventInputs,
    PreventRisks,
    refusal_of,
)
from epione_inference.prevent import PreventModel


@dataclass(frozen=True, slots=True)
class Asked:
    """One line that can be answered; `unread` are names that no equation asks for."""

    inputs: PreventInputs
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that cannot, and why."""

    error: str


@dataclass(frozen=True, slots=True)
class Answered:
    risks: PreventRisks
    warnings: tuple[str, ...]


def asked_in(line: bytes) -> Asked | Refused:
    """Read a line, or say why it cannot be answered."""
    try:
        fields = json.loads(line)
    except ValueError:
        return Refused("the line is not JSON")
    if not isinstance(fields, dict):
        return Refused("the line is not a JSON object")
    known = {name: fields[name] for name in COLUMNS if name in fields}
    if misread := [fault for name, value in known.items() if (fault := _misread(name, value))]:
        return Refused("; ".join(misread))
    inputs = PreventInputs(**known)
    if refusal := refusal_of(inputs):
        return Refused("; ".join(refusal.problems.values()))
    return Asked(inputs, tuple(name for name in fields if name not in COLUMNS))


def _misread(name: str, value: object) -> str:
    """Say where a value is of another type than its field."""
    if value is None:
        return ""
    if name == "sex":
        return "" if isinstance(value, str) else "sex is not a text"
    if name in RANGES:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if is_number else f"{name} is not a number"
    return "" if isinstance(value, bool) else f"{name} is neither true nor false"


def answers_of(model: PreventModel, lines: Sequence[Asked | Refused]) -> list[Answered | Refused]:
    """Answer every line in order, all of them in one run of the model."""
    risks = iter(model.answer([line.inputs for line in lines if isinstance(line, Asked)]))
    return [_answered(line, next(risks)) if isinstance(line, Asked) else line for line in lines]


def _answered(asked: Asked, risks: PreventRisks) -> Answered:
    return Answered(risks, (*risks.warnings, *(f"not read: {name}" for name in asked.unread)))


def as_fields(answer: Answered | Refused, versions: Mapping[str, str]) -> dict[str, object]:
    """Give an answer as the acceptance contract has it."""
    if isinstance(answer, Refused):
        return {"error": answer.error}
    return {
        "model": answer.risks.model,
        "y10": answer.risks.y10,
        "y30": answer.risks.y30,
        "warnings": answer.warnings,
        "versions": versions,
    }


def table_of(answers: Sequence[Answered | Refused]) -> Table:
    """Lay answers out, two rows a line of input."""
    table = Table("line", "model", "years", *(name.replace("_", " ") for name in OUTCOMES), "note")
    for number, answer in enumerate(answers, start=1):
        for row in _rows_of(answer):
            table.add_row(str(number), *row)
    return table


def _rows_of(answer: Answered | Refused) -> Iterator[list[str]]:
    if isinstance(answer, Refused):
        yield ["", "", *("" for _ in OUTCOMES), answer.error]
        return
    for years, risks in (("10", answer.risks.y10), ("30", answer.risks.y30)):
        note = "; ".join(answer.warnings) if years == "30" else ""
        yield [answer.risks.model, years, *(f"{risks[each]:.1%}" for each in OUTCOMES), note]
