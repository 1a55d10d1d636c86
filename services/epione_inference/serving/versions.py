"""The version of a model that answers now, and the next one, which takes its place between runs.

A pointer names a folder that holds a version: the folder itself, a symbolic link to it (`ln -sfn`),
or a mounted ConfigMap, whose files are links into a folder that Kubernetes swaps at once. The real
folder behind the card is read, so that card and artefact are always of one version.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np

from epione.errors import Misconfigured, ModelNotLoaded
from epione.telemetry import MODEL_LOADS, PROVIDER
from epione_inference.serving.batching import MicroBatches, RunPool
from epione_inference.serving.bindings import Arrays
from epione_inference.serving.cards import CARD, Card, Checks, artefact_of, card_in
from epione_inference.serving.sessions import Execution, Session

LOOK_EVERY_S = 5.0

_log = logging.getLogger(__name__)


class Role(StrEnum):
    LIVE = "live"
    SHADOW = "shadow"


class Served(Protocol):
    """One version of a model, whatever it is asked."""

    is_well: bool  # its last run went well

    @property
    def card(self) -> Card: ...

    @property
    def provider(self) -> str: ...


V = TypeVar("V", bound=Served)


class Version:
    """One version of a model: its card, and the runs of its session."""

    def __init__(self, card: Card, session: Session, pool: RunPool, execution: Execution) -> None:
        self.card, self.session = card, session
        self.is_well = True
        self._batches = MicroBatches(session.run, pool, execution)

    @property
    def provider(self) -> str:
        """The preferred execution provider of those in use."""
        return self.session.providers[0]

    async def answer(self, inputs: Arrays) -> Arrays:
        """Answer rows in order, together with others' where those wait.

        Raises:
            ModelNotLoaded: The provider failed.
        """
        try:
            answers = await self._batches.answer(inputs)
        except ModelNotLoaded:
            self.is_well = False
            raise
        self.is_well = True
        return answers


def loaded(
    folder: Path, refuse: Callable[[Card], None], execution: Execution
) -> tuple[Card, Session]:
    """Load the version that a folder holds, and make sure that it is the one and answers right.

    Args:
        refuse: Raises `Misconfigured` where the model is not one that the caller can use.

    Raises:
        Misconfigured: The card, the artefact, the provider or an answer is not what it has to be.
    """
    card = card_in(folder)
    refuse(card)
    session = Session(artefact_of(card), execution)
    if tuple(card.outputs) != session.outputs:
        raise Misconfigured(f"the card describes {list(card.outputs)}, not {session.outputs}")
    refuse_other_answers(session, card.checks)
    return card, session


def refuse_other_answers(session: Session, checks: Checks) -> None:
    """Ask what the card's checks ask.

    Raises:
        Misconfigured: The answers are not those of the card.
    """
    try:
        answers = session.run(
            tuple(np.array(checks.inputs[name], kind) for name, kind in session.inputs.items())
        )
        expected = [np.array(checks.outputs[name], np.float64) for name in session.outputs]
        pairs = zip(answers, expected, strict=True)
        off = [float(np.abs(a.astype(np.float64) - b).max()) for a, b in pairs]
    except (KeyError, TypeError, ValueError) as fault:
        raise Misconfigured(f"the card's checks cannot be asked: {type(fault).__name__}") from fault
    if not max(off) <= checks.tolerance:
        raise Misconfigured(f"the model answers the card's checks {max(off):.3g} off")


@dataclass(frozen=True, slots=True)
class _Mark:
    """The real folder of a version, and what changes when any of its files does."""

    folder: Path
    files: tuple[tuple[str, int, int, int], ...]  # name, inode, ns of change, bytes


def mark_of(pointer: Path) -> _Mark:
    """Look where a pointer points.

    Raises:
        OSError: Nowhere.
    """
    folder = (pointer / CARD).resolve(strict=True).parent
    stats = sorted((each.name, each.lstat()) for each in folder.iterdir())
    files = tuple((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
    return _Mark(folder, files)


class Serving(Generic[V]):
    """A model of which one version is current; whoever asks holds it until it has answered."""

    def __init__(
        self,
        pointer: Path,
        open_version: Callable[[Path], V],
        role: Role = Role.LIVE,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Prepare to serve what `pointer` points to; nothing is loaded yet."""
        self._pointer, self._open, self._role = pointer, open_version, role
        self._look_every_s = look_every_s
        self._seen: _Mark | None = None
        self._current: V | None = None

    def start(self) -> None:
        """Load the version that is there; blocks.

        Raises:
            Misconfigured: It is refused.
        """
        try:
            self._seen = mark_of(self._pointer)
        except OSError as fault:
            raise Misconfigured(f"no model in {self._pointer}: {type(fault).__name__}") from None
        self._take(self._open(self._seen.folder))

    @property
    def current(self) -> V:
        """The version to ask, from now until its answers are there.

        Raises:
            ModelNotLoaded: There is none yet.
        """
        if self._current is None:
            raise ModelNotLoaded(f"no version of the {self._role} model is loaded")
        return self._current

    @property
    def is_ready(self) -> bool:
        """Whether a version is loaded and its last run went well."""
        return self._current is not None and self._current.is_well

    async def watch(self) -> None:
        """Take over each new version, for as long as the service runs."""
        while True:
            await self.look()
            await asyncio.sleep(self._look_every_s)

    async def look(self) -> None:
        """Take over what the pointer points to, if it is new and right; else say what is wrong."""
        try:
            mark = await asyncio.to_thread(mark_of, self._pointer)
        except OSError:
            return  # between two versions, or the volume is gone: the current one goes on
        if mark == self._seen:
            return
        self._seen = mark
        try:
            version = await asyncio.to_thread(self._open, mark.folder)
            self._refuse_another_under_the_same_name(version.card)
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with it, the current one stays
            MODEL_LOADS.labels(self._role, "refused").inc()
            _log.error("the %s model in %s is refused: %s", self._role, mark.folder, fault)
            return
        if self._current is None or version.card.version != self._current.card.version:
            self._take(version)

    def _refuse_another_under_the_same_name(self, card: Card) -> None:
        """Refuse what would make two different models answer by one version."""
        if self._current is None:
            return
        current = self._current.card
        if card.version == current.version and card.digest != current.digest:
            raise Misconfigured(
                f"{card.version} is the name of another artefact or card, which answers now"
            )

    def _take(self, version: V) -> None:
        """Make a version the current one. The one before is freed with its last run."""
        before, self._current = self._current, version
        card, provider = version.card, version.provider
        if self._role is Role.LIVE:
            if before is not None:
                PROVIDER.remove(before.card.name, before.card.version, before.provider)
            PROVIDER.labels(card.name, card.version, provider).set(1)
        MODEL_LOADS.labels(self._role, "taken").inc()
        was = f", after {before.card.version}" if before is not None else ""
        _log.info("%s model: %s %s on %s%s", self._role, card.name, card.version, provider, was)


class Answering(Generic[V]):
    """Answers by the version of a model that is current, and says which that is."""

    def __init__(self, serving: Serving[V]) -> None:
        """Load the version that is there; blocks.

        Raises:
            Misconfigured: It is refused.
        """
        self._serving = serving
        self._serving.start()

    @property
    def card(self) -> Card:
        """What is said of the version that is current."""
        return self._serving.current.card

    @property
    def provider(self) -> str:
        return self._serving.current.provider

    @property
    def is_ready(self) -> bool:
        """Whether a model is loaded and its last run went well."""
        return self._serving.is_ready

    async def look(self) -> None:
        """Take over a new version now, if there is one."""
        await self._serving.look()
