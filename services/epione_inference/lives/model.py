"""An exported model of a life: loaded, held against its card, and asked.

Lives of like length are read in one run. Of one life many futures are gone on with, which share
what the life left and have their own only since.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

from epione.errors import Misconfigured
from epione.medicine.life import LifeQuestion
from epione.timeline.calibration import Calibration
from epione.timeline.exported import NAME, VOCABULARY, Form
from epione.timeline.tokens import NoLife
from epione.timeline.vocabulary import NO_EVENT, PADDING, Vocabulary
from epione_inference.lives.life import Life, life_of
from epione_inference.serving import Arrays, Card, Execution, File, Session, artefact_of, read_card

TOKENS_AT_ONCE = 8_192  # of one run, padding included
CROWDED = 0.75  # of the rows that a cascade holds: with fewer it drops those that ended

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rates = npt.NDArray[np.float32]  # logarithms, a day


class _Cohort(BaseModel):
    planted: str | None = Field(
        default=None, description="The world it was drawn from; empty: none"
    )


class _Model(BaseModel):
    cohort: _Cohort = _Cohort()


class Said(File):
    """What serving needs of a life model's card beside what it needs of any."""

    form: Form
    longest: int
    calibration: dict[str, Any]
    checked_every: int = Field(description="Of the tokens, whose rates the checks hold")
    made_on: str | None = Field(default=None, description="ISO 8601 date")
    link: str | None = Field(default=None, description="Where the card is to be read")
    model: _Model = _Model()


@dataclass(frozen=True, slots=True)
class Read:
    """What holds in lives along their quiet paths; the parts add up to the rates.

    Each is (n_lives, pieces, n_tokens). Where something cannot happen the rate is -30, and the
    parts say what they say.
    """

    begins_days: Floats  # (n_lives, pieces), from now; infinity where a path has fewer pieces
    log_rates: Rates
    age_sex: Rates
    lift: Rates
    transformer: Rates


@dataclass(frozen=True, slots=True)
class Left:
    """What one life left: its rates now, and what its futures go on from."""

    log_rates: Rates  # (n_tokens,)
    state: Arrays  # had, standing
    prefix: Arrays  # length, keys, values


class LifeModel:
    """One version of a model of a life; blocks."""

    def __init__(self, folder: Path, execution: Execution | None = None) -> None:
        """Load what `epione export` wrote.

        Raises:
            Misconfigured: The folder holds no such model, or it answers otherwise than its card, or
                the card does not say whether its cohort is planted.
        """
        self.card, said = read_card(folder, Said)
        self.said = said
        if said.model.cohort.planted is None:
            raise Misconfigured(f"the card in {folder} does not say whether its cohort is planted")
        self.form, self.longest = said.form, said.longest
        self.vocabulary = _vocabulary_in(folder, self.card, self.form)
        self.calibration = _calibration_in(folder, said, self.form)
        # No CUDA graph is captured: a life is of any length, and a graph replays one shape.
        execution = replace(execution or Execution(), graphs=False)
        self._session = Session(artefact_of(self.card), execution)
        if (tuple(self._session.inputs), self._session.outputs) != (
            self.form.asked,
            self.form.answered,
        ):
            raise Misconfigured(f"{NAME} {self.card.version} asks or answers otherwise than a life")
        self.predicted = np.array(self.vocabulary.predicted)
        self.death = self.vocabulary.death
        self._refuse_other_answers(self.card, said.checked_every)

    @property
    def is_planted(self) -> bool:
        """Whether it learnt from a cohort that is invented."""
        return bool(self.said.model.cohort.planted)

    @property
    def provider(self) -> str:
        """The preferred execution provider of those in use."""
        return self._session.providers[0]

    def life_of(self, question: LifeQuestion) -> tuple[Life | NoLife, tuple[str, ...]]:
        """Give the life that a record tells this model, and what of it is not understood."""
        from_birth = self.calibration.support.from_birth
        return life_of(question, self.vocabulary, self.longest, from_birth=from_birth)

    def read(self, lives: Sequence[Life], within_days: float = 0.0) -> Read:
        """Give what holds now in each life, in order, and on its quiet path for so many days."""
        paths = [life.quiet_until(life.now_days + within_days) for life in lives]
        n_pieces = [
            1 + len(path.tokens) - len(life.tokens) for life, path in zip(lives, paths, strict=True)
        ]
        most = max(n_pieces, default=1)
        begins = np.full((len(lives), most), np.inf)
        found = [np.zeros((*begins.shape, self.form.n_tokens), np.float32) for _ in range(4)]
        for row, (life, path, n) in enumerate(zip(lives, paths, n_pieces, strict=True)):
            begins[row, :n] = path.ages_days[-n:] - life.now_days
        for rows in alike([len(path.tokens) for path in paths], TOKENS_AT_ONCE):
            ends = np.array([len(paths[n].tokens) - 1 for n in rows])
            last = np.array([n_pieces[n] - 1 for n in rows])
            places = (ends - last)[:, None] + np.minimum(np.arange(most), last[:, None])
            answered = self._session.run(self._asked([paths[n] for n in rows], places))
            for whole, part in zip(found, answered, strict=False):
                whole[rows] = part[:, 0]
        return Read(begins, *found)

    def left_by(self, life: Life) -> Left:
        """Read one life to go on with it."""
        now = np.array([[len(life.tokens) - 1]])
        rates, _, _, _, *state = self._session.run(self._asked([life], now))
        caches = tuple(each[:, 0] for each in state[2:])
        length = np.array([len(life.tokens)])
        return Left(rates[0, 0, 0].astype(np.float32), tuple(state[:2]), (length, *caches))

    def cascade(self, left: Left, n: int) -> "Cascade":
        """Begin so many futures of a life."""
        return Cascade(self._session, self.form, left, n)

    def _asked(self, lives: Sequence[Life], places: Ints) -> Arrays:
        """Pad lives; what is read is what holds after the tokens at places, (n_lives, R)."""
        lengths = np.array([len(life.tokens) for life in lives])
        tokens = np.full((len(lives), 1, lengths.max()), PADDING, np.int64)
        ages = np.zeros(tokens.shape, np.float32)
        for row, life in enumerate(lives):
            n = len(life.tokens)
            tokens[row, 0, :n], ages[row, 0, :n], ages[row, 0, n:] = (
                life.tokens,
                life.ages_days,
                life.ages_days[-1],
            )
        return (tokens, ages, places[:, None], *self.form.unread(len(lives)))

    def _refuse_other_answers(self, card: Card, every: int) -> None:
        """Ask what the card's checks ask: whole lives, and the last token as a step of a future."""
        checks = card.checks
        tokens = np.array(checks.inputs["tokens"], np.int64)
        ages = np.array(checks.inputs["ages_days"], np.float64)
        expected = np.array(checks.outputs["log_rates"])
        lives = [Life(*each) for each in zip(ages, tokens, strict=True)]
        whole = self.read(lives).log_rates[:, 0, ::every]
        steps = np.stack([self._last_by_step(life)[::every] for life in lives])
        off = max(float(np.abs(each - expected).max()) for each in (whole, steps))
        if not off <= checks.tolerance:
            raise Misconfigured(f"the model answers the card's checks {off:.3g} off")

    def _last_by_step(self, life: Life) -> Rates:
        cascade = self.cascade(self.left_by(Life(life.ages_days[:-1], life.tokens[:-1])), 1)
        rates: Rates = cascade.step(life.tokens[-1:], life.ages_days[-1:], np.array([0]))[0]
        return rates


class Cascade:
    """Futures of one life: each step is one token more for each that goes on."""

    def __init__(self, session: Session, form: Form, left: Left, n: int) -> None:
        self._session, self._prefix = session, left.prefix
        self._state = tuple(np.repeat(each, n, axis=1) for each in left.state)
        self._own: Arrays = form.no_keys(1, n)
        self._at = np.arange(n)  # the row of each future that goes on
        self._rows = n

    def step(self, tokens: Ints, ages_days: Floats, kept: Ints) -> Rates:
        """Give a token to each future that goes on, and the rates that hold after it.

        Args:
            tokens: (n_kept,), what each has now.
            ages_days: (n_kept,), when.
            kept: (n_kept,), which of those of the last step go on, ascending.

        Returns:
            (n_kept, n_tokens).
        """
        self._at = self._at[kept]
        if len(self._at) < CROWDED * self._rows:
            self._drop_ended()
        each_token = np.full((1, self._rows, 1), NO_EVENT, np.int64)
        each_age = np.zeros((1, self._rows, 1), np.float32)
        each_token[0, self._at, 0], each_age[0, self._at, 0] = tokens, ages_days
        last = np.zeros((1, self._rows, 1), np.int64)
        asked: Arrays = (each_token, each_age, last, *self._state, *self._prefix, *self._own)
        log_rates, _, _, _, had, standing, *own = self._session.run(asked)
        self._state, self._own = (had, standing), tuple(own)
        rates: Rates = log_rates[0, self._at, 0].astype(np.float32, copy=False)
        return rates

    def _drop_ended(self) -> None:
        self._state = tuple(each[:, self._at] for each in self._state)
        self._own = tuple(each[:, self._at] for each in self._own)
        self._rows = len(self._at)
        self._at = np.arange(self._rows)


def alike(lengths: Sequence[int], tokens_at_once: int) -> Iterator[Ints]:
    """Give lives that one run reads: all of one power of two of tokens, and not too many.

    >>> [rows.tolist() for rows in alike([3, 9, 4, 16], 32)]
    [[0, 2], [1, 3]]
    """
    buckets = np.array([(length - 1).bit_length() for length in lengths])
    for bucket in np.unique(buckets):
        rows = np.flatnonzero(buckets == bucket)
        at_once = max(1, tokens_at_once >> int(bucket))
        for begin in range(0, len(rows), at_once):
            yield rows[begin : begin + at_once]


def _calibration_in(folder: Path, said: Said, form: Form) -> Calibration:
    try:
        calibration = Calibration.from_json(said.calibration)
    except (KeyError, TypeError, ValueError) as fault:
        raise Misconfigured(f"{folder} holds no calibration that can be read: {fault}") from None
    if (n := calibration.support.events.shape[-1]) != form.n_tokens:
        raise Misconfigured(f"{n} tokens are calibrated, and {form.n_tokens} have a rate")
    return calibration


def _vocabulary_in(folder: Path, card: Card, form: Form) -> Vocabulary:
    try:
        told = (folder / VOCABULARY).read_bytes()
        vocabulary = Vocabulary.from_json(told.decode())
    except (OSError, ValueError) as fault:
        raise Misconfigured(f"{folder} holds no vocabulary: {type(fault).__name__}") from None
    if len(vocabulary) != form.n_tokens:
        raise Misconfigured(f"{len(vocabulary)} tokens are named, and {form.n_tokens} have a rate")
    digest = hashlib.sha256(told).hexdigest()
    if not digest.startswith(card.knowledge_release):
        raise Misconfigured(
            f"the vocabulary of {card.version} is not the one its card describes: "
            f"{digest[:12]}, not {card.knowledge_release}"
        )
    return vocabulary
