"""A model against the truth of a planted cohort: what it recovers, and if it knows its limits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from epione.timeline.calibration import (
    HORIZONS_YEARS,
    N_BANDS,
    SEX_NAMES,
    SEXES,
    Calibration,
    Standing,
    foreseen,
)
from epione.timeline.risk_within import rates_of, risk_within
from epione.timeline.told import YEAR_DAYS
from epione_training.lives.batches import Reading
from epione_training.lives.calibration import observed_expected, ratios_of, standings
from epione_training.lives.cohort import Cohort, Floats
from epione_training.lives.genome import Estimate, Foresees, GenomeGain, genome_gain, with_genome
from epione_training.lives.truth import Truth

IMPOSSIBLE = -20.0  # log rate a day below which the truth is that it cannot happen
MOST_LATER = 500  # lives whose later risks are asked of the truth, which is slow


@dataclass(frozen=True)
class Limits:
    """How well a calibration knows where its network errs.

    None stands where nothing was asked, answered or refused. Model and truth are both asked with
    what may happen meanwhile. Errors are the mean of |log rate - true log rate|, of every code at
    every five years of age. `covered` is, by horizon, the share of answered true risks that lie in
    their intervals; those within five and ten years are asked of `MOST_LATER` lives with a genome,
    by the truth's rates times ratios of its own: what both miss in a person is not seen.
    `observed_expected` is (horizons, SEXES, N_BANDS, 2), of what is answered.
    """

    answered_error: float | None
    refused_error: float | None
    refused_share: float | None
    covered: tuple[float | None, ...]
    observed_expected: Floats

    def to_json(self) -> Mapping[str, object]:
        """Give it as JSON; observed and expected by sex and ten years."""
        by_horizon = zip(HORIZONS_YEARS, self.observed_expected, strict=True)
        return asdict(self) | {
            "observed_expected": {
                str(years): dict(zip(SEX_NAMES, found.round(1).tolist(), strict=True))
                for years, found in by_horizon
            }
        }


def recovered(
    network: Foresees, truth: Foresees, cohort: Cohort, reading: Reading
) -> Mapping[str, object]:
    """Give what the genome gains the model, the truth, and the one as a share of the other."""
    gain, oracle = (genome_gain(each, cohort, reading) for each in (network, truth))
    return gain_json(gain) | {
        "oracle_gained": _json(oracle.gained()),
        "recovered": _json(gain.recovered(oracle)),
    }


def gain_json(gain: GenomeGain) -> dict[str, object]:
    """Give what the genome gains, as JSON."""
    return {
        "lives": gain.lives,
        "with_genome": gain.with_genome.per_event(),
        "without": gain.without.per_event(),
        "gained": _json(gain.gained()),
    }


def limits_of(
    network: Foresees, truth: Truth, calibration: Calibration, cohort: Cohort, reading: Reading
) -> Limits:
    """Hold the errors of what is refused against those of what is answered."""
    errors, counts = np.zeros(2), np.zeros(2)  # answered, refused
    covered = 0.0
    found = np.zeros((len(HORIZONS_YEARS), SEXES, N_BANDS, 2))
    leads, death = truth.leads(), cohort.vocabulary.death
    each = standings(network, cohort, reading), standings(truth, cohort, reading, HORIZONS_YEARS[0])
    for said, of_now in zip(*each, strict=True):
        true = foreseen(of_now, leads, death)
        said_now, true_now = said.log_rates[:, 0], true.log_rates[:, 0]
        possible = (said_now > IMPOSSIBLE) & (true_now > IMPOSSIBLE)
        answered = calibration.support.holds(said)
        calibrated = calibration.calibrated(said)
        rates_now = np.maximum(calibrated.log_rates[:, 0], IMPOSSIBLE)
        off = np.abs(rates_now - np.maximum(true_now, IMPOSSIBLE))
        within = _within(0, calibration, calibrated, true)
        covered += (within & possible & answered).sum()
        for n, meant in enumerate((possible & answered, possible & ~answered)):
            errors[n] += off[meant].sum()
            counts[n] += meant.sum()
        for n, years in enumerate(HORIZONS_YEARS):
            both = observed_expected(calibrated, years, answered)
            found[n] += np.stack([one.sum(-1) for one in both], -1)
    return Limits(
        _mean(errors[0], counts[0]),
        _mean(errors[1], counts[1]),
        _mean(counts[1], counts.sum()),
        (_mean(covered, counts[0]), *_covered_later(network, truth, calibration, cohort, reading)),
        found,
    )


def _covered_later(
    network: Foresees, truth: Truth, calibration: Calibration, cohort: Cohort, reading: Reading
) -> list[float | None]:
    """Give the shares of true risks in their intervals within each horizon but the first."""
    lives, death = with_genome(cohort).strided(MOST_LATER), cohort.vocabulary.death
    if not len(lives):
        return [None] * (len(HORIZONS_YEARS) - 1)
    true = list(standings(truth, lives, reading))
    leads = truth.leads()
    moved = [foreseen(each, leads, death) for each in true]
    of_truth = Calibration(*ratios_of(moved, death), calibration.support, death)
    covered, asked = np.zeros((2, len(HORIZONS_YEARS)))
    for said, each, later in zip(standings(network, lives, reading), true, moved, strict=True):
        both = calibration.calibrated(said), of_truth.by_ratio(later)
        meant = calibration.support.holds(said) & (each.log_rates[:, 0] > IMPOSSIBLE)
        meant &= said.log_rates[:, 0] > IMPOSSIBLE
        for n in range(1, len(HORIZONS_YEARS)):
            within = _within(n, calibration, *both)
            covered[n] += within[meant].sum()
            asked[n] += meant.sum()
    return [_mean(*each) for each in zip(covered[1:], asked[1:], strict=True)]


def _within(
    horizon: int, calibration: Calibration, calibrated: Standing, true: Standing
) -> npt.NDArray[np.bool_]:
    """Say whether each true risk lies in its interval: (n, n_tokens)."""
    _, low, high = calibration.risks_of(calibrated, horizon)
    rates, dying = rates_of(true.log_rates), true.dying(calibration.death)
    risks = risk_within(HORIZONS_YEARS[horizon] * YEAR_DAYS, true.begins_days, rates, dying)
    return (low <= risks) & (risks <= high)


def _mean(total: float, n: float) -> float | None:
    return float(total / n) if n else None


def _json(estimates: Mapping[str, Estimate]) -> dict[str, object]:
    return {name: asdict(estimate) for name, estimate in estimates.items()}
