"""A bar on standard error, so that standard output stays what was asked for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Bar:
    """How much is done, added up over partitions."""

    def __init__(self, progress: Progress, what: str, total: int) -> None:
        self._progress, self._task = progress, progress.add_task(what, total=total)
        self._at: dict[int, int] = {}

    def reach(self, partition: int, done: int) -> None:
        """Say how much of a partition is done."""
        self._at[partition] = done
        self._progress.update(self._task, completed=sum(self._at.values()))

    def add(self, n: int) -> None:
        self._progress.advance(self._task, n)


@contextmanager
def bar(what: str, total: int) -> Iterator[Bar]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    to_terminal = sys.stdout.isatty()  # what is printed meanwhile stands above the bar there
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        redirect_stdout=to_terminal,
    ) as progress:
        yield Bar(progress, what, total)
