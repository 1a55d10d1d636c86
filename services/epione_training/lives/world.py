"""The world of a planted cohort, as it is written in `planted.toml`, and as arrays by token.

What is true of every life: rates by sex and age, what each code, habit, gene and number adds to
them, and a medicine by a gene, and how much of it is known of whom.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from epione.errors import MalformedCohort
from epione.timeline.risk_within import NO_RATE
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import Vocabulary, range_names
from epione_training.lives.cohort import Floats, Ints
from epione_training.lives.delphi import GENOME, LIFESTYLE, vocabulary_from

AGE_OF_SHAPES = 50.0  # years, at which a code's rate is written down
OLDEST_YEARS = 95

Single = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Measurement:
    """A number that a life has, so many standard deviations from what is usual of sex and age."""

    tokens: Ints  # of its ranges
    edges: Floats
    usual: Floats  # (2,), of women and men of `AGE_OF_SHAPES`
    by_ten_years: Floats  # (2,), what age adds to it
    spread: float  # a standard deviation
    effect: Single  # (n_tokens,), log, of one standard deviation more

    def usual_at(self, male: Ints, years: Ints) -> Floats:
        """Give what is usual, by sex and years of age."""
        aged = (years - AGE_OF_SHAPES) / 10
        usual: Floats = self.usual[male] + self.by_ten_years[male] * aged
        return usual

    def token_of(self, deviations: Floats, male: Ints, years: int) -> Ints:
        """Give the ranges in which lives are measured at an age."""
        numbers = self.usual_at(male, np.array(years)) + self.spread * deviations
        return self.tokens[np.searchsorted(self.edges, numbers, "right")]


@dataclass(frozen=True)
class Pair:
    """What a medicine adds in those of a level of a gene, from when it was first taken on."""

    level: int
    medicine: int
    effect: Single  # (n_tokens,), log, which lasts


@dataclass(frozen=True)
class World:
    """What is true of every life; arrays go by token."""

    vocabulary: Vocabulary
    version: str
    base: Single  # (2, OLDEST_YEARS, n_tokens), log rate a day of women and men by age
    lasting: Single  # (n_tokens, n_tokens), log effect on the column's code
    recent: Single  # the same, of the year of age in which the row's code came
    recent_years: float  # in which a recent effect falls to 1/e
    share: Floats  # (n_tokens,), of lives, of habits and genomes
    habits: tuple[Ints, ...]  # tokens of which a life has one
    genes: tuple[Ints, ...]
    pairs: tuple[Pair, ...]
    measurements: tuple[Measurement, ...]
    measured: float  # share of lives
    first_years: tuple[int, int]  # between which a life is first measured
    again_years: int  # until it is so again
    male: float  # shares of lives
    genome_known: float
    lifestyle_known: float


def world_of(written: Mapping[str, Any]) -> World:
    """Read a world.

    Raises:
        MalformedCohort: It is not written as one.
    """
    try:
        return _world_of(written)
    except (KeyError, TypeError, ValueError) as fault:
        raise MalformedCohort(f"this does not describe a planted world: {fault}") from fault


def _world_of(written: Mapping[str, Any]) -> World:
    habits = {habit: list(said) for habit, said in written["lifestyles"].items()}
    genes = {
        gene: [f"{gene}/{level}" for level in levels] for gene, levels in written["genome"].items()
    }
    codes = {_name(titled): shape for titled, shape in written["codes"].items()}
    ranges = {
        titled: range_names(_name(titled), of["unit"], of["edges"])
        for titled, of in written["measurements"].items()
    }
    vocabulary = vocabulary_from(
        (
            *("Padding", "No event", Vocabulary.FEMALE, Vocabulary.MALE),
            *(LIFESTYLE + name for names in habits.values() for name in names),
            *(LIFESTYLE + name for names in ranges.values() for name in names),
            *(GENOME + name for names in genes.values() for name in names),
            *codes,
        )
    )
    token, n = vocabulary.by_name, len(vocabulary)
    lasting, recent = np.zeros((2, n, n), np.float32)
    for had, effects in written["effects"].items():
        for titled, (lasts, fades) in effects.items():
            pair = token[_name(had)], token[_name(titled)]
            lasting[pair], recent[pair] = lasts, fades
    share, pairs = np.zeros(n), []
    for section, groups in (("lifestyles", habits), ("genome", genes)):
        for group, names in groups.items():
            for name, of in zip(names, written[section][group].values(), strict=True):
                share[token[name]] = of["share"]
                for titled, lasts in of.get("effects", {}).items():
                    lasting[token[name], token[_name(titled)]] = lasts
                if section != "genome" and "with" in of:
                    raise ValueError(f'{name} has effects "with" a medicine, and is no gene')
                for medicine, effects in of.get("with", {}).items():
                    effect = np.zeros(n, np.float32)
                    effect[[token[_name(titled)] for titled in effects]] = [*effects.values()]
                    pairs.append(Pair(token[name], token[_name(medicine)], effect))
    tokens = np.array([token[name] for name in codes])
    measurements = tuple(
        _measurement(written["measurements"][titled], names, token)
        for titled, names in ranges.items()
    )
    base = _base(np.array(list(codes.values())), tokens, n)
    for measurement in measurements:
        base -= measurement.effect**2 / 2  # so that the mean of what it makes of a rate is one
    measured = written["measured"]
    return World(
        vocabulary,
        written["version"],
        base,
        lasting,
        recent,
        float(written["recent_years"]),
        share,
        tuple(np.array([token[name] for name in names]) for names in habits.values()),
        tuple(np.array([token[name] for name in names]) for names in genes.values()),
        tuple(pairs),
        measurements,
        float(measured["share"]),
        tuple(measured["first_years"]),
        int(measured["again_years"]),
        **written["shares"],
    )


def _measurement(
    of: Mapping[str, Any], ranges: tuple[str, ...], token: Mapping[str, int]
) -> Measurement:
    effect = np.zeros(len(token), np.float32)
    for titled, lasts in of["effects"].items():
        effect[token[_name(titled)]] = lasts
    return Measurement(
        np.array([token[name] for name in ranges]),
        np.array(of["edges"], float),
        np.array(of["usual"], float),
        np.array(of["by_ten_years"], float),
        float(of["spread"]),
        effect,
    )


def _name(titled: str) -> str:
    return titled.split(" ")[0]


def _base(shapes: Floats, tokens: Ints, n_tokens: int) -> Single:
    """Give log rates a day by sex and year of age, each at the year's middle."""
    rate, growth, curve, male = shapes.T
    by_ten = ((np.arange(OLDEST_YEARS) + 0.5 - AGE_OF_SHAPES) / 10)[:, None]
    of_women = np.log(rate / 1000 / YEAR_DAYS) + growth * by_ten + curve * by_ten**2
    base = np.full((2, OLDEST_YEARS, n_tokens), NO_RATE, np.float32)
    base[0][:, tokens] = of_women
    base[1][:, tokens] = of_women + male
    return base
