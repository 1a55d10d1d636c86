"""Records to risks, and to futures where they are drawn, for `epione risk life`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from epione.medicine.life import HORIZONS_YEARS, LifeAnswer
from epione.timeline.told import YEAR_DAYS
from epione_cli.life_lines import Asked, Refused
from epione_inference.lives import Futures, Life, LifeModel, answers_of, futures_of

UNCALIBRATED = "futures are drawn by rates that are not calibrated"
INVENTED = "for demonstration: the model's cohort is invented, it tells of no people"

Chance = tuple[float, float]  # of a future, and its Monte-Carlo error


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of every life; without codes, what a plan would tell."""

    codes: tuple[int, ...] = ()
    futures: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What the model says of one line, and the chances of each outcome by horizon, if drawn."""

    asked: Asked
    answer: LifeAnswer
    is_planted: bool  # the model learnt from a cohort that is invented
    futures: Mapping[str, tuple[Chance, ...]] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Give what has to be known beside the answer."""
        invented = (INVENTED,) if self.is_planted else ()
        return (*invented, *self.asked.warnings, *((UNCALIBRATED,) if self.futures else ()))


def answered(
    model: LifeModel, lines: Sequence[Asked | Refused], wanted: Wanted
) -> list[Answered | Refused]:
    """Answer every line in order; all that can be answered is read in joined runs."""
    questions = [each.question for each in lines if isinstance(each, Asked)]
    answers = iter(answers_of(model, questions, wanted.codes))
    return [
        _with_futures(model, line, next(answers), number, wanted)
        if isinstance(line, Asked)
        else line
        for number, line in enumerate(lines)
    ]


def _with_futures(
    model: LifeModel, asked: Asked, answer: LifeAnswer, number: int, wanted: Wanted
) -> Answered:
    """Count in futures by each horizon; chance goes by the seed and the line's number alone."""
    life, _ = model.life_of(asked.question)
    if not wanted.futures or not answer.risks or not isinstance(life, Life):
        return Answered(asked, answer, model.is_planted)
    futures = _drawn(model, life, wanted, np.random.default_rng([wanted.seed, number]))
    by_name = model.vocabulary.by_name
    outcomes = [[by_name[code] for code in risk.codes] for risk in answer.risks]
    chances = [
        zip(*futures.chances(life.now_days + years * YEAR_DAYS, outcomes), strict=True)
        for years in HORIZONS_YEARS
    ]
    by_outcome = zip(answer.risks, zip(*chances, strict=True), strict=True)
    return Answered(
        asked,
        answer,
        model.is_planted,
        {
            risk.outcome: tuple((float(share), float(error)) for share, error in found)
            for risk, found in by_outcome
        },
    )


def _drawn(model: LifeModel, life: Life, wanted: Wanted, chance: np.random.Generator) -> Futures:
    """Draw the futures of a life until the last horizon."""
    left = model.left_by(life)
    return futures_of(
        wanted.futures,
        left.log_rates,
        lambda n: model.cascade(left, n).step,
        life.now_days,
        life.now_days + HORIZONS_YEARS[-1] * YEAR_DAYS,
        model.predicted,
        model.death,
        chance,
        float(life.ages_days[0]),
    )
