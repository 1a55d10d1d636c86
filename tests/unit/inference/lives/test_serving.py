"""A model of a life in the stream: in order, of one version, equal questions alike, cards cited."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from tests.unit.inference.candidates import point
from tests.unit.inference.lives.versions import Answering, said_by, version_in

from epione.errors import Misconfigured, ModelNotLoaded
from epione.medicine.life import LifeAnswer, LifeQuestion, LifeRisk, Mover
from epione.timeline.tokens import Entry
from epione_inference.lives import LifeModel
from epione_inference.lives.serving import FORM, LifeAnswers, shipped
from epione_inference.results import rules_of
from epione_inference.serving import CPU, CUDA, Execution, RunPool

OLD, NEW = "life-1", "life-2"
SICK = Entry(9_000, "ICD10CM/I10", event_id="sick@1", words="hypertension")
ONE, TWO = LifeQuestion((SICK,), 9_100), LifeQuestion((SICK, SICK), 9_100)


@pytest.fixture
def pointer(served_life: Path, tmp_path: Path) -> Path:
    """A link to the old version; the new one lies beside it."""
    version_in(tmp_path, served_life, NEW)
    point(tmp_path / "current", version_in(tmp_path, served_life, OLD))
    return tmp_path / "current"


@pytest.fixture
def answering() -> Answering:
    return Answering()


@pytest.fixture
def lives(pointer: Path, answering: Answering) -> Iterator[LifeAnswers]:
    answers = LifeAnswers(pointer, None, answers_of=answering)
    yield answers
    answers.close()


async def said(lives: LifeAnswers, *questions: LifeQuestion) -> list[str]:
    return [each.refused for each in (await lives.answer(questions)).answers]


async def test_questions_are_answered_in_order_by_the_version_that_is_named(
    lives: LifeAnswers,
) -> None:
    foretold = await lives.answer([TWO, ONE])

    assert [each.refused for each in foretold.answers] == [said_by(OLD, TWO), said_by(OLD, ONE)]
    assert foretold.card.version == OLD


async def test_where_nothing_is_asked_the_card_is_cited_all_the_same(
    lives: LifeAnswers, answering: Answering
) -> None:
    foretold = await lives.answer([])

    assert (foretold.answers, foretold.card.version, answering.asked) == ((), OLD, [])


async def test_who_else_is_asked_about_is_no_part_of_a_run(pointer: Path) -> None:
    runs: list[int] = []

    def counting(_: LifeModel, questions: Sequence[LifeQuestion]) -> list[LifeAnswer]:
        runs.append(len(questions))
        return [LifeAnswer("") for _ in questions]

    lives = LifeAnswers(pointer, None, answers_of=counting)
    await lives.answer([ONE, TWO])
    lives.close()

    assert runs == [1, 1]


async def test_no_more_runs_at_once_than_allowed(pointer: Path) -> None:
    running, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=10)

    def counting(_: LifeModel, questions: Sequence[LifeQuestion]) -> list[LifeAnswer]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        with lock:
            running -= 1
        return [LifeAnswer("") for _ in questions]

    lives = LifeAnswers(pointer, None, Execution(runs_at_once=2), answers_of=counting)
    await lives.answer([LifeQuestion((SICK,), age) for age in range(9_000, 9_006)])
    lives.close()

    assert most == 2


async def test_another_version_takes_over(lives: LifeAnswers, pointer: Path) -> None:
    before = await said(lives, ONE)
    point(pointer, pointer.parent / NEW)

    await lives.look()

    assert (before, await said(lives, ONE)) == ([said_by(OLD, ONE)], [said_by(NEW, ONE)])
    labels = {"model": "life", "version": NEW, "provider": CPU}
    assert REGISTRY.get_sample_value("epione_model_provider", labels) == 1


async def test_another_calibration_under_the_same_version_is_refused(
    lives: LifeAnswers, pointer: Path, served_life: Path, tmp_path: Path
) -> None:
    card = json.loads((served_life / "card.json").read_text(encoding="utf-8"))
    calibration = {**card["calibration"], "covered": [0.5]}
    other = version_in(tmp_path / "other", served_life, OLD, calibration=calibration)
    before = lives.card.digest
    point(pointer, other)

    await lives.look()

    assert lives.card.digest == before
    assert await said(lives, ONE) == [said_by(OLD, ONE)]


async def test_a_version_that_is_wrong_is_refused_and_the_old_one_goes_on(
    lives: LifeAnswers, pointer: Path
) -> None:
    (pointer.parent / NEW / "model.onnx").write_bytes(b"tampered with")
    point(pointer, pointer.parent / NEW)

    await lives.look()

    assert await said(lives, ONE) == [said_by(OLD, ONE)]


async def test_a_version_whose_provider_failed_is_not_ready_until_a_run_goes_well(
    pointer: Path,
) -> None:
    fails = [True]

    def failing(_: LifeModel, questions: Sequence[LifeQuestion]) -> list[LifeAnswer]:
        if fails:
            raise ModelNotLoaded("the provider failed")
        return [LifeAnswer("") for _ in questions]

    lives = LifeAnswers(pointer, None, answers_of=failing)
    ready = [lives.is_ready]
    with pytest.raises(ModelNotLoaded):
        await lives.answer([ONE])
    ready.append(lives.is_ready)
    fails.clear()
    await lives.answer([ONE])
    ready.append(lives.is_ready)
    lives.close()

    assert ready == [True, False, True]


async def test_one_run_that_fails_makes_a_version_unwell_whichever_ends_last(
    pointer: Path,
) -> None:
    has_failed = threading.Event()

    def failing(_: LifeModel, questions: Sequence[LifeQuestion]) -> list[LifeAnswer]:
        if questions == (ONE,):
            has_failed.set()
            raise ModelNotLoaded("the provider failed")
        assert has_failed.wait(10)
        return [LifeAnswer("") for _ in questions]

    lives = LifeAnswers(pointer, None, answers_of=failing)
    with pytest.raises(ModelNotLoaded):
        await lives.answer([ONE, TWO])

    assert not lives.is_ready
    lives.close()


async def test_a_pool_that_is_shared_bounds_both_and_is_left_open(pointer: Path) -> None:
    pool, threads = RunPool(1), set()

    def naming(_: LifeModel, questions: Sequence[LifeQuestion]) -> list[LifeAnswer]:
        threads.add(threading.get_ident())
        return [LifeAnswer("") for _ in questions]

    lives = LifeAnswers(pointer, None, Execution(runs_at_once=2), pool=pool, answers_of=naming)
    await lives.answer([ONE, TWO])
    lives.close()

    assert threads == {await pool.run(lambda _: threading.get_ident(), None)}
    pool.close()


def test_where_no_model_is_shipped_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)

    with pytest.raises(Misconfigured, match="no model of a life is shipped: make life"):
        shipped()
    (tmp_path / "models" / "life" / "2026-11").mkdir(parents=True)
    assert shipped().name == "2026-11"


def test_what_decides_beside_the_model_is_in_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deciding").mkdir()
    (tmp_path / "deciding" / "__init__.py").write_text("TOLD_RISK = 0.01\n")
    (tmp_path / "deciding" / "conditions.tsv").write_text("I10\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = rules_of("deciding")
    (tmp_path / "deciding" / "conditions.tsv").write_text("I11\n")

    assert rules_of("deciding") != before
    deciding = ("epione_inference.lives", "epione.timeline", "epione.medicine.life")
    assert (FORM.rules, FORM.kept_s) == (rules_of(*deciding), 86_400)


async def test_the_loop_goes_on_while_a_life_is_read(pointer: Path) -> None:
    may_end = threading.Event()

    def waiting(_: LifeModel, questions: Sequence[LifeQuestion]) -> list[LifeAnswer]:
        assert may_end.wait(10)
        return [LifeAnswer("") for _ in questions]

    lives = LifeAnswers(pointer, None, answers_of=waiting)
    asked = asyncio.create_task(lives.answer([ONE]))
    await asyncio.sleep(0)
    may_end.set()

    assert (await asked).answers == [LifeAnswer("")]
    lives.close()


@pytest.mark.parametrize(
    ("card", "cited"),
    [
        pytest.param({}, (f"model card {OLD}", "", False), id="a bare card"),
        pytest.param(
            {"link": None, "made_on": None},
            (f"model card {OLD}", "", False),
            id="neither is known",
        ),
        pytest.param(
            {"link": "https://models.example", "made_on": "2026-11-29"},
            ("https://models.example", "2026-11-29", False),
            id="a link and a day",
        ),
        pytest.param(
            {"model": {"cohort": {"planted": "2026-11"}}},
            (f"model card {OLD}", "", True),
            id="an invented cohort",
        ),
    ],
)
async def test_what_the_card_says_is_cited(
    served_life: Path, tmp_path: Path, card: dict[str, object], cited: tuple[str, str, bool]
) -> None:
    lives = LifeAnswers(
        version_in(tmp_path, served_life, OLD, **card), None, answers_of=Answering()
    )

    found = (await lives.answer([])).card

    assert (found.reference, found.made_on, found.is_planted) == cited
    assert found.reads_genomes
    lives.close()


def test_a_card_that_cannot_be_cited_is_refused(served_life: Path, tmp_path: Path) -> None:
    folder = version_in(tmp_path, served_life, OLD, link=["not", "a", "text"])

    with pytest.raises(Misconfigured, match="does not say link"):
        LifeAnswers(folder, None, answers_of=Answering())


def test_where_there_is_no_model_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no model in"):
        LifeAnswers(tmp_path / "nowhere", None, answers_of=Answering())


def test_a_provider_that_is_not_there_is_refused(pointer: Path) -> None:
    with pytest.raises(Misconfigured, match=CUDA):
        LifeAnswers(pointer, None, Execution(providers=(CUDA,)), answers_of=Answering())


def test_graphs_are_passed_over_and_not_refused(pointer: Path) -> None:
    lives = LifeAnswers(pointer, None, Execution(graphs=True), answers_of=Answering())

    assert lives.provider == CPU
    lives.close()


probabilities = st.floats(0, 1)
risks = st.builds(
    LifeRisk,
    outcome=st.text(max_size=8),
    codes=st.lists(st.text(max_size=8), max_size=2).map(tuple),
    horizons_years=st.just((1, 5, 10)),
    risks=st.tuples(probabilities, probabilities, probabilities),
    intervals=st.tuples(*(st.tuples(probabilities, probabilities),) * 3),
    parts=st.lists(st.tuples(st.text(max_size=8), probabilities), max_size=4).map(tuple),
    genome_times=st.none() | st.floats(0.01, 100),
    moved_by=st.lists(
        st.builds(Mover, st.text(max_size=8), st.integers(0, 40_000), st.floats(0.01, 100)),
        max_size=3,
    ).map(tuple),
)
answers = st.builds(
    LifeAnswer,
    refused=st.text(max_size=8),
    risks=st.lists(risks, max_size=2).map(tuple),
    silent=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2),
    not_understood=st.lists(st.text(max_size=8), max_size=2).map(tuple),
)


@given(answers)
def test_an_answer_that_was_kept_comes_back_as_it_went(answer: LifeAnswer) -> None:
    assert FORM.read(FORM.written(answer)) == answer


@pytest.mark.parametrize("value", [b"", b"{", b'{"risks": 1}', b"\xff"])
def test_what_is_no_answer_is_read_as_none(value: bytes) -> None:
    assert FORM.read(value) is None


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        pytest.param(replace(SICK, event_id="another", words="said otherwise"), True, id="news"),
        pytest.param(replace(SICK, age_days=9_001), False, id="another day"),
        pytest.param(replace(SICK, name="ICD10CM/I11"), False, id="another code"),
        pytest.param(replace(SICK, value=7.0, unit="%"), False, id="a number"),
    ],
)
def test_what_is_asked_alike_is_one_question(other: Entry, alike: bool) -> None:
    assert (FORM.asked(replace(ONE, entries=(other,))) == FORM.asked(ONE)) is alike
    assert (replace(ONE, entries=(other,)) == ONE) is alike
    assert FORM.asked(replace(ONE, now_days=9_101)) != FORM.asked(ONE)
