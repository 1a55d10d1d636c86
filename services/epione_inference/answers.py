"""What the inference service asks: risks of a batch, cached, off the event loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from redis.asyncio import Redis

from epione.medicine.risk import (
    HORIZONS_YEARS,
    OUTCOMES,
    Floats,
    Indices,
    PreventInputs,
    risks_of,
    rows_of,
)
from epione.messaging.service import Beside
from epione_inference.handler import Answered
from epione_inference.prevent import answers_in, prevent_in, shipped
from epione_inference.results import Form, answered
from epione_inference.serving import (
    Answering,
    Card,
    Execution,
    RunPool,
    Serving,
    Shadow,
    Version,
    refuse_two_runtimes,
)

N_RISKS = len(HORIZONS_YEARS) * len(OUTCOMES)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row's risks, (2, 5) float64, and the index of the model that gave them."""

    risks: Floats
    model: int


class PreventAnswers(Answering[Version]):
    """PREVENT for many patients at once, by the version that is current when they are asked about.

    Opening it asserts one runtime, the artefact by its card, and the execution providers.
    """

    def __init__(
        self,
        cache: Redis | None,
        execution: Execution | None = None,
        folder: Path | None = None,
        shadow: Path | None = None,
    ) -> None:
        """Load the model.

        Args:
            cache: Where results are kept; without one every answer is computed.
            execution: Where the model runs; by default on the CPU.
            folder: A version of the model, or a link to one; by default what is shipped.
            shadow: A candidate to hold against it, once `beside` runs.

        Raises:
            Misconfigured: Two runtimes, another artefact, or another provider than asked for.
        """
        refuse_two_runtimes()
        execution = execution or Execution()
        self._cache = cache
        self.pool = RunPool(execution.runs_at_once)
        open_version = partial(prevent_in, execution=execution)
        super().__init__(Serving(folder or shipped(), partial(open_version, pool=self.pool)))
        self._shadow = Shadow(shadow, open_version) if shadow is not None else None

    @property
    def beside(self) -> Sequence[Beside]:
        """What is to run for as long as the service does: new versions, and the candidate."""
        shadow = self._shadow.beside if self._shadow is not None else ()
        return (self._serving.watch, *shadow)

    async def answer(self, inputs: Sequence[PreventInputs]) -> Answered:
        """Answer inputs in order, all of them by one version.

        Raises:
            ValueError: An input is refused; ask `refusal_of` first.
            ModelNotLoaded: The execution provider failed.
        """
        version = self._serving.current
        versions = versions_of(version.card)
        if not inputs:
            return Answered((), versions)
        rows = rows_of(inputs)
        distinct = {row.tobytes(): row for row in rows}
        answers = await self._answers(version, np.stack(list(distinct.values())))
        by_row = dict(zip(distinct, answers, strict=True))
        chosen = [by_row[row.tobytes()] for row in rows]
        return Answered(risks_of(inputs, *_stacked(chosen)), versions)

    async def _answers(self, version: Version, rows: Floats) -> list[Answer]:
        """Answer distinct rows, and have the candidate compared."""
        compute = partial(_computed, version)
        answers = await answered(self._cache, version.card, FORM, list(rows), compute)
        if self._shadow is not None:
            self._shadow.offer((rows,), _stacked(answers))
        return answers

    def close(self) -> None:
        """Wait for the runs in hand and end the threads."""
        self.pool.close()
        if self._shadow is not None:
            self._shadow.close()


def versions_of(card: Card) -> dict[str, str]:
    """Give what every answer names: the model's version and the knowledge it was made from."""
    return {"prevent": card.version, "prevent knowledge": card.knowledge_release}


async def _computed(version: Version, rows: Sequence[Floats]) -> list[Answer]:
    risks, models = answers_in(await version.answer((np.stack(rows),)))
    return [Answer(risk, int(model)) for risk, model in zip(risks, models, strict=True)]


def _stacked(answers: Sequence[Answer]) -> tuple[Floats, Indices]:
    risks = np.stack([answer.risks for answer in answers])
    return risks, np.array([answer.model for answer in answers], dtype=np.int64)


def _value_of(answer: Answer) -> bytes:
    return bytes([answer.model]) + answer.risks.astype("<f8").tobytes()


def _answer_in(value: bytes) -> Answer | None:
    if len(value) != 1 + 8 * N_RISKS:
        return None
    risks = np.frombuffer(value, dtype="<f8", offset=1).astype(np.float64)
    return Answer(risks.reshape(len(HORIZONS_YEARS), len(OUTCOMES)), value[0])


FORM: Form[Floats, Answer] = Form(lambda row: row.tobytes(), _value_of, _answer_in)
