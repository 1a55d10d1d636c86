"""What a model of a life is asked about a record, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from epione.timeline.tokens import Entry

# What PREVENT foresees, as near as categories of ICD-10-CM come: this project's reading of the
# definitions in Khan et al. 2024, Circulation 149:430, doi:10.1161/CIRCULATIONAHA.123.067626.
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "heart_failure": ("ICD10CM/I50",),
    "stroke": ("ICD10CM/I61", "ICD10CM/I63"),
    "chd": ("ICD10CM/I21",),
}
HAD = "it is on the record; the model foretells the first only"


@dataclass(frozen=True, slots=True)
class LifeQuestion:
    """A record as a model of a life reads it. Equal ones are answered alike."""

    entries: tuple[Entry, ...]
    now_days: int  # age
    none: str = ""  # why there is no life to ask about: a `NoLife`


@dataclass(frozen=True, slots=True)
class Mover:
    """Something of the history that moved a risk: the rate with it over the rate without."""

    name: str  # the token's
    age_days: int
    times: float


@dataclass(frozen=True, slots=True)
class LifeRisk:
    """The risk of an outcome before death, calibrated, by horizon; all but times are 0 to 1.

    `parts` are by the last horizon, each with what stands before it: "age and sex", "lifts",
    "transformer", "genome" where one was read, "meanwhile" (what may happen until then) and
    "calibration". The last is `risks[-1]`; those before it are as the model says them: ratios are
    fitted to the whole, and to no part.
    """

    outcome: str  # a code as vocabularies name it, or an outcome of PREVENT ("stroke")
    codes: tuple[str, ...]  # any of which counts: one for a code, several for an outcome
    horizons_years: tuple[int, ...]
    risks: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]  # 90 %
    parts: tuple[tuple[str, float], ...]
    genome_times: float | None  # the rate with the genome over that without; None: none was read
    moved_by: tuple[Mover, ...]  # the strongest first, by |log times|


@dataclass(frozen=True, slots=True)
class LifeAnswer:
    """What a model says of one record, or why it does not speak of the person (`refused`)."""

    refused: str = ""
    risks: tuple[LifeRisk, ...] = ()
    silent: Mapping[str, str] = field(default_factory=dict)  # outcomes not spoken of, and why
    not_understood: tuple[str, ...] = ()  # names of entries outside the vocabulary


@dataclass(frozen=True, slots=True)
class LifeCard:
    """What is cited of a model's card."""

    version: str
    reference: str  # where the card is to be read
    made_on: str  # ISO 8601 date, "" where the card does not say
    is_planted: bool  # it learnt from a cohort that is invented
    reads_genomes: bool


@dataclass(frozen=True, slots=True)
class ServedLife:
    """A model of a life that is served: its answers to what was asked ahead, and its card."""

    answer: Callable[[LifeQuestion], LifeAnswer]
    card: LifeCard
