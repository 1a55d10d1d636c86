"""Synthea's patients as one table of events: what the reference data calls smart_synthea_events.

Columns: subject, birth and sex ("female", "male"), dead (a date or ""), type (C condition, M
medicine, O observation, P procedure), time, code, display, value, unit. Conditions and procedures
are SNOMED CT, medicines RxNorm, observations LOINC with UCUM units. Synthea keeps ten years of what
was done and a patient's conditions from before: observation begins with the first of the former.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from epione.errors import MalformedCohort
from epione.timeline.age import age_days
from epione.timeline.events import LOINC, RXNORM, SNOMED, Code, Gender
from epione.timeline.names import IngredientOf, name_of
from epione.timeline.tokens import DEATH, SEXES, Entry, NoLife, first_age, known_from
from epione.timeline.vocabulary import Kind
from epione_training.cohorts.told import Source, Told, subject_of

COLUMNS = ("subject", "birth", "sex", "dead", "type", "time", "code", "display", "value", "unit")
CONDITION = "C"
SYSTEMS = {CONDITION: SNOMED, "P": SNOMED, "M": RXNORM, "O": LOINC}

Cells = Mapping[str, str]


def is_synthea(file: Path) -> bool:
    """Say whether a file is such a table."""
    if not file.is_file() or not file.name.endswith((".csv", ".csv.gz")):
        return False
    return next(iter(_lines(file)), "").strip() == ",".join(COLUMNS)


def synthea_source(file: Path, ingredient_of: IngredientOf) -> Source:
    """Give the lives of a table.

    Raises:
        MalformedCohort: While it is read: a row does not fit the columns.
    """

    def lives() -> Iterator[Told | NoLife]:
        rows = csv.DictReader(_lines(file))
        for subject, own in groupby(rows, key=itemgetter("subject")):
            try:
                yield _told(subject, list(own), ingredient_of)
            except (ValueError, KeyError) as fault:
                raise MalformedCohort(
                    f"{file}, before line {rows.line_num + 1}: {fault}"
                ) from fault

    return Source("Synthea", lives)


def _lines(file: Path) -> Iterator[str]:
    try:
        with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
            yield from lines
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as fault:
        raise MalformedCohort(f"{file} cannot be read: {fault}") from fault


def _told(subject: str, rows: list[Cells], ingredient_of: IngredientOf) -> Told | NoLife:
    birth = rows[0]["birth"]
    if age_days(birth, date.max) is None:
        return NoLife.NO_BIRTH_DATE
    done = [_entry(row, birth, ingredient_of) for row in rows if row["type"] != CONDITION]
    had = [_entry(row, birth, ingredient_of) for row in rows if row["type"] == CONDITION]
    entries = [*_person(rows[0]), *done, *known_from(had, first_age(done))]
    return Told(subject_of(subject), tuple(entries))


def _person(row: Cells) -> Iterator[Entry]:
    if row["sex"] in SEXES:
        yield Entry(None, SEXES[Gender(row["sex"])], Kind.SEX)
    if row["dead"]:
        yield Entry(age_days(row["birth"], date.fromisoformat(row["dead"])), DEATH, Kind.DEATH)


def _entry(row: Cells, birth: str, ingredient_of: IngredientOf) -> Entry:
    name = name_of(Code(SYSTEMS[row["type"]], row["code"], row["display"]), ingredient_of)
    value = float(row["value"]) if row["value"] else None
    age = age_days(birth, date.fromisoformat(row["time"]))
    return Entry(age, name, value=value, unit=row["unit"])
