"""Whether a model serves groups of people differently, and whether that may be chance.

A group is held against everyone else whose sex is known. Of areas only what both sides have is
compared: the same code at the same sex and age, but for what tells the groups apart. Errors are by
person (`horizons.py`), and of observed over expected events those of a ratio of sums over lives.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from epione.timeline.calibration import BAND_YEARS, N_BANDS, SEX_NAMES, SEXES
from epione_training.lives.cohort import Floats, Ints
from epione_training.lives.genome import Estimate
from epione_training.lives.horizons import Block, Mask, Stood, blocks_of, known_areas, weighed

# This project's own choices: of one year are few cases, of ten many lives are not followed so long.
WITHIN_YEARS = 5
# Cases, and others, of a code, sex and age on each side: with 10 of one code 6 to 7 % of gaps that
# are chance are told as more, with 20 5 %, and with the 2 that an area needs 18 %.
FEWEST_CASES = 10
FEWEST_EXPECTED = 100.0  # events on either side
GENOME_NAMES = ("read", "not read")


@dataclass(frozen=True)
class Counted:
    """Events of each life, and how many the rates expect."""

    sex: Ints  # (n,), as `sex_of`
    with_genome: Mask  # (n,)
    observed: Floats  # (n, N_BANDS), by ten years of age
    expected: Floats  # (n, N_BANDS)


@dataclass(frozen=True)
class Group:
    """What holds in a group, and by how much it is above what holds in the others.

    None stands where one side has too few events to tell.
    """

    lives: int
    auc: Estimate | None  # within `WITHIN_YEARS`, of what both sides have
    auc_difference: Estimate | None
    observed_expected: Estimate | None
    observed_expected_difference: Estimate | None


def may_be_chance(difference: Estimate) -> bool:
    """Say whether 95 % of what chance does is as large: of twenty such, one is told as more."""
    return abs(difference.value) <= 1.96 * difference.error


def groups_of(stood: Stood, counted: Counted) -> Mapping[str, Mapping[str, Group]]:
    """Hold each sex, each ten years of age, and who has a genome against the others.

    Genomes are there where some lives have one and some do not.
    """
    blocks = blocks_of(stood, WITHIN_YEARS, fewest=FEWEST_CASES)
    found = {
        "sex": dict(_sexes(blocks, stood, counted)),
        "age": dict(_ages(blocks, stood, counted)),
    }
    if 0 < counted.with_genome.sum() < len(counted.sex):
        found["genome"] = dict(_genomes(stood, counted))
    return found


def _sexes(blocks: list[Block], stood: Stood, counted: Counted) -> Iterator[tuple[str, Group]]:
    for sex, name in enumerate(SEX_NAMES):
        own = [block.sex == sex for block in blocks]
        alike = [(block.age,) for block in blocks]
        meant = np.repeat((counted.sex == sex)[:, None], N_BANDS, 1)
        yield name, _group(_Compared(blocks, own, alike), stood, counted, meant)


def _ages(blocks: list[Block], stood: Stood, counted: Counted) -> Iterator[tuple[str, Group]]:
    for band in range(N_BANDS):
        own = [block.age // BAND_YEARS == band for block in blocks]
        alike = [(block.sex,) for block in blocks]
        meant = np.broadcast_to(np.arange(N_BANDS) == band, counted.expected.shape)
        yield band_name(band), _group(_Compared(blocks, own, alike), stood, counted, meant)


def _genomes(stood: Stood, counted: Counted) -> Iterator[tuple[str, Group]]:
    has = counted.with_genome
    both = [
        blocks_of(stood, WITHIN_YEARS, side[stood.person], FEWEST_CASES) for side in (has, ~has)
    ]
    blocks = [block for side in both for block in side]
    alike = [(block.sex, block.age) for block in blocks]
    for n, (name, side) in enumerate(zip(GENOME_NAMES, (has, ~has), strict=True)):
        own = [n == m for m, blocks_there in enumerate(both) for _ in blocks_there]
        meant = np.repeat(side[:, None], N_BANDS, 1)
        yield name, _group(_Compared(blocks, own, alike), stood, counted, meant)


def band_name(band: int) -> str:
    """Name ten years of age.

    >>> band_name(4)
    '40 to 49'
    """
    return f"{BAND_YEARS * band} to {BAND_YEARS * band + BAND_YEARS - 1}"


@dataclass(frozen=True)
class _Compared:
    """Blocks, which of them are a group's own, and what is the same where they are compared."""

    blocks: Sequence[Block]
    own: Sequence[bool]
    alike: Sequence[tuple[int, ...]]

    def weights(self, diseases: Mask) -> tuple[Floats, Floats] | None:
        """Weigh each code and place alike that both sides have: of the group, and of the others."""
        known = known_areas(self.blocks) & diseases
        weights = np.zeros((2, *known.shape))
        for place in set(self.alike):
            there = np.array([each == place for each in self.alike])
            sides = [
                known & (there & (np.array(self.own) == own))[:, None] for own in (True, False)
            ]
            both = sides[0].any(0) & sides[1].any(0)
            weights += [side * both / np.maximum(side.sum(0), 1) for side in sides]
        n = weights[0].sum()
        return (weights[0] / n, weights[1] / n) if n else None


def _group(compared: _Compared, stood: Stood, counted: Counted, meant: Mask) -> Group:
    weights = compared.weights(stood.codes != stood.death)
    lives = int((meant & (counted.expected > 0)).any(1).sum())
    ratio, more = _ratios(counted, meant) or (None, None)
    if weights is None:
        return Group(lives, None, None, ratio, more)
    own, others = weights
    auc, difference = (weighed(compared.blocks, each) for each in (own, own - others))
    return Group(lives, auc, difference, ratio, more)


def _ratios(counted: Counted, meant: Mask) -> tuple[Estimate, Estimate] | None:
    """Give observed over expected of what is meant, and how much it is above that of the rest."""
    known = counted.sex < SEXES
    values, moved = [], []
    for side in (meant, ~meant):
        observed, expected = (
            (each * side)[known].sum(1) for each in (counted.observed, counted.expected)
        )
        if expected.sum() < FEWEST_EXPECTED:
            return None
        values.append(observed.sum() / expected.sum())
        moved.append((observed - values[-1] * expected) / expected.sum())
    own, difference = moved[0], moved[0] - moved[1]
    return (
        Estimate(float(values[0]), float(np.sqrt(np.sum(own**2)))),
        Estimate(float(values[0] - values[1]), float(np.sqrt(np.sum(difference**2)))),
    )
