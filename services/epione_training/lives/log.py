"""What a run tells of itself: lines of JSON to read, and TensorBoard's events to look at."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

LOG, EVENTS = "log.jsonl", "tensorboard"


@dataclass(frozen=True)
class Progress:
    """Where training is; losses are per event, `validated` of the last validation."""

    done: float  # 0 to 1
    step: int
    seconds: float
    likelihood: float
    validated: float | None = None


@contextmanager
def logged(into: Path, step: int) -> Iterator[Callable[[Progress], None]]:
    """Write progress into a folder, from a step on.

    What a run that was cut off told of later steps is taken back: they are to come again.
    """
    _cut(into / LOG, step)
    with (
        SummaryWriter(into / EVENTS, purge_step=step + 1) as events,
        (into / LOG).open("a", buffering=1, encoding="utf-8") as log,
    ):

        def tell(progress: Progress) -> None:
            log.write(json.dumps(asdict(progress)) + "\n")
            events.add_scalar("likelihood/learned", progress.likelihood, progress.step)
            if progress.validated is not None:
                events.add_scalar("likelihood/validated", progress.validated, progress.step)

        yield tell


def _cut(log: Path, step: int) -> None:
    """Leave the lines up to a step; one that was being written when the run ended is none."""
    if log.exists():
        whole = [line for line in log.read_text("utf-8").splitlines() if line.endswith("}")]
        kept = [line for line in whole if json.loads(line)["step"] <= step]
        log.write_text("".join(f"{line}\n" for line in kept), "utf-8")
