"""What of a history moves a rate: each token left out in turn, all of several lives in joined runs.

How much something moves is the rate with it over the rate without. Two events that say the same
hide each other so: without either the other still speaks. Of a model in eight bits, what moved a
log rate by less than some 0.04, to 0.96 or 1.04 times, is noise (tests/benchmarks/README.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epione.medicine.life import Mover
from epione.timeline.risk_within import Floats, rates_of
from epione.timeline.vocabulary import Vocabulary
from epione_inference.lives.life import SAID, Ints, Life
from epione_inference.lives.model import LifeModel

MOST_MOVERS = 5  # of a risk


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The rates now of one life without each of what it says, in turn."""

    places: Ints  # (n,), of tokens
    rates: Floats  # (n, n_tokens), a day


def left_out_of(model: LifeModel, lives: Sequence[Life]) -> list[LeftOut]:
    """Leave out of each life what it says, one token at a time."""
    kinds = np.array(model.vocabulary.kinds)
    places = [np.flatnonzero(np.isin(kinds[life.tokens], SAID)) for life in lives]
    shorter = [
        life.without(np.arange(len(life.tokens)) == place)
        for life, each in zip(lives, places, strict=True)
        for place in each
    ]
    rates = rates_of(model.read(shorter).log_rates[:, 0])
    ends = np.cumsum([len(each) for each in places], dtype=np.int64)
    return [LeftOut(*each) for each in zip(places, np.split(rates, ends)[:-1], strict=True)]


def movers_of(
    life: Life, rates: Floats, left_out: LeftOut, codes: Sequence[int], vocabulary: Vocabulary
) -> tuple[Mover, ...]:
    """Give what moved the rate of any of some codes, the strongest first.

    Args:
        life: Whose history it is.
        rates: (n_tokens,), that hold now.
        left_out: Of the same life.
        codes: That may still happen.
        vocabulary: The model's.
    """
    times = rates[list(codes)].sum() / left_out.rates[:, list(codes)].sum(-1)
    strongest = np.argsort(-np.abs(np.log(times)), kind="stable")[:MOST_MOVERS]
    return tuple(
        Mover(vocabulary.names[life.tokens[place]], int(life.ages_days[place]), float(times[n]))
        for n, place in ((n, left_out.places[n]) for n in strongest)
    )
