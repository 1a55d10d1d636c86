"""How well a model foresees lives, beside what counting alone foresees."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from epione.timeline.calibration import HORIZONS_YEARS, N_BANDS, SEX_NAMES, band_of
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import Kind
from epione_training.lives.auc import Area, Foreseen, areas_of
from epione_training.lives.batches import Batch, Reading
from epione_training.lives.calibration import Followed, standings
from epione_training.lives.cohort import Cohort, Floats, Ints, Life, sex_of
from epione_training.lives.genome import Foresees
from epione_training.lives.groups import Counted, Group, groups_of
from epione_training.lives.horizons import Areas, Stood, areas_within
from epione_training.lives.objective import Losses, day_before, losses_of

N_CODES = 60  # of the commonest, whose areas are averaged
MOST_JUDGES = 20_000  # lives; this project's own choice: each takes some 40 KB of memory
DECIMALS = 4  # of log rates that are put in order: what float32 rounds otherwise is a tie

Rows = TypeVar("Rows", Foreseen, Stood, Counted)


@dataclass(frozen=True)
class Evaluation:
    """Losses are per event, in nats; see `objective.py`. Areas are by sex and token."""

    losses: Losses
    areas: Mapping[str, Mapping[int, Area]]
    within: Mapping[int, Mapping[str, Areas]]  # by horizon in years
    groups: Mapping[str, Mapping[str, Group]]
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


def evaluation_of(network: Foresees, cohort: Cohort, reading: Reading) -> Evaluation:
    """Evaluate on lives that the network did not learn from, by its rates as they are.

    What is within years is of rates that stand still and are not calibrated: not what is served.
    """
    found = _pieces(_Heard(network), cohort, reading, judged_codes(cohort))
    losses, foreseen, stood, counted = zip(*found, strict=True)
    rates, standing, events = _joined(foreseen), _joined(stood), _joined(counted)
    within = {years: areas_within(standing, years) for years in HORIZONS_YEARS}
    return Evaluation(
        Losses.total_of(losses),
        {name: areas_of(rates, sex) for sex, name in enumerate(SEX_NAMES)},
        {
            years: {name: of[sex] for sex, name in enumerate(SEX_NAMES)}
            for years, of in within.items()
        },
        groups_of(standing, events),
        {name: _by_band(events, sex) for sex, name in enumerate(SEX_NAMES)},
        cohort.vocabulary.death,
    )


def judged_codes(cohort: Cohort) -> Ints:
    """Give the commonest predicted codes of a cohort, and death."""
    predicted = np.array(cohort.vocabulary.predicted)
    death = cohort.vocabulary.death
    diseases = predicted[predicted != death] if death is not None else predicted
    commonest = diseases[np.argsort(-cohort.counts[diseases], kind="stable")][:N_CODES]
    return np.append(commonest, [] if death is None else [death]).astype(np.int64)


class _Heard:
    """What is foreseen, with the last batch and its log rates: each life is read once."""

    def __init__(self, foresees: Foresees) -> None:
        self._foresees = foresees
        self.predicted = foresees.predicted

    def __call__(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        self.batch = Batch(tokens, ages_days)
        self.log_rates = self._foresees(tokens, ages_days)
        return self.log_rates


def _pieces(
    heard: _Heard, cohort: Cohort, reading: Reading, codes: Ints
) -> Iterator[tuple[Losses, Foreseen, Stood, Counted]]:
    n_before = 0
    genome = torch.tensor(cohort.vocabulary.of_kind(Kind.GENOME))
    with torch.inference_mode():
        for standing in standings(heard, cohort, reading, HORIZONS_YEARS[0]):
            batch, log_rates = heard.batch, heard.log_rates
            lives = (Life(*each) for each in zip(*reversed(batch), strict=True))
            sexes = np.array([sex_of(life, cohort.vocabulary) for life in lives])
            has_genome = torch.isin(batch.tokens, genome).any(1).numpy()
            yield (
                losses_of(log_rates, batch, heard.predicted),
                _foreseen(log_rates, batch, codes, sexes, n_before),
                _stood(standing, batch, codes, cohort.vocabulary.death, n_before),
                Counted(sexes, has_genome, *_events(log_rates, batch, heard.predicted)),
            )
            n_before += len(sexes)


def _foreseen(log_rates: Tensor, batch: Batch, codes: Ints, sexes: Ints, n_before: int) -> Foreseen:
    before = day_before(batch.ages_days)
    row, place = ((before >= 0) & (batch.tokens > 0)).nonzero(as_tuple=True)
    source = before[row, place]
    return Foreseen(
        person=n_before + row.numpy(),
        sex=sexes[row.numpy()],
        age_years=batch.ages_days[row, source].numpy() / YEAR_DAYS,
        token=batch.tokens[row, place].numpy(),
        log_rates=log_rates[row, source][:, torch.from_numpy(codes)].numpy().round(DECIMALS),
        codes=codes,
    )


def _stood(
    standing: Followed, batch: Batch, codes: Ints, death: int | None, n_before: int
) -> Stood:
    return Stood(
        person=n_before + standing.row,
        sex=standing.sex,
        age_years=batch.ages_days.numpy()[standing.row, standing.place] / YEAR_DAYS,
        log_rates=standing.log_rates[:, 0, codes].round(DECIMALS),
        waited_days=standing.waited_days[:, codes].astype(np.float32),
        left_days=standing.left_days,
        codes=codes,
        death=death,
    )


def _events(log_rates: Tensor, batch: Batch, predicted: Tensor) -> tuple[Floats, Floats]:
    """Count each life's events, and how many the rates expect, by ten years: (lives, bands).

    Both count where the rates began to stand, of which the event came, or would have.
    """
    tokens, ages = batch
    before = day_before(ages)
    days = torch.diff(ages, dim=1, append=ages[:, -1:])
    expected = (log_rates.logsumexp(-1).exp() * days).numpy()
    observed = (predicted[tokens] & (before >= 0)).numpy()
    began = ages.gather(1, before.clamp(min=0))
    found = np.zeros((2, len(tokens), N_BANDS))
    for which, age, each in zip(found, (began, ages), (observed, expected), strict=True):
        np.add.at(which, (np.arange(len(tokens))[:, None], band_of(age.numpy())), each)
    return found[0], found[1]


def _by_band(counted: Counted, sex: int) -> tuple[tuple[float, float], ...]:
    of_sex = counted.sex == sex
    both = (each[of_sex].sum(0).tolist() for each in (counted.observed, counted.expected))
    return tuple(zip(*both, strict=True))


def _joined(each: Sequence[Rows]) -> Rows:
    """Put the rows of several together; what they are about is the same."""
    names = {field.name for field in fields(each[0])} - {"codes", "death"}
    rows: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in each]) for name in names
    }
    return replace(each[0], **rows)
