"""A record as a model reads it: told as in training, and what of it is not understood."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione.medicine.life import LifeQuestion, base_of
from epione.timeline.calibration import SEXES
from epione.timeline.tokens import Lived, NoLife, Omission, lived
from epione.timeline.told import longest_part, quiet_ages, with_quiet
from epione.timeline.vocabulary import NO_EVENT, Kind, Vocabulary

Ints = npt.NDArray[np.int64]
SAID = (Kind.EVENT, Kind.LIFESTYLE, Kind.GENOME)


@dataclass(frozen=True, slots=True)
class Life:
    """Tokens by age in days, until now, told as the model was taught."""

    ages_days: npt.NDArray[np.float64]
    tokens: Ints

    @property
    def now_days(self) -> float:
        """Give the age now."""
        return float(self.ages_days[-1])

    def quiet_until(self, until_days: float) -> "Life":
        """Give the life that goes on to an age, and of which nothing but time is told from now."""
        grid = quiet_ages(self.ages_days[0], until_days)
        later = grid[grid > self.now_days]
        tokens = np.concatenate([self.tokens, np.full(len(later), NO_EVENT)])
        return Life(np.concatenate([self.ages_days, later]), tokens)

    def without(self, left_out: npt.NDArray[np.bool_]) -> "Life":
        """Give the life without some of its tokens: it begins and ends when it did.

        Where nothing else stands at its first or last age, that age is told "no event", as `lived`
        tells a record.
        """
        ends = np.unique(self.ages_days[[0, -1]])
        bare = ends[~np.isin(ends, self.ages_days[~left_out])]
        return Life(*with_quiet(self.ages_days[~left_out], self.tokens[~left_out], bare))

    def sex(self, vocabulary: Vocabulary) -> int:
        """Give the place of the sex in `SEX_NAMES`; SEXES where the life does not say."""
        said = [vocabulary.by_name.get(name) in self.tokens for name in _NAMES]
        return said.index(True) if any(said) else SEXES

    def had(self, vocabulary: Vocabulary) -> int:
        """Count the different codes that happened."""
        return int(np.isin(vocabulary.predicted, self.tokens).sum())


_NAMES = (Vocabulary.FEMALE, Vocabulary.MALE)


def life_of(
    question: LifeQuestion, vocabulary: Vocabulary, longest: int, *, from_birth: bool
) -> tuple[Life | NoLife, tuple[str, ...]]:
    """Tell a record to a model: give its life, and what of it is not understood.

    Args:
        question: Its record.
        vocabulary: The model's.
        longest: How many tokens are kept.
        from_birth: Whether the model's lives begin at birth; else with the first entry.
    """
    told = lived(question.entries, vocabulary, question.now_days, from_birth=from_birth)
    if isinstance(told, NoLife):
        return told, ()
    life, cut = _as_taught(told, longest, vocabulary)
    return life, tuple(dict.fromkeys(_said(*each) for each in (*told.omitted, *cut)))


def _as_taught(
    told: Lived, longest: int, vocabulary: Vocabulary
) -> tuple[Life, list[tuple[Omission, str]]]:
    """Tell "no event" every five years, and cut what is too long, as `batches.py` does.

    What is cut is named without its range, time that went by is not named.
    """
    quiet = quiet_ages(float(told.ages_days[0]), float(told.ages_days[-1]))
    ages, tokens = with_quiet(told.ages_days.astype(np.float64), told.tokens, quiet)
    kept = longest_part(ages, tokens, longest, vocabulary.predicted)
    cut = [base_of(vocabulary.names[each]) for each in tokens[~kept] if each != NO_EVENT]
    return Life(ages[kept], tokens[kept]), [(Omission.TOO_MUCH, name) for name in cut]


def _said(why: Omission, name: str) -> str:
    return name if why is Omission.UNKNOWN_CODE else f"{name} ({why})"
