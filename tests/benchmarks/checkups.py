"""Check-ups of planted lives: what PREVENT answers there, what a model does, and what came.

A check-up is a day between 40 and 70 on which all that PREVENT asks is on the record, of a life
without cardiovascular disease until then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from epione.medicine.life import OUTCOMES, combined
from epione.medicine.risk import OUTCOMES as OF_PREVENT
from epione.medicine.risk import PreventInputs, rows_of
from epione.medicine.risk.coefficients import coefficients
from epione.timeline.calibration import HORIZONS_YEARS, SEX_NAMES, Standing, band_of, variance_of
from epione.timeline.told import QUIET_DAYS, YEAR_DAYS
from epione.timeline.vocabulary import PADDING, Vocabulary
from epione_training.lives.batches import Reading, batch_of
from epione_training.lives.calibration import quiet_path
from epione_training.lives.cohort import Cohort, Floats, Life, sex_of
from epione_training.lives.planted import YOUNGEST_YEARS
from epione_training.lives.store import Stored
from epione_training.lives.world import OLDEST_YEARS
from epione_training.prevent_equations import Prevent

AGES_YEARS = (40, 70)
TEN_YEARS = HORIZONS_YEARS.index(10)
PIECES = 2  # of the quiet path within ten years
EQUATION_VARIANCE = 0.15  # assumed, of the log of its hazard: about what 1.5 times off is
TOGETHER = 64  # check-ups that are asked at once
MEASURED = {
    "sbp": "LOINC/8480-6",
    "total_c": "LOINC/2093-3",
    "hdl_c": "LOINC/2085-9",
    "bmi": "LOINC/39156-5",
    "egfr": "LOINC/98979-8",
}
TREATED = {
    "bp_tx": ("RXNORM/29046", "RXNORM/17767"),
    "statin": ("RXNORM/83367", "RXNORM/36567"),
    "dm": ("ICD10CM/E10", "ICD10CM/E11"),
    "smoking": ("Tobacco/smokes",),
}
ANSWERS_OF_SMOKING = ("Tobacco/smokes", "Tobacco/smokes not")
DISEASE = [f"ICD10CM/{code}" for code in ("I20", "I21", "I25", "I50", "I61", "I63", "I73", "G45")]


@dataclass(frozen=True)
class CheckUp:
    """A life until the check-up, what PREVENT is asked then, and the whole life."""

    until: Life
    inputs: PreventInputs
    whole: Life


@dataclass(frozen=True)
class Outcome:
    """What came within ten years of each check-up; (n,) each.

    Who ceased to be followed before weighs nothing, and the others as much more as chance followed
    them until they had it, died, or ten years had passed: so the weighed stand for all.
    """

    came: npt.NDArray[np.bool_]
    weight: Floats


def check_ups(cohort: Cohort) -> Iterator[CheckUp]:
    """Find every check-up of every life."""
    names = np.array(cohort.vocabulary.names)
    middles = _middles(cohort.vocabulary)
    for life in cohort:
        said = names[life.tokens]
        for day in np.unique(life.ages_days[np.isin(life.tokens, list(middles["sbp"]))]):
            years = int(day // YEAR_DAYS)
            had = set(said[life.ages_days <= day])
            if not AGES_YEARS[0] <= years <= AGES_YEARS[1] or had & set(DISEASE):
                continue
            if not had & set(ANSWERS_OF_SMOKING):
                continue
            on_day = life.tokens[life.ages_days == day].tolist()
            measured = {
                name: next(of[token] for token in on_day if token in of)
                for name, of in middles.items()
            }
            is_so = {name: bool(had & set(codes)) for name, codes in TREATED.items()}
            sex = SEX_NAMES[sex_of(life, cohort.vocabulary)]
            kept = life.ages_days <= day
            until = Life(life.ages_days[kept], life.tokens[kept])
            inputs = replace(PreventInputs(age=years, sex=sex), **measured, **is_so)  # type: ignore[arg-type]
            yield CheckUp(until, inputs, life)


def asked_of_prevent(found: Sequence[CheckUp]) -> Floats:
    """Give ten-year risks: (n, outcomes), as `OUTCOMES` of the model of a life."""
    rows = torch.from_numpy(rows_of([each.inputs for each in found]))
    risks: Floats = Prevent(coefficients())(rows)[0][:, 0].numpy()
    return risks[:, [OF_PREVENT.index(outcome) for outcome in OUTCOMES]]


def asked_of_model(stored: Stored, found: Sequence[CheckUp]) -> tuple[Floats, Floats]:
    """Give calibrated ten-year risks, and the variance of their logs: (n, outcomes) each."""
    standing = _standing(stored, found)
    risks, _, _ = stored.calibration.risks(standing, TEN_YEARS)
    variances = variance_of(stored.calibration.support.near_to(standing))
    risk, variance = np.zeros((2, len(found), len(OUTCOMES)))
    for n, codes in enumerate(OUTCOMES.values()):
        tokens = [stored.vocabulary.by_name[code] for code in codes]
        risk[:, n] = 1 - np.prod(1 - risks[:, tokens], 1)
        share = risks[:, tokens] / risks[:, tokens].sum(1, keepdims=True)
        variance[:, n] = (share**2 * variances[:, tokens]).sum(1)
    return risk, variance


def outcomes_of(found: Sequence[CheckUp], vocabulary: Vocabulary) -> list[Outcome]:
    """See what came, by outcome."""
    return [
        _outcome(found, [vocabulary.by_name[code] for code in codes], vocabulary)
        for codes in OUTCOMES.values()
    ]


def _outcome(found: Sequence[CheckUp], tokens: list[int], vocabulary: Vocabulary) -> Outcome:
    came, weight = np.zeros(len(found), bool), np.zeros(len(found))
    for n, each in enumerate(found):
        begin, whole = each.until.ages_days[-1], each.whole
        horizon = begin + HORIZONS_YEARS[TEN_YEARS] * YEAR_DAYS
        had = whole.ages_days[np.isin(whole.tokens, tokens)]
        first = had.min() if len(had) else np.inf
        came[n] = first <= horizon
        seen = min(first, horizon)
        died = whole.tokens[-1] == vocabulary.death
        if whole.ages_days[-1] >= seen or died:
            until = min(seen, whole.ages_days[-1])
            weight[n] = _followed(begin) / _followed(until)
    return Outcome(came, weight)


def _followed(age_days: float) -> float:
    """Give the share of planted lives that are followed until an age."""
    years = age_days / YEAR_DAYS
    return 1 - ((years - YOUNGEST_YEARS) / (OLDEST_YEARS - YOUNGEST_YEARS)) ** 2


def _middles(vocabulary: Vocabulary) -> dict[str, dict[int, float]]:
    """Give the number that a range stands for: half a neighbour's width beyond the last edges."""
    found = {}
    for name, code in MEASURED.items():
        scale = vocabulary.scales[code]
        edges = np.array(scale.edges)
        ends = np.concatenate([[2 * edges[0] - edges[1]], edges, [2 * edges[-1] - edges[-2]]])
        middles = (ends[1:] + ends[:-1]) / 2
        found[name] = dict(zip(scale.tokens, middles.tolist(), strict=True))
    return found


def _standing(stored: Stored, found: Sequence[CheckUp]) -> Standing:
    log_rates = []
    for begin in range(0, len(found), TOGETHER):
        batch = batch_of([each.until for each in found[begin : begin + TOGETHER]], Reading())
        last = (batch.tokens != PADDING).sum(1).numpy() - 1
        where = np.stack([np.arange(len(last)), last])
        log_rates.append(quiet_path(stored.network, batch, where, PIECES))
    ages = np.array([each.until.ages_days[-1] for each in found])
    vocabulary = stored.vocabulary
    every = np.arange(len(vocabulary))
    predicted = np.isin(every, vocabulary.predicted)
    return Standing(
        sex=np.array([sex_of(each.until, vocabulary) for each in found]),
        band=band_of(ages),
        had=predicted & np.array([np.isin(every, each.until.tokens) for each in found]),
        log_rates=np.concatenate(log_rates),
        begins_days=np.tile(np.arange(PIECES) * QUIET_DAYS, (len(found), 1)),
    )


@dataclass(frozen=True)
class Score:
    """How well risks foresaw what came, of those whom the weights stand for."""

    log_loss: Floats  # (n,), weighed; its sum over n is the loss of a check-up
    brier: float
    observed_expected: float


def score_of(risk: Floats, outcome: Outcome) -> Score:
    """Judge risks of one outcome: (n,)."""
    kept = np.clip(risk, 1e-6, 1 - 1e-6)
    came, weight = outcome.came, outcome.weight
    loss = -np.log(np.where(came, kept, 1 - kept))
    return Score(
        weight * loss,
        float((weight * (came - risk) ** 2).sum() / weight.sum()),
        float((weight * came).sum() / (weight * risk).sum()),
    )


def rules_of(equation: Floats, model: Floats, variance: Floats) -> dict[str, Floats]:
    """Give the risks of both alone, of the rule and of what it was chosen from."""
    hazards = -np.log1p(-equation), -np.log1p(-model)
    certain = EQUATION_VARIANCE / (EQUATION_VARIANCE + variance)
    return {
        "equation": equation,
        "model": model,
        "the rule": np.vectorize(combined)(equation, model),
        "mean hazard": -np.expm1(-(hazards[0] + hazards[1]) / 2),
        "by variance": -np.expm1(-(hazards[0] ** (1 - certain)) * hazards[1] ** certain),
        "the higher": np.maximum(equation, model),
        "the lower": np.minimum(equation, model),
    }
