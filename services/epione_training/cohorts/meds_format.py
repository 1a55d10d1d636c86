"""MEDS 0.4 as this project reads and writes it: places, splits, and how every table is checked.

Source: the schemas of the package `meds` 0.4. A column `unit` holds a measurement's unit; in
`codes.parquet`, `kind` holds a code's `Kind` and `token` its number, where there is a vocabulary.
"""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from flexible_schema import PyArrowSchema, SchemaValidationError, TableValidationError
from meds import schema as meds

from epione.errors import MalformedCohort
from epione_training.lives.cohort import Split

DATA = Path(meds.data_subdirectory)
CODES = Path(meds.code_metadata_filepath)
DATASET = Path(meds.dataset_metadata_filepath)
SPLITS = Path(meds.subject_splits_filepath)
SPLIT_NAMES = {
    meds.train_split: Split.TRAIN,
    meds.tuning_split: Split.TUNING,
    meds.held_out_split: Split.HELD_OUT,
}
DAY_US = 86_400_000_000
UNIT, KIND, TOKEN = "unit", "kind", "token"
FAULTS = (OSError, pa.ArrowException, SchemaValidationError, TableValidationError)


class Row(NamedTuple):
    """A row of a shard; `time_us` since 1970, None where it holds always."""

    subject: int
    time_us: int | None
    code: str
    value: float | None
    unit: str


def checked(file: Path, schema: type[PyArrowSchema]) -> pa.Table:
    """Read a table of metadata.

    Raises:
        MalformedCohort: It keeps not to the schema.
    """
    try:
        return schema.align(pq.read_table(file))
    except FAULTS as fault:
        raise MalformedCohort(f"{file} keeps not to MEDS: {fault}") from fault
