"""Lives as MEDS shards, with their splits, codes and metadata.

Ages stand for dates: every birth is put at 2000-01-01, so that neither a birthday nor a date of
care is in a file; `codes.parquet` says so beside MEDS_BIRTH.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
from meds import schema as meds

from epione.errors import MalformedCohort
from epione.timeline.tokens import Entry, NoLife
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.cohorts.meds_format import (
    CODES,
    DATA,
    DATASET,
    DAY_US,
    KIND,
    SPLIT_NAMES,
    SPLITS,
    TOKEN,
    UNIT,
    Row,
)
from epione_training.cohorts.told import (
    PLANTED,
    TWICE,
    Remainder,
    Source,
    Told,
    new_folder,
    split_of,
)
from epione_training.lives.cohort import Split

PER_SHARD = 2_000  # lives
UNFINISHED = "data.part"
BIRTH_US = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
BIRTH_SAYS = "Birth. Of each subject this is 2000-01-01: only the days since it are true"


class MedsFolder:
    """A folder that lives are written into; only `close` makes it one of MEDS."""

    def __init__(
        self, into: Path, name: str, vocabulary: Vocabulary | None = None, planted: str = ""
    ) -> None:
        """Begin a folder; `planted` is as `Source` has it.

        Raises:
            Misconfigured: It holds something already.
        """
        new_folder(into)
        for folder in (UNFINISHED, CODES.parent):
            (into / folder).mkdir()
        self._into, self._name, self._vocabulary = into, name, vocabulary
        self._planted = planted
        self._kinds: dict[str, Kind] = {}
        self._splits: dict[int, Split] = {}
        self._remainder = Remainder()
        self._n_shards = 0

    def add(self, lives: Iterable[Told | NoLife]) -> None:
        """Write lives into shards of their own.

        Raises:
            MalformedCohort: One was written before.
        """
        people = self._people(lives)
        while some := list(islice(people, PER_SHARD)):
            rows = [row for told in some for row in _rows_from(told, self._kinds)]
            _write_shard(rows, self._into / UNFINISHED / f"{self._n_shards}.parquet")
            self._n_shards += 1

    def close(self) -> Remainder:
        """Write the metadata; give who is not in the folder. Every entry of the others is.

        Raises:
            MalformedCohort: There is no life.
        """
        if not self._splits:
            raise MalformedCohort("no life is told of")
        _write_codes(self._into / CODES, self._kinds, self._vocabulary)
        _write_splits(self._into / SPLITS, self._splits)
        _write_dataset(self._into / DATASET, self._name, self._planted)
        (self._into / UNFINISHED).rename(self._into / DATA)
        return self._remainder

    def _people(self, lives: Iterable[Told | NoLife]) -> Iterator[Told]:
        for told in lives:
            if isinstance(told, NoLife):
                self._remainder.people[told] += 1
                continue
            if told.subject in self._splits:
                raise MalformedCohort(TWICE)
            self._splits[told.subject] = split_of(told)
            yield told


def write_meds(source: Source, into: Path) -> Remainder:
    """Write a source's lives as MEDS; see `MedsFolder`."""
    folder = MedsFolder(into, source.kind, source.vocabulary, source.planted)
    folder.add(source.lives())
    return folder.close()


def _rows_from(told: Told, kinds: dict[str, Kind]) -> Iterator[Row]:
    """Give a person's rows: what has no date, birth, then by age."""
    undated = (each for each in told.entries if each.age_days is None)
    dated = (each for each in told.entries if each.age_days is not None)
    for entry in undated:
        yield _row(told.subject, None, entry, kinds)
    birth = Row(told.subject, BIRTH_US, meds.birth_code, None, "")
    rows = [
        _row(told.subject, BIRTH_US + int(entry.age_days or 0) * DAY_US, entry, kinds)
        for entry in dated
    ]
    yield from sorted([birth, *rows], key=lambda row: cast(int, row.time_us))


def _row(subject: int, time_us: int | None, entry: Entry, kinds: dict[str, Kind]) -> Row:
    code = meds.death_code if entry.kind is Kind.DEATH else entry.name
    kinds.setdefault(code, entry.kind)
    return Row(subject, time_us, code, entry.value, entry.unit)


def _write_shard(rows: list[Row], file: Path) -> None:
    subjects, times, codes, values, units = zip(*rows, strict=True)
    table = pa.table(
        {
            "subject_id": pa.array(subjects, pa.int64()),
            "time": pa.array(times, pa.timestamp("us")),
            "code": pa.array(codes, pa.string()),
            "numeric_value": pa.array(values, pa.float32()),
            UNIT: pa.array([unit or None for unit in units], pa.string()),
        }
    )
    pq.write_table(meds.DataSchema.align(table), file)


def _write_codes(file: Path, kinds: Mapping[str, Kind], vocabulary: Vocabulary | None) -> None:
    rows: list[tuple[str, str, str | None, int | None]]
    if vocabulary is None:
        rows = [(code, code, kind, None) for code, kind in sorted(kinds.items())]
    else:
        rows = [
            (meds.death_code if kind is Kind.DEATH else name, name, kind, token)
            for token, (name, kind) in enumerate(
                zip(vocabulary.names, vocabulary.kinds, strict=True)
            )
        ]
    codes, descriptions, of_kind, tokens = zip(
        (meds.birth_code, BIRTH_SAYS, None, None), *rows, strict=True
    )
    table = pa.table(
        {
            "code": pa.array(codes, pa.string()),
            "description": pa.array(descriptions, pa.string()),
            KIND: pa.array([kind and str(kind) for kind in of_kind], pa.string()),
            TOKEN: pa.array(tokens, pa.int64()),
        }
    )
    pq.write_table(meds.CodeMetadataSchema.align(table), file)


def _write_splits(file: Path, splits: Mapping[int, Split]) -> None:
    names = {split: name for name, split in SPLIT_NAMES.items()}
    table = pa.table(
        {
            "subject_id": pa.array(splits.keys(), pa.int64()),
            "split": pa.array([names[split] for split in splits.values()], pa.string()),
        }
    )
    pq.write_table(meds.SubjectSplitSchema.align(table), file)


def _write_dataset(file: Path, name: str, planted: str) -> None:
    metadata = meds.DatasetMetadataSchema(
        dataset_name=name,
        etl_name="epione cohort",
        etl_version=version("epione"),
        meds_version=version("meds"),
        code_modifier_columns=[UNIT],
    ).to_dict()
    meds.DatasetMetadataSchema.validate(metadata)
    metadata |= {PLANTED: planted} if planted else {}
    file.write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
