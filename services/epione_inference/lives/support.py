"""Whether a model may speak: of this person, and of this code."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import PREDICTED, Vocabulary
from epione_inference.lives.life import Life


class Support(BaseModel):
    """Of whom and of what the model's cohort held enough, as its training says."""

    model_config = ConfigDict(frozen=True)

    from_birth: bool = Field(description="Lives begin at birth, else where observation does")
    ages_days: tuple[float, float]
    fewest_events: int = Field(description="What a history must hold")
    fewest_cases: int = Field(description="Of a code, in the cohort")
    rare: frozenset[str] = Field(description="Codes with fewer")


def refusal_of(life: Life, vocabulary: Vocabulary, support: Support | None) -> str:
    """Say why the model does not speak of a life; nothing where it does.

    A history without any event is too little for every model.
    """
    happens = [token for token, kind in enumerate(vocabulary.kinds) if kind in PREDICTED]
    n = int(np.isin(life.tokens, happens).sum())
    fewest = max(1, support.fewest_events if support else 1)
    if n < fewest:
        return f"not enough history: {n} events that the model understands, of at least {fewest}"
    if support is None:
        return ""
    youngest, oldest = (days / YEAR_DAYS for days in support.ages_days)
    age = life.now_days / YEAR_DAYS
    if not youngest <= age <= oldest:
        return f"age {age:.1f} is outside {youngest:.1f} to {oldest:.1f}, of which the cohort told"
    return ""


def refusal_of_code(code: str, support: Support | None) -> str:
    """Say why the model does not speak of a code; nothing where it does."""
    if support is None or code not in support.rare:
        return ""
    return f"the cohort held fewer than {support.fewest_cases} cases"
