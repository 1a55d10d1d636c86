"""What the inference service asks: risks of a batch, cached, off the event loop."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from redis.asyncio import Redis

from epione.medicine.risk import Floats, PreventInputs, PreventRisks, risks_of, rows_of
from epione.telemetry import PROVIDER
from epione_inference.prevent import PreventModel, shipped
from epione_inference.results import Answer, ResultsCache
from epione_inference.sessions import Execution, RunPool, refuse_two_runtimes


class PreventAnswers:
    """PREVENT for many patients at once.

    Opening it asserts one runtime, the artefact by its card, and the execution providers.
    """

    def __init__(
        self, cache: Redis | None, execution: Execution | None = None, folder: Path | None = None
    ) -> None:
        """Load the model.

        Args:
            cache: Where results are kept; without one every answer is computed.
            execution: Where the model runs; by default on the CPU.
            folder: A model with its card; by default the one that is shipped.

        Raises:
            Misconfigured: Two runtimes, another artefact, or another provider than asked for.
        """
        refuse_two_runtimes()
        execution = execution or Execution()
        model = PreventModel(folder or shipped(), execution)
        self.card = model.card
        self.provider = model.session.providers[0]
        self._pool = RunPool(execution)
        self._model = model
        self._cache = ResultsCache(cache, model.card) if cache is not None else None
        PROVIDER.labels(self.card.name, self.card.version, self.provider).set(1)

    @property
    def versions(self) -> dict[str, str]:
        """What every answer names: the model's version and the knowledge it was made from."""
        return {"prevent": self.card.version, "prevent knowledge": self.card.knowledge_release}

    async def answer(self, inputs: Sequence[PreventInputs]) -> list[PreventRisks]:
        """Answer inputs in order.

        Raises:
            ValueError: An input is refused; ask `refusal_of` first.
            ModelNotLoaded: The execution provider failed.
        """
        if not inputs:
            return []
        rows = rows_of(inputs)
        distinct = {row.tobytes(): row for row in rows}
        answers = await self._answers(np.stack(list(distinct.values())))
        by_row = dict(zip(distinct, answers, strict=True))
        chosen = [by_row[row.tobytes()] for row in rows]
        risks = np.stack([answer.risks for answer in chosen])
        models = np.array([answer.model for answer in chosen], dtype=np.int64)
        return risks_of(inputs, risks, models)

    async def _answers(self, rows: Floats) -> list[Answer]:
        """Answer distinct rows: from the cache where it knows, the rest by the model."""
        known = await self._cache.get(rows) if self._cache else [None] * len(rows)
        asked = [index for index, answer in enumerate(known) if answer is None]
        computed = await self._computed(rows[asked]) if asked else []
        if self._cache and asked:
            await self._cache.put(rows[asked], computed)
        fresh = iter(computed)
        return [answer if answer is not None else next(fresh) for answer in known]

    async def _computed(self, rows: Floats) -> list[Answer]:
        risks, models = await self._pool.run(self._model.answer_rows, rows)
        return [Answer(risk, int(model)) for risk, model in zip(risks, models, strict=True)]

    def close(self) -> None:
        """Wait for the runs in hand and end the threads."""
        self._pool.close()
