"""The audit: what the ledger says must have come of each message, against what is there."""

from tests.end_to_end.soak.audit_logs import Logs, read_dead_letters, read_logs
from tests.end_to_end.soak.audit_plans import (
    compare_with_downstream,
    compare_with_fold,
    read_plans,
)
from tests.end_to_end.soak.audit_states import read_states
from tests.end_to_end.soak.expected import Expected
from tests.end_to_end.soak.findings import Findings
from tests.end_to_end.soak.ledger import Ledger
from tests.end_to_end.soak.reading import Held


async def audited(ledger: Ledger, held: Held, n_folded: int) -> Findings:
    """Go through everything that the stream holds at the end.

    Args:
        n_folded: Of so many patients' logs the plans are compared with a single-process fold.
    """
    expected, found, logs = Expected(ledger), Findings(), Logs(n_folded)
    await read_logs(held, expected, logs, found)
    await read_dead_letters(held, expected, found)
    await read_states(held, expected, logs, found)
    plans = await read_plans(held, expected, logs, found)
    await compare_with_fold(logs, plans, found)
    await compare_with_downstream(held, logs, plans, found)
    return found
