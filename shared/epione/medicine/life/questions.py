"""A patient's record as a question to a model of a life."""

from epione.medicine.life.asked import LifeQuestion
from epione.timeline import Genome, History
from epione.timeline.age import age_days
from epione.timeline.names import IngredientOf
from epione.timeline.tokens import Entry, NoLife, entries_of


def question_of(history: History, genome: Genome, ingredient_of: IngredientOf) -> LifeQuestion:
    """Ask about a record as of its time; in what order it states things is no part of it."""
    entries = entries_of(history, genome, ingredient_of)
    if isinstance(entries, NoLife) or history.demographics is None:
        return LifeQuestion((), 0, str(entries))
    now_days = age_days(history.demographics.value.birth_date, history.now.date())
    return LifeQuestion(tuple(sorted(entries, key=_place)), now_days or 0)


def _place(entry: Entry) -> tuple[float, str, str, float, str, str, str]:
    """Place an entry; what has no age comes first, what has no number before what has one."""
    age = -1e9 if entry.age_days is None else entry.age_days
    value = float("-inf") if entry.value is None else entry.value
    return age, entry.name, entry.kind, value, entry.unit, entry.event_id, entry.words
