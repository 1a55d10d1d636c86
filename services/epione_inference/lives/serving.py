"""A model of a life in the stream: risks of a batch of records, cached, off the event loop."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from importlib import resources
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from epione.errors import Misconfigured, ModelNotLoaded
from epione.medicine.life import LifeAnswer, LifeCard, LifeQuestion
from epione.messaging.service import Beside
from epione.timeline.exported import NAME
from epione.timeline.tokens import Entry
from epione.timeline.vocabulary import Kind
from epione_inference.handler import Foretold
from epione_inference.lives.answering import answers_of
from epione_inference.lives.model import LifeModel
from epione_inference.results import Form, answered, rules_of
from epione_inference.serving import (
    Answering,
    Card,
    Execution,
    RunPool,
    Serving,
    refuse_two_runtimes,
)

KEPT_S = 86_400  # an answer is of an age in days
DECIDING = ("epione_inference.lives", "epione.timeline", "epione.medicine.life")  # packages

AnswersOf = Callable[[LifeModel, Sequence[LifeQuestion]], Sequence[LifeAnswer]]


class LifeVersion:
    """One version of a model of a life, and what is cited of its card."""

    def __init__(self, folder: Path, execution: Execution) -> None:
        """Load what `epione export` wrote; see `LifeModel`."""
        self.model = LifeModel(folder, execution)
        self.cited = cited_of(self.model)
        self.is_well = True

    @property
    def card(self) -> Card:
        return self.model.card

    @property
    def provider(self) -> str:
        return self.model.provider


class LifeAnswers(Answering[LifeVersion]):
    """Risks of many patients' lives, by the version that is current when they are asked about.

    Each question is a run of its own, with what is left out of that life in turn: who else is asked
    about never changes an answer, not even in its last digit, as joined rows would.
    """

    def __init__(
        self,
        folder: Path,
        cache: Redis | None,
        execution: Execution | None = None,
        *,
        pool: RunPool | None = None,
        answers_of: AnswersOf = answers_of,
    ) -> None:
        """Load the model.

        Args:
            folder: A version of the model, or a link to one.
            cache: Where results are kept; without one every answer is computed.
            execution: Where the model runs; by default on the CPU.
            pool: Of another model, so that both together run no more at once; else one of its own.
            answers_of: Answers in order; blocks.

        Raises:
            Misconfigured: Two runtimes, another artefact, or another provider than asked for.
        """
        refuse_two_runtimes()
        execution = execution or Execution()
        self._cache, self._answers_of = cache, answers_of
        self._pool, self._is_own = pool or RunPool(execution.runs_at_once), pool is None
        super().__init__(Serving(folder, partial(LifeVersion, execution=execution)))

    @property
    def beside(self) -> Sequence[Beside]:
        """What is to run for as long as the service does: new versions."""
        return (self._serving.watch,)

    async def answer(self, questions: Sequence[LifeQuestion]) -> Foretold:
        """Answer questions in order, all of them by one version.

        Raises:
            ModelNotLoaded: The execution provider failed.
        """
        version = self._serving.current
        if not questions:
            return Foretold((), version.cited)
        compute = partial(self._computed, version)
        answers = await answered(self._cache, version.card, FORM, questions, compute)
        return Foretold(answers, version.cited)

    async def _computed(
        self, version: LifeVersion, questions: Sequence[LifeQuestion]
    ) -> list[LifeAnswer]:
        """Ask the model; it is well where every run of the last batch went well."""
        runs = (self._run(version, each) for each in questions)
        found = await asyncio.gather(*runs, return_exceptions=True)
        faults = [each for each in found if isinstance(each, BaseException)]
        version.is_well = not any(isinstance(each, ModelNotLoaded) for each in faults)
        if faults:
            raise faults[0]
        return [each for each in found if isinstance(each, LifeAnswer)]

    async def _run(self, version: LifeVersion, question: LifeQuestion) -> LifeAnswer:
        async with self._pool.places:
            run = partial(self._answers_of, version.model)
            (answer,) = await self._pool.run(run, (question,))
        return answer

    def close(self) -> None:
        """Wait for the runs in hand and end the threads, where they are its own."""
        if self._is_own:
            self._pool.close()


def shipped() -> Path:
    """Give the folder of the model that comes with the package, of an invented cohort.

    Raises:
        Misconfigured: None does.
    """
    home = Path(str(resources.files("epione_inference"))) / "models" / NAME
    folders = sorted(home.iterdir()) if home.is_dir() else []
    if not folders:
        raise Misconfigured("no model of a life is shipped: make life")
    return folders[-1]


def life_answers(
    folder: Path | None,
    cache: Redis | None = None,
    execution: Execution | None = None,
    pool: RunPool | None = None,
) -> LifeAnswers | None:
    """Open the model of a life that is to be served; None where none is."""
    return LifeAnswers(folder, cache, execution, pool=pool) if folder is not None else None


def cited_of(model: LifeModel) -> LifeCard:
    """Give what is cited of a model's card."""
    version = model.card.version
    return LifeCard(
        version=version,
        reference=model.said.link or f"model card {version}",
        made_on=model.said.made_on or "",
        is_planted=model.is_planted,
        reads_genomes=bool(model.vocabulary.of_kind(Kind.GENOME)),
    )


_ANSWER = TypeAdapter(LifeAnswer)
_COMPARED = tuple(each.name for each in fields(Entry) if each.compare)


def _asked(question: LifeQuestion) -> bytes:
    """Write what of a question decides the answer; which delivery stated it does not."""
    entries = [[getattr(entry, name) for name in _COMPARED] for entry in question.entries]
    return json.dumps([entries, question.now_days, question.none]).encode()


def _answer_in(value: bytes) -> LifeAnswer | None:
    try:
        return _ANSWER.validate_json(value)
    except ValidationError:
        return None


FORM: Form[LifeQuestion, LifeAnswer] = Form(
    _asked, _ANSWER.dump_json, _answer_in, kept_s=KEPT_S, rules=rules_of(*DECIDING)
)
