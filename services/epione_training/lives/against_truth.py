"""A model against the truth of a planted cohort: what it recovers, and if it knows its limits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from epione.timeline.calibration import HORIZONS_YEARS, N_BANDS, SEXES, Calibration
from epione.timeline.risk_within import dying_beside, risk_within
from epione.timeline.told import YEAR_DAYS
from epione_training.lives.batches import Reading
from epione_training.lives.calibration import observed_expected, standings
from epione_training.lives.cohort import Cohort, Floats
from epione_training.lives.genome import Estimate, Foresees, GenomeGain, genome_gain

NEVER = -20.0  # log rate a day below which the truth is that it cannot happen


@dataclass(frozen=True)
class Limits:
    """How well a calibration knows where its network errs.

    None stands where nothing was asked, answered or refused. Errors are the mean of |log rate -
    true log rate|, of every code at every five years of age. `observed_expected` is (horizons,
    SEXES, N_BANDS, 2), of what is answered.
    """

    answered_error: float | None
    refused_error: float | None
    refused_share: float | None
    covered: float | None  # share of answered true risks within a year that lie in their intervals
    observed_expected: Floats

    def to_json(self) -> Mapping[str, object]:
        """Give it as JSON; observed and expected by sex and ten years."""
        by_horizon = zip(HORIZONS_YEARS, self.observed_expected, strict=True)
        return asdict(self) | {
            "observed_expected": {
                str(years): dict(zip(("female", "male"), found.round(1).tolist(), strict=True))
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
    network: Foresees, truth: Foresees, calibration: Calibration, cohort: Cohort, reading: Reading
) -> Limits:
    """Hold the errors of what is refused against those of what is answered."""
    death = cohort.vocabulary.death
    errors, counts = np.zeros(2), np.zeros(2)  # answered, refused
    covered = 0.0
    found = np.zeros((len(HORIZONS_YEARS), SEXES, N_BANDS, 2))
    days = HORIZONS_YEARS[0] * YEAR_DAYS
    each = standings(network, cohort, reading), standings(truth, cohort, reading, HORIZONS_YEARS[0])
    for said, true in zip(*each, strict=True):
        said_now, true_now = said.log_rates[:, 0], true.log_rates[:, 0]
        possible = (said_now > NEVER) & (true_now > NEVER)
        answered = calibration.support.holds(said)
        rates = calibration.rates(said, 0)[:, 0]
        off = np.abs(np.log(np.maximum(rates, np.exp(NEVER))) - np.maximum(true_now, NEVER))
        _, low, high = calibration.risks(said, 0)
        true_rates = np.exp(true.log_rates.astype(np.float64))
        dying = dying_beside(true_rates, death)
        true_risks = risk_within(days, true.begins_days, true_rates, dying)
        within = (low <= true_risks) & (true_risks <= high)
        covered += (within & possible & answered).sum()
        for n, meant in enumerate((possible & answered, possible & ~answered)):
            errors[n] += off[meant].sum()
            counts[n] += meant.sum()
        for n, years in enumerate(HORIZONS_YEARS):
            kept = np.where(answered[:, None], calibration.rates(said, n), 0)
            both = observed_expected(said, years, kept, answered)
            found[n] += np.stack([one.sum(-1) for one in both], -1)
    return Limits(
        _mean(errors[0], counts[0]),
        _mean(errors[1], counts[1]),
        _mean(counts[1], counts.sum()),
        _mean(covered, counts[0]),
        found,
    )


def _mean(total: float, n: float) -> float | None:
    return float(total / n) if n else None


def _json(estimates: Mapping[str, Estimate]) -> dict[str, object]:
    return {name: asdict(estimate) for name, estimate in estimates.items()}
