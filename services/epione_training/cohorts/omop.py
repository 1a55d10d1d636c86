"""OMOP CDM 5.4 as CSV tables, in a folder or a ZIP file: PERSON, and what happened to each.

Read are CONDITION_OCCURRENCE, DRUG_EXPOSURE, PROCEDURE_OCCURRENCE, MEASUREMENT, DEATH,
OBSERVATION_PERIOD and CONCEPT, and no other table. A concept is named by its terminology where
CONCEPT holds it, else "OMOP/<concept id>"; one that the source could not map, by the source's own
code. A person is observed from the first day of the first period at least to the last of the last
one; what is told of before is known from the first day on. The tables are held in memory.

Source: the OMOP Common Data Model 5.4, ohdsi.github.io/CommonDataModel/cdm54.html.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from epione.errors import MalformedCohort
from epione.timeline.age import age_days
from epione.timeline.events import Code
from epione.timeline.names import TERMINOLOGIES, IngredientOf, name_of
from epione.timeline.tokens import DEATH, QUIET, Entry, NoLife, known_from
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.cohorts.told import Source, Told

PERSON, CONCEPT, DIED, PERIOD = "PERSON", "CONCEPT", "DEATH", "OBSERVATION_PERIOD"
# Of each table of events, how its columns begin, and that of its date.
EVENTS = {
    "CONDITION_OCCURRENCE": ("condition", "condition_start_date"),
    "DRUG_EXPOSURE": ("drug", "drug_exposure_start_date"),
    "PROCEDURE_OCCURRENCE": ("procedure", "procedure_date"),
    "MEASUREMENT": ("measurement", "measurement_date"),
}
SEXES = {"8532": Vocabulary.FEMALE, "8507": Vocabulary.MALE}  # concepts of the vocabulary Gender
EXACT = frozenset({"", "0", "4172703"})  # operators: none, unknown, "="
UNMAPPED = frozenset({"", "0"})

Cells = Mapping[str, str]


@dataclass
class _Person:
    birth: str
    sex: str
    periods: list[tuple[int, int]] = field(default_factory=list)  # days since birth
    entries: list[Entry] = field(default_factory=list)

    def age(self, day: str) -> int:
        """Give the days since birth; a person without a birth date has none, and is left out."""
        return age_days(self.birth, date.fromisoformat(day)) or 0


def is_omop(place: Path) -> bool:
    """Say whether a folder or ZIP file holds the table PERSON."""
    if place.is_file() and not zipfile.is_zipfile(place):
        return False
    return any(_table_of(name) == PERSON for name in _files(place))


def omop_source(place: Path, ingredient_of: IngredientOf) -> Source:
    """Give the lives of an export.

    Raises:
        MalformedCohort: While it is read: a row does not fit its columns, or is of no person.
    """

    def lives() -> Iterator[Told | NoLife]:
        for number, person in _people(place, _Concepts(place, ingredient_of)).items():
            yield _told(int(number), person)

    return Source("OMOP", lives)


class _Concepts:
    """Codes by the concept's number."""

    def __init__(self, place: Path, ingredient_of: IngredientOf) -> None:
        self._ingredient_of = ingredient_of
        self._known = {
            row["concept_id"]: (row["vocabulary_id"], row["concept_code"], row["concept_name"])
            for row in _rows(place, CONCEPT)
        }

    def entry(self, row: Cells, of: str, age: int) -> Entry:
        """Give what a row of events states; "<5" is no number."""
        concept = row[f"{of}_concept_id"]
        name = f"source/{row[f'{of}_source_value']}" if concept in UNMAPPED else self._name(concept)
        answer = row.get("value_as_concept_id", "")
        if answer not in UNMAPPED:
            return Entry(age, f"{name}={self._name(answer)}")
        number = row.get("value_as_number", "")
        is_exact = row.get("operator_concept_id", "") in EXACT
        value = float(number) if number and is_exact else None
        return Entry(age, name, value=value, unit="" if value is None else self._unit(row))

    def _name(self, concept: str) -> str:
        terminology, code, display = self._known.get(concept, ("OMOP", concept, ""))
        if terminology not in TERMINOLOGIES:
            return f"{terminology}/{code}"
        return name_of(Code(TERMINOLOGIES[terminology], code, display), self._ingredient_of)

    def _unit(self, row: Cells) -> str:
        """Give the unit in UCUM: by its concept, else as the source wrote it."""
        terminology, code, _ = self._known.get(row["unit_concept_id"], ("", "", ""))
        return code if terminology == "UCUM" else row["unit_source_value"]


def _people(place: Path, concepts: _Concepts) -> Mapping[str, _Person]:
    table = PERSON
    try:
        people = {
            _number(row): _Person(_birth(row), row["gender_concept_id"])
            for row in _rows(place, PERSON)
        }
        for table in (PERIOD, *EVENTS, DIED):
            for row in _rows(place, table):
                person = people.get(row["person_id"])
                if person is None:
                    raise ValueError("it is of nobody in PERSON")
                _add(person, table, row, concepts)
    except (KeyError, ValueError) as fault:
        raise MalformedCohort(f"{table} of {place} has a row that does not fit: {fault}") from fault
    return people


def _number(row: Cells) -> str:
    if not row["person_id"].isdecimal():
        raise ValueError("its person_id is no number")
    return row["person_id"]


def _add(person: _Person, table: str, row: Cells, concepts: _Concepts) -> None:
    if table == PERIOD:
        days = row["observation_period_start_date"], row["observation_period_end_date"]
        person.periods.append((person.age(days[0]), person.age(days[1])))
    elif table == DIED:
        person.entries.append(Entry(person.age(row["death_date"]), DEATH, Kind.DEATH))
    else:
        of, day = EVENTS[table]
        person.entries.append(concepts.entry(row, of, person.age(row[day])))


def _birth(row: Cells) -> str:
    """Give the birth date to the precision that is known."""
    parts = [row["year_of_birth"], row.get("month_of_birth", ""), row.get("day_of_birth", "")]
    known = parts[: parts.index("")] if "" in parts else parts
    return "-".join(f"{int(part):02}" for part in known)


def _told(number: int, person: _Person) -> Told | NoLife:
    if age_days(person.birth, date.max) is None:
        return NoLife.NO_BIRTH_DATE
    observed = [age for period in person.periods for age in period]
    entries = [*known_from(person.entries, min(observed, default=None))]
    if person.sex in SEXES:
        entries.append(Entry(None, SEXES[person.sex], Kind.SEX))
    died = any(entry.kind is Kind.DEATH for entry in entries)
    if observed:
        entries.append(Entry(min(observed), QUIET, Kind.NO_EVENT))
    if observed and not died:
        entries.append(Entry(max(observed), QUIET, Kind.NO_EVENT))
    return Told(number, tuple(entries))


def _rows(place: Path, table: str) -> Iterator[Cells]:
    """Give a table's rows by column in lower case; of a table that is not there, none."""
    found = [name for name in _files(place) if _table_of(name) == table]
    try:
        for name in found[:1]:
            with _opened(place, name) as lines:
                rows = csv.reader(lines)
                columns = [column.lower() for column in next(rows, [])]
                for cells in rows:
                    yield dict(zip(columns, cells, strict=True))
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile) as fault:
        raise MalformedCohort(f"{table} of {place} cannot be read: {fault}") from fault


def _opened(place: Path, name: str) -> io.TextIOWrapper:
    if place.is_dir():
        return (place / name).open(encoding="utf-8-sig", newline="")
    with zipfile.ZipFile(place) as archive:
        return io.TextIOWrapper(archive.open(name), encoding="utf-8-sig", newline="")


def _files(place: Path) -> list[str]:
    if place.is_dir():
        return sorted(each.name for each in place.iterdir() if each.is_file())
    with zipfile.ZipFile(place) as archive:
        return sorted(archive.namelist())


def _table_of(name: str) -> str:
    """Name the table that a file holds; "" for a file of something else.

    >>> _table_of("export/person.csv"), _table_of("__MACOSX/._PERSON.csv")
    ('PERSON', '')
    """
    file = Path(name)
    hidden = file.name.startswith(".")
    return "" if hidden or file.suffix.lower() != ".csv" else file.stem.upper()
