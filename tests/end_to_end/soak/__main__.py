"""`python -m tests.end_to_end.soak MESSAGES FAULTS SEED`: the soak, with a progress bar.

It starts a Kafka and a Redis of its own, and writes soak.md and soak.json into `build/`.
"""

import asyncio
import logging
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tests.end_to_end.soak.faults import too_few
from tests.end_to_end.soak.report import table, written
from tests.end_to_end.soak.soak import Soak, soaked
from tests.real_parts import Faults, NativeRedis, native_kafka

BUILD = Path("build")
say = Console(highlight=False, markup=False, soft_wrap=True).print


def main(n_messages: int, n_faults: int, seed: int) -> int:
    """Run it, and give 0 where nothing is lost, double or out of order; 2 where it cannot be."""
    if reason := too_few(n_faults):
        sys.stderr.write(f"{reason}\n")
        return 2
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # of a broker that restarts
    home = Path(tempfile.mkdtemp(prefix="epione-soak-"))
    say(f"logs: {home}")
    broker, redis = native_kafka(home / "kafka"), NativeRedis(home)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    broker.start()
    redis.start()
    try:
        with Progress(*columns, TimeElapsedColumn()) as progress:
            bar = progress.add_task("", total=n_messages)

            def tell(n_sent: int, what: str) -> None:
                progress.update(bar, completed=n_sent, description=f"{what:32}")

            asked = Soak(n_messages, n_faults, seed)
            found, report = asyncio.run(soaked(asked, broker, Faults(redis), home, tell))
    finally:
        redis.kill()
        broker.kill()
    BUILD.mkdir(exist_ok=True)
    written(report, BUILD)
    say(table(report))
    return 1 if any(found.totals.values()) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave nothing running behind
    sys.exit(main(*map(int, sys.argv[1:])))
