"""`epione cohort` from the outside, and a stream's patients as MEDS."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.unit.timeline.records import condition, event, person
from tests.unit.training.cohorts.told_lives import MANY, mapped
from tests.unit.training.lives.worlds import world, write_delphi
from tests.vaults import NOW_MS, vault_on
from typer.testing import CliRunner, Result

from epione.errors import MalformedCohort
from epione.messaging import MemoryLog
from epione.patient_message import event_message
from epione.timeline import PatientEvent
from epione_cli.app import command_line
from epione_cli.cohort_stream import write_lives
from epione_training.cohorts.meds_writing import write_meds
from epione_training.lives.cohort import is_held_back
from epione_training.lives.planted import planted, planted_version, simulate, version_of


def run(*arguments: object) -> Result:
    app = command_line(["cohort", "train", "evaluate"])
    return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=True)


@pytest.fixture
def meds(tmp_path: Path) -> Path:
    write_meds(MANY, tmp_path / "meds")
    return tmp_path / "meds"


def test_a_source_becomes_rows_and_says_what_is_left_out(meds: Path, tmp_path: Path) -> None:
    answer = run("cohort", meds, "--out", tmp_path / "rows", "--at-least", 11)

    assert answer.exit_code == 0
    assert answer.stdout == ""
    about = json.loads((tmp_path / "rows/cohort.json").read_text())
    assert about["source"] == "MEDS"
    assert np.load(tmp_path / "rows/patients.npy").tolist() == list(range(40))


def test_what_is_left_out_is_counted_on_standard_error(meds: Path, tmp_path: Path) -> None:
    answer = run("cohort", meds, "--out", tmp_path / "rows", "--at-least", 41)

    assert answer.stderr == "left out: 120 entries, a code that the vocabulary does not know\n"


def test_a_source_becomes_meds(tmp_path: Path) -> None:
    mapped(MANY, tmp_path / "rows")

    answer = run("cohort", tmp_path / "rows", "--out", tmp_path / "meds", "--as", "meds")

    assert answer.exit_code == 0
    assert pq.read_table(tmp_path / "meds/data").num_rows > 40


def test_what_is_planted_stays_so_through_every_form_and_into_the_model(tmp_path: Path) -> None:
    simulate(planted(), 60, 0, tmp_path / "planted")
    forms = {"rows": (), "meds": ("--as", "meds"), "again": ()}
    source = tmp_path / "planted"
    for name, form in forms.items():
        assert run("cohort", source, "--out", tmp_path / name, *form).exit_code == 0
        source = tmp_path / name

    assert {planted_version(tmp_path / name) for name in forms} == {version_of(planted())}
    for name in ("meds", "again"):
        run("train", tmp_path / name, "--out", tmp_path / f"model-{name}", "--steps", 1)
        facts = json.loads((tmp_path / f"model-{name}/model.json").read_text())
        assert facts["cohort"]["planted"] == version_of(planted())


def test_what_is_not_planted_is_not_called_so(meds: Path, tmp_path: Path) -> None:
    run("cohort", meds, "--out", tmp_path / "rows")

    assert planted_version(meds) == planted_version(tmp_path / "rows") == ""
    assert json.loads((tmp_path / "rows/cohort.json").read_text())["planted"] == ""


def test_the_tokens_of_another_folder_are_used(meds: Path, tmp_path: Path) -> None:
    mapped(MANY, tmp_path / "model", at_least=11)

    run("cohort", meds, "--out", tmp_path / "rows", "--like", tmp_path / "model")

    files = (tmp_path / each / "vocabulary.json" for each in ("model", "rows"))
    assert len({file.read_text() for file in files}) == 1


def test_what_is_no_cohort_is_refused(tmp_path: Path) -> None:
    answer = run("cohort", tmp_path / "none", "--out", tmp_path / "rows")

    assert isinstance(answer.exception, MalformedCohort)


def test_a_model_is_judged_by_lives_that_were_held_out_of_its_training(tmp_path: Path) -> None:
    write_delphi(world(100), tmp_path)
    run("cohort", tmp_path, "--out", tmp_path / "rows")
    run("cohort", tmp_path / "rows", "--out", tmp_path / "meds", "--as", "meds")
    run("train", tmp_path / "rows", "--out", tmp_path / "model", "--steps", 1)

    by_rows, by_meds = (
        json.loads(run("evaluate", tmp_path / "model", tmp_path / each, "--json").stdout)
        for each in ("rows", "meds")
    )

    facts = json.loads((tmp_path / "model/model.json").read_text())["cohort"]
    assert by_rows == by_meds
    assert by_rows["lives"] == sum(map(is_held_back, range(100)))
    assert by_rows["lives"] + facts["lives"] + facts["validated_by"] == 100


async def logged(*events: PatientEvent, is_sealed: bool = False) -> MemoryLog:
    log = MemoryLog()
    messages = [event_message(each, "test") for each in events]
    if is_sealed:
        messages = await vault_on(log).sealed([(message, NOW_MS) for message in messages])
    await log.publish(messages)
    return log


def of(patient: str) -> list[PatientEvent]:
    return [
        event(person(), "person", patient=patient),
        event(condition("44054006"), "sick", patient=patient),
    ]


@pytest.mark.parametrize("is_sealed", [False, True])
async def test_patients_of_a_stream_are_written_as_meds(tmp_path: Path, is_sealed: bool) -> None:
    patients = [f"patient-{n}" for n in range(20)]
    events = [each for patient in patients for each in of(patient)]
    log = await logged(*events, is_sealed=is_sealed)

    await write_lives(log, vault_on(log), "north", tmp_path / "meds")

    rows = pq.read_table(tmp_path / "meds/data").to_pylist()
    assert len({row["subject_id"] for row in rows}) == 20
    assert {row["code"] for row in rows} == {"Male", "MEDS_BIRTH", "SNOMED/44054006"}
    written = b"".join(f.read_bytes() for f in (tmp_path / "meds").rglob("*") if f.is_file())
    assert b"patient-" not in written


async def test_another_tenants_patients_are_not_written(tmp_path: Path) -> None:
    log = await logged(*of("patient-1"))

    with pytest.raises(MalformedCohort, match="no life is told of"):
        await write_lives(log, vault_on(log), "south", tmp_path / "meds")
