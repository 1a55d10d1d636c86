"""Small worlds whose rates are known: what is learned in it can be held against the truth."""

from pathlib import Path
from typing import Any

import numpy as np

from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives.cohort import Cohort, Life
from epione_training.lives.delphi import BINARY, LABELS, read_delphi
from epione_training.lives.planted import simulate

VOCABULARY = Vocabulary(
    ("Padding", "No event", "Female", "Male", "A", "B", "C", "Death"),
    (
        Kind.PADDING,
        Kind.NO_EVENT,
        Kind.SEX,
        Kind.SEX,
        Kind.EVENT,
        Kind.EVENT,
        Kind.EVENT,
        Kind.DEATH,
    ),
)
NO_EVENT, FEMALE, MALE, A, B, C, DEATH = range(1, 8)
YEAR = 365.25
# A year: A and C by themselves, B and four times as often after A, death.
RATES = {A: 0.02, B: 0.01, C: 0.005, DEATH: 0.01}
LIFT_OF_B_AFTER_A = 4.0
LAST_YEARS = 90.0


# A planted world: one gene makes one disease ten times as frequent; the other raises the first for
# a while.
SMALL: dict[str, Any] = {
    "version": "test",
    "recent_years": 2.0,
    "shares": {"male": 0.5, "genome_known": 0.6, "lifestyle_known": 1.0},
    "codes": {
        "X/A first": [4.0, 0.0, 0.0, 0.0],
        "X/B other": [10.0, 0.3, 0.0, 0.5],
        "DEATH": [10.0, 0.5, 0.0, 0.0],
    },
    "effects": {"X/B other": {"X/A first": [0.5, 1.0]}},
    "lifestyles": {"tobacco": {"Tobacco/smokes": {"share": 1.0, "effects": {"DEATH": 0.5}}}},
    "measured": {"share": 0.8, "first_years": [30, 50], "again_years": 20},
    "measurements": {},
    "genome": {
        "G": {"rare": {"share": 0.3, "effects": {"X/A first": 2.3}}, "common": {"share": 0.7}}
    },
}


def world(n_lives: int = 2_000, seed: int = 0) -> Cohort:
    """Draw lives; what happens to a person happens once, and to men C three times as often."""
    chance = np.random.default_rng(seed)
    return cohort_of([_life(chance, male=bool(n % 2)) for n in range(n_lives)])


def cohort_of(lives: list[Life]) -> Cohort:
    """Put lives into rows."""
    return Cohort(
        VOCABULARY,
        np.arange(len(lives), dtype=np.uint64),
        np.cumsum([0, *(len(life.tokens) for life in lives)]),
        np.concatenate([life.ages_days for life in lives]).astype(np.uint32),
        np.concatenate([life.tokens for life in lives]).astype(np.uint32),
        np.arange(len(lives)),
    )


def drawn(written: dict[str, Any], n: int, folder: Path, seed: int = 0) -> Cohort:
    """Draw lives of a written world."""
    simulate(written, n, seed, folder)
    return read_delphi(folder / BINARY, folder / LABELS)


def life(*events: tuple[float, int]) -> Life:
    """Give a life of ages in days and tokens."""
    ages, tokens = zip(*events, strict=True)
    return Life(np.array(ages, float), np.array(tokens))


def write_delphi(cohort: Cohort, folder: Path) -> Path:
    """Write a cohort as Delphi's binary and labels; give the binary."""
    patients = np.repeat(cohort.patients, cohort.lengths)
    rows = np.stack([patients, cohort.ages_days, cohort.tokens - 1], 1).astype(np.uint32)
    (folder / "train.bin").write_bytes(rows.tobytes())
    (folder / "labels.csv").write_text("\n".join(cohort.vocabulary.names) + "\n")
    return folder / "train.bin"


def _life(chance: np.random.Generator, *, male: bool) -> Life:
    age, had = 0.0, [(0.0, MALE if male else FEMALE)]
    while True:
        codes = [code for code in RATES if code not in {token for _, token in had}]
        rates = np.array([_rate(code, had, male=male) for code in codes])
        if DEATH not in codes:
            return life(*had)
        age += chance.exponential(YEAR / rates.sum())
        if age > LAST_YEARS * YEAR:
            return life(*had, (LAST_YEARS * YEAR, NO_EVENT))
        had.append((float(np.ceil(age)), int(chance.choice(codes, p=rates / rates.sum()))))


def _rate(code: int, had: list[tuple[float, int]], *, male: bool) -> float:
    lifted = LIFT_OF_B_AFTER_A if code == B and A in {token for _, token in had} else 1.0
    return RATES[code] * lifted * (3 if code == C and male else 1)
