"""Goes through the live states: whose plan another release changes, and has them told."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import Guidelines, name_of
from epione.messaging import Log
from epione.messaging.namespaces import Namespaces
from epione.messaging.sealing import Sealing
from epione.messaging.state import StateStore
from epione_cli.operating.forgetting import SOURCE
from epione_cli.operating.knowledge_shown import Shown
from epione_cli.operating.progress import bar
from epione_inference.messages import recompute_messages
from epione_inference.recalling import Compared, Comparison, compared


def refuse_unserved(after: Guidelines, served: Path) -> None:
    """Refuse to recall to a release that is not the one served.

    Raises:
        Misconfigured: It is not: plans would be made anew by another.
    """
    if after.release != name_of(served):
        raise Misconfigured(
            f"EPIONE_KNOWLEDGE says that {name_of(served)} is served: have all services serve "
            f"{after.release}, and say so here, for it is they that make the plans anew"
        )


class Recall:
    """What it takes to go through patients' states, and to have some of them told."""

    def __init__(
        self,
        log: Log,
        vault: Sealing,
        store: StateStore,
        before: Guidelines,
        after: Guidelines,
        shown: Shown,
    ) -> None:
        self._log, self._vault, self._store, self._shown = log, vault, store, shown
        self._comparison = Comparison(before, after, datetime.now(UTC))
        self._reason = f"knowledge {before.release} → {after.release}"

    async def go_through(self, partitions: Iterable[int], *, is_told: bool) -> int:
        """Show whose plan changes, of all partitions; give how many were asked for again.

        Args:
            is_told: Have those that are shown made anew by the service; else nothing is written.
        """
        n_asked = 0
        partitions = tuple(partitions)
        standings = await Namespaces(self._store).standings(partitions)
        with bar("patients", sum(each.n_keys for each in standings if each.is_live)) as progress:
            for partition in partitions:
                async for some in compared(
                    self._store, self._vault, partition, self._comparison, progress.add
                ):
                    listed = [each for each in some if self._shown.patient(each)]
                    if is_told:
                        await self._ask_again(listed)
                        n_asked += len(listed)
        return n_asked

    async def _ask_again(self, patients: Sequence[Compared]) -> None:
        messages = recompute_messages([each.key for each in patients], self._reason, SOURCE)
        sealed = await self._vault.sealed([(message, None) for message in messages])
        await self._log.publish(sealed)
