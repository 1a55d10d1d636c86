"""A world that is planted: lives drawn from hazards and effects that are known, and invented.

What happens to a person happens once, at a rate that goes by sex and whole years of age, times what
each earlier code, habit and gene adds, and a medicine by a gene: a lasting effect, and of codes a
recent one that fades year by year; and times what numbers such as a pressure add, which a life has
whether they are measured or not. Between two birthdays and two events rates stand still, so lives
are drawn exactly. `planted.toml` holds the world; nothing in it was measured.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from epione.errors import MalformedCohort
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import NO_EVENT, Kind, Vocabulary
from epione_training.cohorts.mapped import ABOUT
from epione_training.cohorts.meds_format import DATASET
from epione_training.cohorts.told import PLANTED
from epione_training.lives.cohort import Floats, Ints
from epione_training.lives.delphi import BINARY, GENOME, LABELS, LIFESTYLE
from epione_training.lives.world import OLDEST_YEARS, World, world_of

TRUTH = "truth.json"
DEATH = "DEATH"  # as `epione.timeline` names it
YOUNGEST_YEARS = 1.0  # at which a life may cease to be followed
GROWN_YEARS = (20, 30)  # between which habits are said


@dataclass(frozen=True)
class Rows:
    """A cohort's rows, in Delphi's order; tokens are the vocabulary's."""

    patients: Ints
    ages_days: Ints
    tokens: Ints


def planted() -> Mapping[str, Any]:
    """Give the world that comes with the project, as it is written."""
    text = files(__package__).joinpath("planted.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def simulate(written: Mapping[str, Any], n_lives: int, seed: int, into: Path) -> Rows:
    """Draw lives, and write them and their world into a folder."""
    world = world_of(written)
    rows = drawn(world, n_lives, np.random.default_rng(seed))
    into.mkdir(parents=True, exist_ok=True)
    table = np.stack([rows.patients, rows.ages_days, rows.tokens - 1], 1).astype(np.uint32)
    (into / BINARY).write_bytes(table.tobytes())
    (into / LABELS).write_text("\n".join(_marked(world.vocabulary)) + "\n", encoding="utf-8")
    about = {"planted, not measured": True, "lives": n_lives, "seed": seed, "world": written}
    (into / TRUTH).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return rows


def read_world(truth: Path) -> World:
    """Read the world of a folder that `simulate` wrote.

    Raises:
        MalformedCohort: The file cannot be read, or holds no world.
    """
    return world_of(_written_in(truth))


def planted_version(folder: Path) -> str:
    """Name the world that a folder's cohort was drawn from; "" if it was drawn from none.

    Either the world lies there, or the folder was made by `epione cohort`, which passes it on.

    Raises:
        MalformedCohort: What lies there cannot be read.
    """
    if (folder / TRUTH).exists():
        return version_of(_written_in(folder / TRUTH))
    for file in (folder / ABOUT, folder / DATASET):
        if file.exists():
            return _passed_on(file)
    return ""


def _passed_on(about: Path) -> str:
    try:
        return str(json.loads(about.read_text(encoding="utf-8")).get(PLANTED, ""))
    except (OSError, ValueError, AttributeError) as fault:
        raise MalformedCohort(f"{about} cannot be read: {fault}") from fault


def version_of(written: Mapping[str, Any]) -> str:
    """Name a world by its version, and by a digest of all that it says."""
    digest = hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
    return f"{written['version']}, {digest[:12]}"


def _written_in(truth: Path) -> Mapping[str, Any]:
    try:
        written: Mapping[str, Any] = json.loads(truth.read_text(encoding="utf-8"))["world"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise MalformedCohort(f"{truth} holds no planted world: {fault}") from fault
    return written


def drawn(world: World, n_lives: int, chance: np.random.Generator) -> Rows:
    """Draw lives from birth to death, or to the age at which they cease to be followed."""
    begun = _Begun.of(world, n_lives, chance)
    pieces = [*begun.birth(world, chance), *_lived(world, begun, chance)]
    persons, ages, tokens = (np.concatenate(column) for column in zip(*pieces, strict=True))
    died = np.isin(np.arange(n_lives), persons[tokens == world.vocabulary.by_name[DEATH]])
    left = np.flatnonzero(~died)
    persons = np.concatenate([persons, left])
    ages = np.concatenate([ages, begun.until_days[left]])
    tokens = np.concatenate([tokens, np.full(len(left), NO_EVENT)])
    order = np.lexsort((ages, persons))  # stable: what was drawn first comes first
    until = begun.until_days[persons]
    days = np.minimum(np.ceil(ages), np.floor(until)).astype(np.int64)
    return Rows(persons[order] + 1, days[order], tokens[order])


Piece = tuple[Ints, Floats, Ints]  # persons, ages in days, tokens


@dataclass(frozen=True)
class _Begun:
    """What is settled at birth; each (n_lives,), or (n_lives, groups)."""

    male: Ints
    genes: Ints
    habits: Ints
    habits_years: Ints
    deviations: Floats  # of each measurement
    measured_years: Ints  # of the first time
    until_days: Floats

    @classmethod
    def of(cls, world: World, n: int, chance: np.random.Generator) -> "_Begun":
        (apart,) = chance.spawn(1)  # so that numbers change nothing else that is drawn
        return cls(
            male=(chance.random(n) < world.male).astype(np.int64),
            genes=_chosen(world, world.genes, n, chance),
            habits=_chosen(world, world.habits, n, chance),
            habits_years=_years(GROWN_YEARS, world.lifestyle_known, n, chance),
            deviations=apart.standard_normal((n, len(world.measurements))),
            measured_years=_years(world.first_years, world.measured, n, apart),
            until_days=YEAR_DAYS * chance.triangular(YOUNGEST_YEARS, OLDEST_YEARS, OLDEST_YEARS, n),
        )

    def birth(self, world: World, chance: np.random.Generator) -> Iterator[Piece]:
        """Give the tokens of the first day."""
        everyone = np.arange(len(self.male))
        sexes = [world.vocabulary.by_name[name] for name in (Vocabulary.FEMALE, Vocabulary.MALE)]
        yield everyone, np.zeros(len(everyone)), np.array(sexes)[self.male]
        known = np.flatnonzero(chance.random(len(everyone)) < world.genome_known)
        for tokens in self.genes.T:
            yield known, np.zeros(len(known)), tokens[known]


def _lived(world: World, begun: _Begun, chance: np.random.Generator) -> Iterator[Piece]:
    """Draw what happens, year by year of age."""
    n, width = len(begun.male), len(world.vocabulary)
    lasting, recent = world.lasting[begun.genes].sum(1), np.zeros((n, width), np.float32)
    for measurement, deviations in zip(world.measurements, begun.deviations.T, strict=True):
        lasting += np.outer(deviations, measurement.effect).astype(np.float32)
    may = np.ones((n, width), bool)  # still happen
    death = world.vocabulary.by_name[DEATH]
    for year in range(OLDEST_YEARS):
        living = np.flatnonzero(may[:, death] & (begun.until_days > year * YEAR_DAYS))
        grown = living[begun.habits_years[living] == year]
        for tokens in begun.habits[grown].T:
            lasting[grown] += world.lasting[tokens]
            yield grown, np.full(len(grown), year * YEAR_DAYS), tokens
        since = year - begun.measured_years[living]
        seen = living[(since >= 0) & (since % world.again_years == 0)]
        for measurement, deviations in zip(world.measurements, begun.deviations.T, strict=True):
            tokens = measurement.token_of(deviations[seen], begun.male[seen], year)
            yield seen, np.full(len(seen), year * YEAR_DAYS), tokens
        end = np.minimum((year + 1) * YEAR_DAYS, begun.until_days[living])
        now = np.full(len(living), year * YEAR_DAYS)
        while len(living):
            log_rates = world.base[begun.male[living], year] + lasting[living] + recent[living]
            upto = np.cumsum(np.where(may[living], np.exp(log_rates), 0), 1, dtype=np.float64)
            now = now + chance.exponential(size=len(living)) / upto[:, -1]
            hit = now < end
            living, now, end, upto = living[hit], now[hit], end[hit], upto[hit]
            drawn_at = chance.random(len(living))[:, None] * upto[:, -1:]
            tokens = (upto <= drawn_at).sum(1)
            yield living, now, tokens
            lasting[living] += world.lasting[tokens]
            for pair in world.pairs:
                took = living[tokens == pair.medicine]
                lasting[took[(begun.genes[took] == pair.level).any(1)]] += pair.effect
            recent[living] += world.recent[tokens]
            may[living, tokens] = False
            alive = tokens != death
            living, now, end = living[alive], now[alive], end[alive]
        recent *= np.float32(np.exp(-1 / world.recent_years))


def _chosen(world: World, groups: tuple[Ints, ...], n: int, chance: np.random.Generator) -> Ints:
    """Choose one token of each group by its share: (n, groups)."""
    columns = [chance.choice(group, n, p=world.share[group]) for group in groups]
    return np.stack(columns, 1)


def _years(between: tuple[int, int], share: float, n: int, chance: np.random.Generator) -> Ints:
    """Choose a year of age for a share of lives, and one that nobody reaches for the others."""
    years: Ints = chance.integers(*between, n)
    return years + np.where(chance.random(n) < share, 0, 2 * OLDEST_YEARS)


def _marked(vocabulary: Vocabulary) -> list[str]:
    marks = {Kind.GENOME: GENOME, Kind.LIFESTYLE: LIFESTYLE}
    rows = zip(vocabulary.names, vocabulary.kinds, strict=True)
    return [marks.get(kind, "") + name for name, kind in rows]
