"""How well a network foresees lives, beside what counting alone foresees."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from epione.timeline.told import YEAR_DAYS
from epione_training.lives.auc import Area, Foreseen, areas_of
from epione_training.lives.batches import Batch, Reading, batches_of
from epione_training.lives.cohort import Cohort, Floats, Ints
from epione_training.lives.network import Network
from epione_training.lives.objective import Losses, day_before, losses_of
from epione_training.lives.truth import Truth

N_CODES = 60  # of the commonest, whose areas are averaged
SEX_NAMES = ("female", "male")
BAND_YEARS, N_BANDS = 10, 10


@dataclass(frozen=True)
class Evaluation:
    """Losses are per event, in nats; see `objective.py`. Areas are by sex and token."""

    losses: Losses
    areas: Mapping[str, Mapping[int, Area]]
    calibration: Mapping[str, tuple[tuple[float, float], ...]]  # observed, expected, by ten years
    death: int | None

    @property
    def per_event(self) -> Mapping[str, float]:
        """Give the losses per event; `total_loss` is that of event and time."""
        n = float(self.losses.n_events)
        event, time = float(self.losses.event) / n, float(self.losses.time) / n
        return {
            "total_loss": event + time,
            "event_loss": event,
            "time_loss": time,
            "likelihood_loss": float(self.losses.likelihood) / n,
        }

    def mean_auc(self, sex: str) -> float | None:
        """Give the mean area of the commonest codes, death apart."""
        areas = [area.value for code, area in self.areas[sex].items() if code != self.death]
        return float(np.mean(areas)) if areas else None

    @property
    def death_auc(self) -> float | None:
        """Give the mean area of death over the sexes."""
        areas = [
            area.value
            for of in self.areas.values()
            for code, area in of.items()
            if code == self.death
        ]
        return float(np.mean(areas)) if areas else None


def evaluation_of(network: Network | Truth, cohort: Cohort, reading: Reading) -> Evaluation:
    """Evaluate on lives that the network did not learn from."""
    codes = judged_codes(cohort)
    found = _pieces(network, batches_of(cohort, reading), codes)
    losses, foreseen, bands = zip(*found, strict=True)
    joined, by_band = _joined(foreseen), sum(bands, np.zeros((len(SEX_NAMES), N_BANDS, 2)))
    return Evaluation(
        Losses.total_of(losses),
        {name: areas_of(joined, sex) for sex, name in enumerate(SEX_NAMES)},
        {name: tuple(map(tuple, by_band[sex])) for sex, name in enumerate(SEX_NAMES)},
        cohort.vocabulary.death,
    )


def judged_codes(cohort: Cohort) -> Ints:
    """Give the commonest predicted codes of a cohort, and death."""
    predicted = np.array(cohort.vocabulary.predicted)
    death = cohort.vocabulary.death
    diseases = predicted[predicted != death] if death is not None else predicted
    commonest = diseases[np.argsort(-cohort.counts[diseases], kind="stable")][:N_CODES]
    return np.append(commonest, [] if death is None else [death]).astype(np.int64)


def _pieces(
    network: Network | Truth, batches: Iterable[Batch], codes: Ints
) -> Iterator[tuple[Losses, Foreseen, Floats]]:
    network.eval()
    n_before = 0
    with torch.inference_mode():
        for batch in batches:
            log_rates = network(*batch)
            sexes = network.sex_of(batch.tokens).numpy()
            losses = losses_of(log_rates, batch, network.predicted)
            foreseen = _foreseen(log_rates, batch, codes, sexes, n_before)
            yield losses, foreseen, _by_band(log_rates, batch, network.predicted, sexes)
            n_before += len(sexes)


def _foreseen(
    log_rates: torch.Tensor, batch: Batch, codes: Ints, sexes: Ints, n_before: int
) -> Foreseen:
    before = day_before(batch.ages_days)
    row, place = ((before >= 0) & (batch.tokens > 0)).nonzero(as_tuple=True)
    source = before[row, place]
    return Foreseen(
        person=n_before + row.numpy(),
        sex=sexes[row.numpy()],
        age_years=batch.ages_days[row, source].numpy() / YEAR_DAYS,
        token=batch.tokens[row, place].numpy(),
        log_rates=log_rates[row, source][:, torch.from_numpy(codes)].numpy(),
        codes=codes,
    )


def _by_band(log_rates: torch.Tensor, batch: Batch, predicted: torch.Tensor, sexes: Ints) -> Floats:
    """Count events, and how many the rates expect, by sex and ten years: (sexes, bands, 2)."""
    tokens, ages = batch
    days = torch.diff(ages, dim=1, append=ages[:, -1:])
    expected = (log_rates.logsumexp(-1).exp() * days).numpy()
    observed = (predicted[tokens] & (day_before(ages) >= 0)).numpy()
    band = np.minimum(ages.numpy() / (YEAR_DAYS * BAND_YEARS), N_BANDS - 1).astype(int)
    found = np.zeros((len(SEX_NAMES), N_BANDS, 2))
    for sex in range(len(SEX_NAMES)):
        of = sexes == sex
        for n, each in enumerate((observed, expected)):
            found[sex, :, n] = np.bincount(band[of].ravel(), each[of].ravel(), N_BANDS)
    return found


def _joined(each: Sequence[Foreseen]) -> Foreseen:
    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(one, name) for one in each])

    return Foreseen(
        all_of("person"),
        all_of("sex"),
        all_of("age_years"),
        all_of("token"),
        all_of("log_rates"),
        each[0].codes,
    )
