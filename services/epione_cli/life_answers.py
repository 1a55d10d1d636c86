"""Histories to risks, for `epione risk life`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epione_cli.life_lines import Asked, Refused
from epione_inference.lives import (
    YEAR_DAYS,
    Futures,
    Life,
    LifeModel,
    Read,
    Reasons,
    futures_of,
    reasons_for,
    refusal_of,
    refusal_of_code,
    risks_within,
)

UNKNOWN_COHORT = "of which ages and codes the model's cohort told enough is not known"
SHOWN = 10  # codes, where none is named
PARTS = ("log_rates", "age_sex", "lift", "transformer")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of every life."""

    within_years: tuple[float, ...]  # ascending
    codes: tuple[int, ...] = ()  # those of the highest risk, where none is named
    futures: int = 0
    seed: int = 0
    why: bool = True


@dataclass(frozen=True, slots=True)
class CodeRisk:
    """The risk of one code by the rates that hold now, and by futures where they were drawn.

    `futures` are pairs of risk and Monte-Carlo error. Where the model does not speak of the code,
    `abstained` says why, and there is nothing else.
    """

    code: str
    abstained: str = ""
    risks: tuple[float, ...] = ()
    futures: tuple[tuple[float, float], ...] = ()
    parts: dict[str, float] | None = None
    reasons: Reasons | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The risks of one life, or why the model does not speak of it."""

    asked: Asked
    warnings: tuple[str, ...]
    abstained: str
    risks: tuple[CodeRisk, ...] = ()


def answers_of(
    model: LifeModel, lines: Sequence[Asked | Refused], wanted: Wanted
) -> list[Answered | Refused]:
    """Answer every line in order; the rates of all that can be answered come of joined runs."""
    asked = [line for line in lines if isinstance(line, Asked)]
    read = model.read([each.life for each in asked])
    rows = iter(range(len(asked)))
    return [
        _answered(model, line, read, next(rows), number, wanted)
        if isinstance(line, Asked)
        else line
        for number, line in enumerate(lines)
    ]


def _answered(
    model: LifeModel, asked: Asked, read: Read, row: int, number: int, wanted: Wanted
) -> Answered:
    warnings = asked.warnings if model.support else (*asked.warnings, UNKNOWN_COHORT)
    if refusal := refusal_of(asked.life, model.vocabulary, model.support):
        return Answered(asked, warnings, refusal)
    by_horizon = np.stack(
        [
            risks_within(years * YEAR_DAYS, read.log_rates[row], model.death)
            for years in wanted.within_years
        ]
    )  # (horizons, n_tokens)
    codes = wanted.codes or _highest(by_horizon[-1])
    silent = {code: why for code in codes if (why := _why_not(model, by_horizon, code))}
    spoken = [code for code in codes if code not in silent]
    last_days = wanted.within_years[-1] * YEAR_DAYS
    reasons = reasons_for(model, asked.life, spoken, last_days) if wanted.why else []
    chances = _chances(model, asked.life, number, wanted)

    def told(code: int) -> CodeRisk:
        name = model.vocabulary.names[code]
        if code in silent:
            return CodeRisk(name, silent[code])
        return CodeRisk(
            name,
            "",
            tuple(by_horizon[:, code].tolist()),
            tuple((float(risk[code]), float(error[code])) for risk, error in chances),
            {part: float(getattr(read, part)[row, code]) for part in PARTS},
            reasons[spoken.index(code)] if reasons else None,
        )

    return Answered(asked, warnings, "", tuple(told(code) for code in codes))


def _highest(risks: np.ndarray) -> tuple[int, ...]:
    """Give the codes of the highest risk, of those that may happen at all."""
    order = np.argsort(-risks, kind="stable")[:SHOWN]
    return tuple(order[risks[order] > 0].tolist())


def _why_not(model: LifeModel, by_horizon: np.ndarray, code: int) -> str:
    if not by_horizon[:, code].any():
        return "it was had, and happens once"
    return refusal_of_code(model.vocabulary.names[code], model.support)


def _chances(
    model: LifeModel, life: Life, number: int, wanted: Wanted
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Count in futures by each horizon; chance goes by the seed and the line's number alone."""
    if not wanted.futures:
        return []
    futures = drawn(model, life, wanted, np.random.default_rng([wanted.seed, number]))
    return [
        futures.chances(life.now_days + years * YEAR_DAYS, model.form.n_tokens)
        for years in wanted.within_years
    ]


def drawn(model: LifeModel, life: Life, wanted: Wanted, chance: np.random.Generator) -> Futures:
    """Draw the futures of a life until the last horizon."""
    left = model.left_by(life)
    return futures_of(
        wanted.futures,
        left.log_rates,
        lambda n: model.cascade(left, n).step,
        life.now_days,
        life.now_days + wanted.within_years[-1] * YEAR_DAYS,
        model.predicted,
        model.death,
        chance,
    )
