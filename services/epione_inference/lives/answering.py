"""From records to calibrated risks with their parts and reasons, or to why there are none.

All lives are read in joined runs; those with a genome once more without it; then those of which
something is told, once without each of what they say. In eight bits an answer depends a little on
who is asked about together with whom.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from epione.medicine.life import HAD, OUTCOMES, LifeAnswer, LifeQuestion, LifeRisk
from epione.timeline.calibration import (
    FEWEST_EVENTS,
    HORIZONS_YEARS,
    Standing,
    band_of,
    foreseen,
    risks_with_intervals,
)
from epione.timeline.risk_within import NO_RATE, Floats, rates_of, risk_within
from epione.timeline.tokens import NoLife
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import Kind
from epione_inference.lives.explaining import LeftOut, left_out_of, movers_of
from epione_inference.lives.life import Life
from epione_inference.lives.model import LifeModel, Rates

# This project's own choices: what is told where no code was asked for.
TOLD_RISK = 0.01  # within the last horizon
TOLD_TIMES = 2.0  # that of the same age and sex
CONDITIONS = ("ICD10CM/", "ICD10/", "SNOMED/")  # not medicines, nor ranges of what is measured

LAST = len(HORIZONS_YEARS) - 1
LAST_DAYS = HORIZONS_YEARS[LAST] * YEAR_DAYS
DEAD = "death is on the record"
NO_CODE = "the model has no code of it"

Outcomes = Mapping[str, tuple[int, ...]]  # tokens, any of which counts


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One person of whom the model speaks, as a standing of one.

    `meanwhile` is the standing with what may happen meanwhile, `calibrated` that by ratio. `steps`
    are log rates (1, pieces, n_tokens), each with what stands before it, the whole last.
    """

    life: Life
    standing: Standing
    meanwhile: Standing
    calibrated: Standing
    steps: Mapping[str, Rates]


def answers_of(
    model: LifeModel, questions: Sequence[LifeQuestion], codes: Sequence[int] = ()
) -> list[LifeAnswer]:
    """Answer questions in order; blocks.

    Args:
        model: Which is asked.
        questions: Of one person each.
        codes: The tokens to tell of. Without them it is the outcomes of OUTCOMES, and of the
            conditions that are none of theirs each whose risk is at least TOLD_RISK, and TOLD_TIMES
            that of the same age and sex; what of these is hardly held by the cohort goes unsaid.
            Death is told only where it is asked for.
    """
    told = [model.life_of(question) for question in questions]
    refused = [
        question.none or _refusal_of(model, life)
        for question, (life, _) in zip(questions, told, strict=True)
    ]
    lives = [
        life
        for (life, _), why in zip(told, refused, strict=True)
        if not why and isinstance(life, Life)
    ]
    spoken = _spoken_of(model, lives)
    wanted = [_wanted_of(model, each, codes) for each in spoken]
    explained = [each.life for each, (outcomes, _) in zip(spoken, wanted, strict=True) if outcomes]
    left_out = iter(left_out_of(model, explained))
    answers = iter(
        [
            LifeAnswer("", _risks_of(model, each, outcomes, next(left_out)), silent)
            if outcomes
            else LifeAnswer(silent=silent)
            for each, (outcomes, silent) in zip(spoken, wanted, strict=True)
        ]
    )
    return [
        replace(LifeAnswer(why) if why else next(answers), not_understood=not_understood)
        for (_, not_understood), why in zip(told, refused, strict=True)
    ]


def _refusal_of(model: LifeModel, life: Life | NoLife) -> str:
    if not isinstance(life, Life):
        return str(life)
    if model.death is not None and model.death in life.tokens:
        return DEAD
    sex, band, had = _place_of(model, life)
    return model.calibration.support.refusal_of(sex, band, had)


def _place_of(model: LifeModel, life: Life) -> tuple[int, int, int]:
    """Give sex, ten years of age, and how many codes were had."""
    band = int(band_of(np.array(life.now_days)))
    return life.sex(model.vocabulary), band, life.had(model.vocabulary)


def _spoken_of(model: LifeModel, lives: Sequence[Life]) -> list[_Spoken]:
    """Read lives, and those with a genome also without it."""
    genome = model.vocabulary.of_kind(Kind.GENOME)
    said = [np.isin(life.tokens, genome) for life in lives]
    has = np.array([each.any() for each in said], bool)
    read = model.read(lives, LAST_DAYS)
    plain = [life.without(of) for life, of in zip(lives, said, strict=True) if of.any()]
    without = model.read(plain, LAST_DAYS)
    found = []
    for n, life in enumerate(lives):
        pieces = int(np.isfinite(read.begins_days[n]).sum())
        of, row = (without, has[:n].sum()) if has[n] else (read, n)
        here, there = np.s_[n : n + 1, :pieces], np.s_[row : row + 1, :pieces]
        whole = read.log_rates[here]
        possible = whole > NO_RATE
        age_sex = of.age_sex[there]
        steps = {
            "age and sex": np.where(possible, age_sex, NO_RATE),
            "lifts": np.where(possible, age_sex + of.lift[there], NO_RATE),
            "transformer": of.log_rates[there],
        }
        sex, band, _ = _place_of(model, life)
        had = np.isin(np.arange(whole.shape[-1]), np.intersect1d(model.predicted, life.tokens))
        place = np.array([sex]), np.array([band]), had[None]
        standing = Standing(*place, whole, read.begins_days[here])
        steps |= {"genome": whole} if has[n] else {}
        meanwhile = foreseen(standing, model.calibration.leads, model.death)
        calibrated = model.calibration.by_ratio(meanwhile)
        found.append(_Spoken(life, standing, meanwhile, calibrated, steps))
    return found


def _wanted_of(
    model: LifeModel, person: _Spoken, codes: Sequence[int]
) -> tuple[Outcomes, dict[str, str]]:
    """Give what is to be told, and of what it cannot be, and why."""
    names, by_name = model.vocabulary.names, model.vocabulary.by_name
    known = {
        outcome: tuple(by_name[name] for name in of if name in by_name)
        for outcome, of in ({} if codes else OUTCOMES).items()
    }
    covered = {token for tokens in known.values() for token in tokens}
    alone = codes or [code for code in _high(model, person) if code not in covered]
    wanted = known | {names[code]: (code,) for code in alone}
    why = {outcome: _silence_of(model, person, tokens) for outcome, tokens in wanted.items()}
    asked = {names[code] for code in codes} | known.keys()
    return (
        {outcome: tokens for outcome, tokens in wanted.items() if not why[outcome]},
        {outcome: reason for outcome, reason in why.items() if reason and outcome in asked},
    )


def _silence_of(model: LifeModel, person: _Spoken, tokens: tuple[int, ...]) -> str:
    """Say why an outcome is not spoken of; nothing where it is."""
    if not tokens:
        return NO_CODE
    if not (person.standing.log_rates[0, 0, list(tokens)] > NO_RATE).all():
        return HAD
    near = model.calibration.support.near_to(person.standing)[0, list(tokens)].sum()
    if near < FEWEST_EVENTS:
        cases = f"{near:.0f} case{'' if round(near) == 1 else 's'}"
        return f"the cohort holds {cases} near that sex and age, of at least {FEWEST_EVENTS}"
    return ""


def _high(model: LifeModel, person: _Spoken) -> list[int]:
    """Give the conditions whose risk is high, and high for that age and sex, the highest first."""
    risk = _foreseen(model, person.calibrated)
    usual = _foreseen(model, replace(person.standing, log_rates=person.steps["age and sex"]))
    is_condition = np.array([name.startswith(CONDITIONS) for name in model.vocabulary.names])
    high = np.flatnonzero(is_condition & (risk >= TOLD_RISK) & (risk >= TOLD_TIMES * usual))
    order: list[int] = high[np.argsort(-risk[high], kind="stable")].tolist()
    return order


def _foreseen(model: LifeModel, standing: Standing, outcomes: Outcomes | None = None) -> Floats:
    """Give the risks within the last horizon: of outcomes, or of each token."""
    rates, dying = rates_of(standing.log_rates), standing.dying(model.death)
    if outcomes is not None:
        rates, dying = _summed(rates, outcomes), _beside(dying, outcomes)
    risks: Floats = risk_within(LAST_DAYS, standing.begins_days, rates, dying)[0]
    return risks


def _risks_of(
    model: LifeModel, person: _Spoken, outcomes: Outcomes, left_out: LeftOut
) -> tuple[LifeRisk, ...]:
    near = _summed(model.calibration.support.near_to(person.standing), outcomes)
    begins, rates = person.calibrated.begins_days, rates_of(person.calibrated.log_rates)
    dying = _beside(person.calibrated.dying(model.death), outcomes)
    estimates = [
        risks_with_intervals(horizon, begins, _summed(rates, outcomes), dying, near)
        for horizon in range(len(HORIZONS_YEARS))
    ]
    parts = {
        name: _foreseen(model, replace(person.standing, log_rates=step), outcomes)
        for name, step in person.steps.items()
    }
    parts["meanwhile"] = _foreseen(model, person.meanwhile, outcomes)
    parts["calibration"] = estimates[LAST][0][0]
    now = {name: rates_of(step[0, 0]) for name, step in person.steps.items()}
    whole = rates_of(person.standing.log_rates[0, 0])

    def told(n: int, outcome: str, tokens: tuple[int, ...]) -> LifeRisk:
        codes = list(tokens)
        times = float(whole[codes].sum() / now["transformer"][codes].sum())
        return LifeRisk(
            outcome,
            tuple(model.vocabulary.names[token] for token in tokens),
            HORIZONS_YEARS,
            tuple(float(risk[0, n]) for risk, _, _ in estimates),
            tuple((float(low[0, n]), float(high[0, n])) for _, low, high in estimates),
            tuple((name, float(part[n])) for name, part in parts.items()),
            times if "genome" in person.steps else None,
            movers_of(person.life, whole, left_out, tokens, model.vocabulary),
        )

    return tuple(told(n, *each) for n, each in enumerate(outcomes.items()))


def _summed(by_token: Floats, outcomes: Outcomes) -> Floats:
    """Give the sum of each outcome's tokens: (…, n_outcomes)."""
    return np.stack([by_token[..., list(tokens)].sum(-1) for tokens in outcomes.values()], -1)


def _beside(dying: Floats, outcomes: Outcomes) -> Floats:
    """Give the death that each outcome competes with, by that of tokens: (…, n_outcomes)."""
    return np.stack([dying[..., list(tokens)].min(-1) for tokens in outcomes.values()], -1)
