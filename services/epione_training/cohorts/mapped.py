"""A cohort as a folder of arrays that are mapped, and never read whole.

`patients`, `splits` and `starts` have an entry a life, `ages_days` and `tokens` one a row; beside
them the vocabulary, and `cohort.json`: where it comes from, the world that it was drawn from, if it
was, and what was left out of it.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

from epione.errors import MalformedCohort
from epione.timeline.tokens import Lived, NoLife, lived
from epione.timeline.vocabulary import Vocabulary
from epione_training.cohorts.census import AT_LEAST, vocabulary_of
from epione_training.cohorts.told import (
    PLANTED,
    TWICE,
    Remainder,
    Source,
    Told,
    new_folder,
    split_of,
)
from epione_training.lives.cohort import Cohort

ABOUT, VOCABULARY = "cohort.json", "vocabulary.json"
FORMAT = 1
COLUMNS = {
    "patients": np.uint64,
    "splits": np.uint8,
    "starts": np.int64,
    "ages_days": np.uint32,
    "tokens": np.uint32,
}


def map_lives(
    source: Source, into: Path, at_least: int = AT_LEAST, like: Vocabulary | None = None
) -> Remainder:
    """Write a source's lives into a folder; give what is not in it.

    Args:
        source: Read once for the vocabulary, where none is given, and once for the rows.
        into: A folder; it is made.
        at_least: How many of the lives that are learned from must have a code.
        like: The vocabulary to use, as that of a model to be judged.

    Raises:
        MalformedCohort: The source contradicts itself, or holds no life.
        Misconfigured: The folder holds something already.
    """
    vocabulary = like or source.vocabulary or vocabulary_of(source.lives(), at_least)
    remainder = Remainder()
    with _opened(into) as columns:
        for told in source.lives():
            life = lived(told.entries, vocabulary) if isinstance(told, Told) else told
            if isinstance(told, NoLife) or isinstance(life, NoLife):
                remainder.people[told if isinstance(told, NoLife) else NoLife.EMPTY] += 1
                continue
            remainder.entries.update(life.omitted)
            _append(columns, told, life)
        columns["starts"].append(columns["tokens"].length)
    _refuse_twice(into)
    about = {"format": FORMAT, "source": source.kind, PLANTED: source.planted}
    about |= remainder.to_json()
    (into / VOCABULARY).write_text(vocabulary.to_json(), encoding="utf-8")
    (into / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return remainder


def read_mapped(folder: Path) -> Cohort:
    """Map a folder that `map_lives` wrote.

    Raises:
        MalformedCohort: It holds no such cohort, one of another format, or a part of one.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in COLUMNS}
    except (OSError, ValueError, KeyError) as fault:
        raise MalformedCohort(f"{folder} holds no cohort: {fault}") from fault
    if about.get("format") != FORMAT:
        raise MalformedCohort(f"{folder} holds a cohort of another format than {FORMAT}")
    vocabulary = vocabulary_in(folder)
    n_lives, n_rows = len(arrays["patients"]), len(arrays["tokens"])
    lengths = {"splits": n_lives, "starts": n_lives + 1, "ages_days": n_rows}
    wrong = [name for name, length in lengths.items() if len(arrays[name]) != length]
    if wrong or arrays["starts"][-1] != n_rows:
        raise MalformedCohort(f"{folder}: {', '.join(wrong) or 'starts'} is of another length")
    return Cohort(
        vocabulary,
        arrays["patients"],
        arrays["starts"],
        arrays["ages_days"],
        arrays["tokens"],
        np.arange(n_lives),
        arrays["splits"],
    )


def vocabulary_in(folder: Path) -> Vocabulary:
    """Read the vocabulary of a cohort, or of a model.

    Raises:
        MalformedCohort: The folder holds none.
    """
    try:
        return Vocabulary.from_json((folder / VOCABULARY).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise MalformedCohort(f"{folder} holds no vocabulary: {fault}") from fault


class _Column:
    """One array that grows in its file; its header leaves room for the length at the end."""

    def __init__(self, path: Path, dtype: npt.DTypeLike) -> None:
        self.dtype, self.length = np.dtype(dtype), 0
        self._file: BinaryIO = path.open("wb")

    def __enter__(self) -> Self:
        self._write_header()
        return self

    def append(self, values: npt.ArrayLike) -> None:
        array = np.atleast_1d(np.asarray(values)).astype(self.dtype)
        self._file.write(array.tobytes())
        self.length += len(array)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.seek(0)
        self._write_header()
        self._file.close()

    def _write_header(self) -> None:
        descr = np.lib.format.dtype_to_descr(self.dtype)
        header = {"descr": descr, "fortran_order": False, "shape": (self.length,)}
        np.lib.format.write_array_header_1_0(self._file, header)


@contextmanager
def _opened(into: Path) -> Iterator[dict[str, _Column]]:
    new_folder(into)
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(_Column(into / f"{name}.npy", dtype))
            for name, dtype in COLUMNS.items()
        }


def _append(columns: dict[str, _Column], told: Told, life: Lived) -> None:
    columns["starts"].append(columns["tokens"].length)
    columns["patients"].append(np.int64(told.subject).astype(np.uint64))
    columns["splits"].append(split_of(told))
    columns["ages_days"].append(life.ages_days)
    columns["tokens"].append(life.tokens)


def _refuse_twice(folder: Path) -> None:
    patients = np.load(folder / "patients.npy", mmap_mode="r")
    if not len(patients):
        raise MalformedCohort("no life is told of")
    if len(np.unique(patients)) != len(patients):
        raise MalformedCohort(TWICE)
