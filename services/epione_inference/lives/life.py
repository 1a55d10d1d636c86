"""A person's history as a model reads it: what is understood of it, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione.errors import MalformedEvent
from epione.timeline.told import longest_part, quiet_ages, with_quiet
from epione.timeline.vocabulary import PREDICTED, Kind, Vocabulary

SEXES: Mapping[str, str] = {"female": Vocabulary.FEMALE, "male": Vocabulary.MALE}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, by the code's name; the age is in days from birth."""

    code: str
    age_days: float


@dataclass(frozen=True, slots=True)
class Life:
    """Tokens by age in days, from birth until now, told as the model was taught."""

    ages_days: npt.NDArray[np.float64]
    tokens: npt.NDArray[np.int64]

    @property
    def now_days(self) -> float:
        """Give the age now."""
        return float(self.ages_days[-1])


class Codes:
    """The codes that a model knows, by their whole names or by what stands before the first space.

    So "J41 (simple and mucopurulent chronic bronchitis)" is J41 too, if no other code begins so.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        firsts = [name.split(" ")[0] for name in vocabulary.names]
        alone = {first: n for n, first in enumerate(firsts) if firsts.count(first) == 1}
        self._tokens = {**alone, **vocabulary.by_name}

    def token_of(self, code: str) -> int | None:
        """Give the token of a code that happens to people or is said of them, if it is known."""
        token = self._tokens.get(code)
        unsaid = (Kind.PADDING, Kind.NO_EVENT, Kind.SEX)
        is_said = token is not None and self.vocabulary.kinds[token] not in unsaid
        return token if is_said else None


def life_of(
    codes: Codes,
    sex: str | None,
    events: Sequence[Event],
    now_days: float,
    longest: int,
    *,
    from_birth: bool = True,
) -> tuple[Life, tuple[str, ...]]:
    """Tell a history to a model: give it, and the codes that it does not understand.

    It begins with sex, where that is known, is told "no event" every five years, and once now. Of
    one day, what no one predicts comes first, as in training.

    Args:
        longest: How many tokens are kept.
        from_birth: It begins at birth; else with its first event, as where a cohort is observed.

    Raises:
        MalformedEvent: The history contradicts itself.
    """
    _refuse_contradictions(codes, events, now_days)
    known = [(each, codes.token_of(each.code)) for each in events]
    not_understood = tuple(dict.fromkeys(each.code for each, token in known if token is None))
    of_sex = codes.vocabulary.by_name.get(SEXES.get(sex or "", ""))
    rows = [(each.age_days, token) for each, token in known if token is not None]
    begin = 0.0 if from_birth else min((age for age, _ in rows), default=now_days)
    rows = ([(begin, of_sex)] if of_sex is not None else []) + rows
    predicted = [codes.vocabulary.kinds[token] in PREDICTED for _, token in rows]
    ages = np.array([age for age, _ in rows])
    order = np.lexsort((np.array(predicted), ages))
    tokens = np.array([token for _, token in rows], np.int64)[order]
    quiet = quiet_ages(begin, now_days)
    ages, tokens = with_quiet(ages[order], tokens, np.append(quiet, now_days))
    kept = longest_part(ages, longest)
    return Life(ages[kept], tokens[kept]), not_understood


def _refuse_contradictions(codes: Codes, events: Iterable[Event], now_days: float) -> None:
    """Refuse what cannot be; ages are said, and nothing that names a person.

    Raises:
        MalformedEvent: See each message.
    """
    death = codes.vocabulary.of_kind(Kind.DEATH)
    died = min(
        (each.age_days for each in events if codes.token_of(each.code) in death), default=np.inf
    )
    for each in events:
        if each.age_days < 0:
            raise MalformedEvent(f"{each.code} at {each.age_days:g} days is before birth")
        if each.age_days > now_days:
            raise MalformedEvent(
                f"{each.code} at {each.age_days:g} days is after now, {now_days:g} days"
            )
        if each.age_days > died:
            raise MalformedEvent(
                f"{each.code} at {each.age_days:g} days is after death, {died:g} days"
            )
    if died <= now_days:
        raise MalformedEvent(f"the history ends with death at {died:g} days")
