"""Why a risk is what it is: its parts, what moved it, and what the genome adds.

What moved it is found by leaving out: each event of the history in turn, and the whole genome, all
in one batch. A difference is that of the answer with it less the answer without it. Two events that
say the same hide each other so: without either the other still speaks. Of a model in eight bits,
what moved a log rate by less than some 0.04 is noise (tests/benchmarks/README.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione.timeline.vocabulary import Kind
from epione_inference.lives.analytic import risks_within
from epione_inference.lives.life import Life
from epione_inference.lives.model import LifeModel

SAID = (Kind.EVENT, Kind.LIFESTYLE, Kind.GENOME)


@dataclass(frozen=True, slots=True)
class Moved:
    """How much something moved a log rate, and the risk within the horizon."""

    code: str
    age_days: float
    log_rate: float
    risk: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """What moved one code's risk, the strongest first; without a genome there is none of it."""

    events: tuple[Moved, ...]
    genome: Moved | None


def reasons_for(
    model: LifeModel, life: Life, codes: Sequence[int], within_days: float
) -> list[Reasons]:
    """Explain the risks of codes that may still happen, in order."""
    kinds = np.array(model.vocabulary.kinds)[life.tokens]
    places = np.flatnonzero(np.isin(kinds, SAID))
    is_genome = kinds == Kind.GENOME
    left_out = [np.arange(len(kinds)) == place for place in places]
    if is_genome.any():
        left_out.append(is_genome)
    lives = [life, *(_without(life, each) for each in left_out)]
    rates = model.read(lives).log_rates
    risks = risks_within(within_days, rates, model.death)
    log_rates, risk = (each[0] - each[1:] for each in (rates, risks))

    def moved(row: int, code: int, name: str, age_days: float) -> Moved:
        return Moved(name, age_days, float(log_rates[row, code]), float(risk[row, code]))

    found = []
    for code in codes:
        events = [
            moved(row, code, model.vocabulary.names[life.tokens[place]], life.ages_days[place])
            for row, place in enumerate(places)
        ]
        of_genome = moved(len(places), code, "genome", 0.0) if is_genome.any() else None
        strongest = sorted(events, key=lambda each: -abs(each.log_rate))
        found.append(Reasons(tuple(strongest), of_genome))
    return found


def _without(life: Life, left_out: npt.NDArray[np.bool_]) -> Life:
    return Life(life.ages_days[~left_out], life.tokens[~left_out])
