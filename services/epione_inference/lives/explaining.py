"""What of a history moves a rate: each code left out in turn, all of several lives in joined runs.

A code is left out wherever it stands, and a measurement with all its ranges: without it is what a
clinician means. How much something moves is the rate with it over the rate without. Two that say
the same hide each other so: without either the other still speaks. Of a life with more than
MOST_LEFT_OUT codes these are left out: those that are predicted before the others, the latest
first; of the rest it is not known what they move. Of a model in eight bits, what moved a log rate
by less than some 0.04, to 0.96 or 1.04 times, is noise (tests/benchmarks/README.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epione.medicine.life import Mover, base_of
from epione.timeline.risk_within import Floats, rates_of
from epione.timeline.vocabulary import PREDICTED, Vocabulary
from epione_inference.lives.life import SAID, Ints, Life
from epione_inference.lives.model import LifeModel

MOST_MOVERS = 5  # of a risk
MOST_LEFT_OUT = 32  # codes of a life; each is a run over the whole of it


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The rates now of one life without each code that it says, in turn."""

    places: Sequence[Ints]  # of each code's tokens, ascending
    rates: Floats  # (n, n_tokens), a day


def left_out_of(model: LifeModel, lives: Sequence[Life]) -> list[LeftOut]:
    """Leave out of each life what it says, one code at a time."""
    places = [_places_of_codes(life, model.vocabulary) for life in lives]
    shorter = [
        life.without(np.isin(np.arange(len(life.tokens)), of))
        for life, each in zip(lives, places, strict=True)
        for of in each
    ]
    rates = rates_of(model.read(shorter).log_rates[:, 0])
    ends = np.cumsum([len(each) for each in places], dtype=np.int64)
    return [LeftOut(*each) for each in zip(places, np.split(rates, ends)[:-1], strict=True)]


def _places_of_codes(life: Life, vocabulary: Vocabulary) -> Sequence[Ints]:
    """Give where each code stands that is to be left out."""
    by_code: dict[str, list[int]] = {}
    for place, token in enumerate(life.tokens):
        if vocabulary.kinds[token] in SAID:
            by_code.setdefault(base_of(vocabulary.names[token]), []).append(place)

    def matters(places: Sequence[int]) -> tuple[bool, int]:
        return vocabulary.kinds[life.tokens[places[-1]]] in PREDICTED, places[-1]

    chosen = sorted(by_code.values(), key=matters, reverse=True)[:MOST_LEFT_OUT]
    return [np.array(each) for each in chosen]


def movers_of(
    life: Life, rates: Floats, left_out: LeftOut, codes: Sequence[int], vocabulary: Vocabulary
) -> tuple[Mover, ...]:
    """Give what moved the rate of any of some codes, the strongest first, at its first age.

    A measurement is named by its range where all its values lie in one.

    Args:
        life: Whose history it is.
        rates: (n_tokens,), that hold now.
        left_out: Of the same life.
        codes: That may still happen.
        vocabulary: The model's.
    """
    times = rates[list(codes)].sum() / left_out.rates[:, list(codes)].sum(-1)
    strongest = np.argsort(-np.abs(np.log(times)), kind="stable")[:MOST_MOVERS]
    return tuple(_mover(life, left_out.places[n], float(times[n]), vocabulary) for n in strongest)


def _mover(life: Life, places: Ints, times: float, vocabulary: Vocabulary) -> Mover:
    names = {vocabulary.names[token] for token in life.tokens[places]}
    name = names.pop() if len(names) == 1 else base_of(names.pop())
    return Mover(name, int(life.ages_days[places[0]]), times)
