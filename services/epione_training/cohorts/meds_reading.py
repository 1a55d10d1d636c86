"""Lives from MEDS shards, read one after the other.

Codes that are written with their terminology get our names, others keep theirs; what is without a
time, and is no sex, counts as lifestyle. A file of ours says the kinds of its codes itself.
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from meds import schema as meds

from epione.errors import MalformedCohort
from epione.timeline.names import IngredientOf, standard_name
from epione.timeline.tokens import DEATH, QUIET, Entry, NoLife
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.cohorts.meds_format import (
    CODES,
    DATA,
    DAY_US,
    FAULTS,
    KIND,
    SPLIT_NAMES,
    SPLITS,
    TOKEN,
    UNIT,
    Row,
    checked,
)
from epione_training.cohorts.told import TWICE, Source, Told
from epione_training.lives.cohort import Split

AT_ONCE = 100_000  # rows
OWN = {  # names of ours, whoever uses them
    QUIET: Kind.NO_EVENT,
    Vocabulary.FEMALE: Kind.SEX,
    Vocabulary.MALE: Kind.SEX,
    DEATH: Kind.DEATH,
}
SEX = re.compile(r"(?:gender|sex)/{1,2}(?P<sex>f|m|female|male)", re.IGNORECASE)


def is_meds(folder: Path) -> bool:
    """Say whether a folder holds MEDS shards."""
    return any((folder / DATA).rglob("*.parquet"))


def meds_source(folder: Path, ingredient_of: IngredientOf = lambda _: None) -> Source:
    """Give the lives of a MEDS folder.

    Raises:
        MalformedCohort: Its metadata keep not to MEDS, or contradict themselves. While it is read:
            a shard keeps not to MEDS, or holds the rows of a subject apart or unsorted.
    """
    splits = _splits(folder)
    kinds, vocabulary = _codes(folder)

    def lives() -> Iterator[Told | NoLife]:
        naming, seen = _Naming(kinds, ingredient_of), set[int]()
        for shard in sorted((folder / DATA).rglob("*.parquet")):
            for subject, own in groupby(_rows_of(shard), key=itemgetter(0)):
                if subject in seen:
                    raise MalformedCohort(TWICE)
                seen.add(subject)
                yield _told(subject, own, naming, splits, shard)

    return Source("MEDS", lives, vocabulary)


class _Naming:
    """Names and kinds of codes; each code is looked up once."""

    def __init__(self, kinds: Mapping[str, Kind], ingredient_of: IngredientOf) -> None:
        self._kinds, self._ingredient_of = kinds, ingredient_of
        self._known: dict[tuple[str, bool], tuple[str, Kind]] = {}

    def of(self, code: str, *, is_dated: bool) -> tuple[str, Kind]:
        found = self._known.get((code, is_dated))
        if found is None:
            found = self._known[code, is_dated] = self._named(code, is_dated)
        return found

    def _named(self, code: str, is_dated: bool) -> tuple[str, Kind]:
        if code == meds.death_code:
            return DEATH, Kind.DEATH
        if code in OWN or code in self._kinds:
            return code, OWN.get(code) or self._kinds[code]
        if sex := SEX.fullmatch(code):
            is_female = sex["sex"].lower().startswith("f")
            return Vocabulary.FEMALE if is_female else Vocabulary.MALE, Kind.SEX
        return standard_name(code, self._ingredient_of), Kind.EVENT if is_dated else Kind.LIFESTYLE


def _rows_of(shard: Path) -> Iterator[Row]:
    """Read a shard's rows, some at once."""
    try:
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(AT_ONCE):
                yield from _rows_in(meds.DataSchema.align(pa.Table.from_batches([batch])))
    except FAULTS as fault:
        raise MalformedCohort(f"{shard} keeps not to MEDS: {fault}") from fault


def _rows_in(table: pa.Table) -> Iterator[Row]:
    def column(name: str) -> list[Any]:
        known = name in table.column_names
        return table[name].to_pylist() if known else [None] * table.num_rows

    times = table["time"].cast(pa.int64()).to_pylist()
    columns = (column(name) for name in ("subject_id", "code", "numeric_value", UNIT))
    for time_us, subject, code, value, unit in zip(times, *columns, strict=True):
        is_number = value is not None and math.isfinite(value)
        yield Row(subject, time_us, code, value if is_number else None, unit or "")


def _told(
    subject: int,
    rows: Iterator[Row],
    naming: _Naming,
    splits: Mapping[int, Split] | None,
    shard: Path,
) -> Told | NoLife:
    """Give a subject by days since birth."""
    own = list(rows)
    times = [row.time_us for row in own if row.time_us is not None]
    if times != sorted(times):
        raise MalformedCohort(f"{shard}: the rows of a subject are not sorted by time")
    born = next((row.time_us for row in own if row.code == meds.birth_code), None)
    if born is None:
        return NoLife.NO_BIRTH_DATE
    if splits is not None and subject not in splits:
        raise MalformedCohort(f"{SPLITS} puts a subject of {shard} into no split")
    entries = []
    for row in own:
        if row.code != meds.birth_code:
            name, kind = naming.of(row.code, is_dated=row.time_us is not None)
            age = None if row.time_us is None else float(row.time_us // DAY_US - born // DAY_US)
            entries.append(Entry(age, name, kind, row.value, row.unit))
    return Told(subject, tuple(entries), None if splits is None else splits[subject])


def _splits(folder: Path) -> Mapping[int, Split] | None:
    if not (folder / SPLITS).exists():
        return None
    table = checked(folder / SPLITS, meds.SubjectSplitSchema)
    found: dict[int, Split] = {}
    for subject, name in zip(
        table["subject_id"].to_pylist(), table["split"].to_pylist(), strict=True
    ):
        if name not in SPLIT_NAMES:
            raise MalformedCohort(f"{SPLITS}: {name} is none of {', '.join(SPLIT_NAMES)}")
        if found.setdefault(subject, SPLIT_NAMES[name]) is not SPLIT_NAMES[name]:
            raise MalformedCohort(f"{SPLITS} puts a subject into two splits")
    return found


def _codes(folder: Path) -> tuple[Mapping[str, Kind], Vocabulary | None]:
    """Give the kinds of codes, and their vocabulary, where the file is of ours."""
    if not (folder / CODES).exists():
        return {}, None
    table = checked(folder / CODES, meds.CodeMetadataSchema)
    if not {KIND, TOKEN} <= set(table.column_names):
        return {}, None
    rows = table.select(["code", KIND, TOKEN, "description"]).to_pylist()
    try:
        kinds = {row["code"]: Kind(row[KIND]) for row in rows if row[KIND] is not None}
        numbered = sorted((row for row in rows if row[TOKEN] is not None), key=itemgetter(TOKEN))
        if not numbered:
            return kinds, None
        if [row[TOKEN] for row in numbered] != list(range(len(numbered))):
            raise ValueError("tokens are not numbered from 0 on, each once")
        names = (row["description"] for row in numbered)
        return kinds, Vocabulary(tuple(names), tuple(kinds[row["code"]] for row in numbered))
    except (KeyError, ValueError) as fault:
        raise MalformedCohort(f"{CODES} contradicts itself: {fault}") from fault
