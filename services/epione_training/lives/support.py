"""Of whom and of what a cohort holds enough for a model of it to speak."""

import numpy as np

from epione.timeline.vocabulary import PREDICTED
from epione_training.lives.cohort import Cohort

# This project's own choices, until a cohort with known truth has judged them.
EDGES = (1.0, 99.0)  # percentiles of the ages of events, between which the model speaks
FEWEST_CASES = 30  # of a code
FEWEST_EVENTS = 3  # that a history holds


def support_of(cohort: Cohort) -> dict[str, object]:
    """Give the facts by which a served model abstains, as JSON.

    `ages_days` are the youngest and the oldest age of which the cohort holds enough; `rare` the
    codes of which it holds fewer than `fewest_cases`; `fewest_events` what a history must hold.
    `from_birth` says whether most lives begin at birth, and not where observation does.
    """
    vocabulary = cohort.vocabulary
    predicted = np.isin(np.arange(len(vocabulary)), vocabulary.predicted)
    ages = np.concatenate([life.ages_days[predicted[life.tokens]] for life in cohort])
    youngest, oldest = np.percentile(ages, EDGES) if len(ages) else (0.0, 0.0)
    kinds = zip(vocabulary.names, vocabulary.kinds, cohort.counts, strict=True)
    begins = [life.ages_days[0] for life in cohort]
    return {
        "from_birth": bool(np.median(begins) == 0) if begins else True,
        "ages_days": [round(float(youngest)), round(float(oldest))],
        "fewest_events": FEWEST_EVENTS,
        "fewest_cases": FEWEST_CASES,
        "rare": [name for name, kind, n in kinds if kind in PREDICTED and n < FEWEST_CASES],
    }
