"""Answers: calibrated risks with intervals, parts and reasons, or why there are none."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.lives.served_world import RATIO, RATIO_OF_DEATH
from tests.unit.training.lives.worlds import DEATH, A, B, C

from epione.medicine.life import HAD, HORIZONS_YEARS, LifeAnswer, LifeQuestion, LifeRisk
from epione.timeline.calibration import WIDTH, variance_of
from epione.timeline.meanwhile import Leads
from epione.timeline.risk_within import dying_beside, rates_of, risk_within
from epione.timeline.tokens import Entry, NoLife
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import Kind
from epione_inference.lives import Life, LifeModel, answering, answers_of

WOMAN, MAN = Entry(None, "Female", Kind.SEX), Entry(None, "Male", Kind.SEX)
GENOME = Entry(None, "*1/*2", Kind.GENOME)
A_AT_20 = Entry(20 * YEAR_DAYS, "A (first)")
NOW = 18_262


def question(*entries: Entry, now_days: int = NOW, none: str = "") -> LifeQuestion:
    return LifeQuestion(entries, now_days, none)


SHE, HE = question(WOMAN, A_AT_20), question(MAN, GENOME, A_AT_20)


@pytest.fixture(scope="module")
def model(served_life: Path) -> LifeModel:
    return LifeModel(served_life)


def answer(model: LifeModel, asked: LifeQuestion, codes: Sequence[int] = (B,)) -> LifeAnswer:
    (found,) = answers_of(model, [asked], codes)
    return found


def risk(model: LifeModel, asked: LifeQuestion, code: int = B) -> LifeRisk:
    (found,) = answer(model, asked, [code]).risks
    return found


def rates_on_path(model: LifeModel, asked: LifeQuestion) -> tuple[np.ndarray, np.ndarray]:
    """Give begins and calibrated rates, worked out apart from what answers."""
    life, _ = model.life_of(asked)
    assert isinstance(life, Life)
    read = model.read([life], HORIZONS_YEARS[-1] * YEAR_DAYS)
    times = np.full(len(model.vocabulary), RATIO)
    times[DEATH] = RATIO_OF_DEATH
    return read.begins_days[0], rates_of(read.log_rates[0]) * times


@pytest.mark.parametrize("code", [B, DEATH])
def test_risks_are_those_of_the_quiet_path_calibrated(model: LifeModel, code: int) -> None:
    begins, rates = rates_on_path(model, SHE)
    dying = dying_beside(rates, DEATH)
    wide = np.exp(WIDTH * np.sqrt(variance_of(np.array(1_200.0))))

    found = risk(model, SHE, code)

    assert len(begins) == 3
    for years, told, interval in zip(HORIZONS_YEARS, found.risks, found.intervals, strict=True):
        low, middle, high = (
            risk_within(years * YEAR_DAYS, begins, rates * times, dying)[code]
            for times in (1 / wide, 1.0, wide)
        )
        assert told == pytest.approx(middle, rel=1e-5)
        assert interval == pytest.approx((low, high), rel=1e-5)
    assert found.risks == tuple(sorted(found.risks))


def test_the_parts_lead_to_the_risk(model: LifeModel) -> None:
    parts = risk(model, SHE).parts

    names = ["age and sex", "lifts", "transformer", "meanwhile", "calibration"]
    assert [name for name, _ in parts] == names
    assert parts[-1][1] == risk(model, SHE).risks[-1]
    assert len({part for _, part in parts}) == 4
    assert parts[3][1] == pytest.approx(parts[2][1], rel=1e-9), "nothing leads to anything here"


def test_what_may_happen_meanwhile_is_a_part_and_what_was_had_is_not(
    model: LifeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She has had A; C may come, and would raise B to ten times its rate."""
    before = dict(risk(model, SHE).parts)

    def parts_where(had: int) -> dict[str, float]:
        log_lift = np.zeros((model.form.n_tokens,) * 2)
        log_lift[had, B] = np.log(10)
        calibration = replace(model.calibration, leads=Leads.of(log_lift))
        monkeypatch.setattr(model, "calibration", calibration)
        return dict(risk(model, SHE).parts)

    by_c, by_a = parts_where(C), parts_where(A)

    assert by_c["transformer"] == before["transformer"]
    assert by_c["meanwhile"] > 1.01 * before["meanwhile"]
    assert by_c["calibration"] > 1.01 * before["calibration"]
    assert by_a["calibration"] == pytest.approx(before["calibration"], rel=1e-9)


def test_the_parts_before_calibration_are_as_the_model_says_them(model: LifeModel) -> None:
    life, _ = model.life_of(SHE)
    assert isinstance(life, Life)
    days = HORIZONS_YEARS[-1] * YEAR_DAYS
    read = model.read([life], days)
    age_sex, rates = rates_of(read.age_sex[0]), rates_of(read.log_rates[0])

    parts = dict(risk(model, SHE).parts)

    for name, by_step in (("age and sex", age_sex), ("transformer", rates)):
        dying = dying_beside(by_step, DEATH)
        expected = risk_within(days, read.begins_days[0], by_step, dying)[B]
        assert parts[name] == pytest.approx(expected, rel=1e-5)


def test_a_genome_is_the_last_part_and_says_how_much_it_multiplies(model: LifeModel) -> None:
    plain = question(MAN, A_AT_20)

    with_it, without = risk(model, HE), risk(model, plain)

    names = [name for name, _ in with_it.parts]
    assert names == ["age and sex", "lifts", "transformer", "genome", "meanwhile", "calibration"]
    for (_, part), (_, plain_part) in zip(with_it.parts[:3], without.parts, strict=False):
        assert part == pytest.approx(plain_part, rel=1e-2)
    assert with_it.parts[-1][1] == with_it.risks[-1]
    now = [rates_on_path(model, each)[1][0, B] for each in (HE, plain)]
    assert with_it.genome_times == pytest.approx(now[0] / now[1], rel=1e-4)
    assert without.genome_times is None


def test_what_moved_a_risk_is_said(model: LifeModel) -> None:
    (mover,) = risk(model, SHE).moved_by

    assert (mover.name, mover.age_days) == ("A (first)", 7_305)
    assert {each.name for each in risk(model, HE).moved_by} == {"A (first)", "*1/*2"}


def test_of_several_codes_any_counts(model: LifeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "OUTCOMES", {"one or the other": ("A (first)", "B")})
    younger = question(WOMAN, Entry(8_000, "C"))

    found = next(each for each in answer(model, younger, ()).risks if len(each.codes) == 2)

    begins, rates = rates_on_path(model, younger)
    pair = rates[:, [4, B]].sum(1, keepdims=True)
    days = HORIZONS_YEARS[-1] * YEAR_DAYS
    expected = risk_within(days, begins, pair, rates[:, DEATH:])[0]
    assert found.outcome == "one or the other"
    assert found.codes == ("A (first)", "B")
    assert found.risks[-1] == pytest.approx(expected, rel=1e-5)


def test_an_outcome_of_which_a_code_was_had_is_silent(
    model: LifeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = {"one or the other": ("A (first)", "B"), "unheard of": ("ICD10CM/I50",)}
    monkeypatch.setattr(answering, "OUTCOMES", outcomes)

    silent = answer(model, SHE, ()).silent

    assert silent["one or the other"] == HAD
    assert silent["unheard of"] == "the model has no code of it"


def test_what_is_high_for_the_age_and_sex_is_told_by_itself(
    model: LifeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both limits, from either side, by the figures of the answer itself."""
    monkeypatch.setattr(answering, "OUTCOMES", {})
    monkeypatch.setattr(answering, "CONDITIONS", ("B", "D"))
    alone = [risk(model, SHE, code) for code in (B, DEATH)]
    times = {each.outcome: each.risks[-1] / each.parts[0][1] for each in alone}
    risks = {each.outcome: each.risks[-1] for each in alone}
    highest = max(times, key=lambda outcome: times[outcome])

    def told(least_risk: float, least_times: float) -> set[str]:
        monkeypatch.setattr(answering, "TOLD_RISK", least_risk)
        monkeypatch.setattr(answering, "TOLD_TIMES", least_times)
        return {each.outcome for each in answer(model, SHE, ()).risks}

    assert told(risks[highest] * 0.999, times[highest] * 0.999) == {highest}
    assert told(risks[highest] * 1.001, times[highest] * 0.999) == set()
    assert told(risks[highest] * 0.999, times[highest] * 1.001) == set()


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        pytest.param(("B",), {"B"}, id="a condition"),
        pytest.param(("C",), set(), id="one that the cohort hardly holds, and nobody asked for"),
        pytest.param(answering.CONDITIONS, set(), id="none of their names is a condition's"),
    ],
)
def test_only_conditions_are_told_unasked(
    model: LifeModel, monkeypatch: pytest.MonkeyPatch, conditions: tuple[str, ...], told: set[str]
) -> None:
    monkeypatch.setattr(answering, "OUTCOMES", {})
    monkeypatch.setattr(answering, "CONDITIONS", conditions)
    monkeypatch.setattr(answering, "TOLD_RISK", 0.0)
    monkeypatch.setattr(answering, "TOLD_TIMES", 0.0)

    found = answer(model, SHE, ())

    assert ({each.outcome for each in found.risks}, found.silent) == (told, {})


@pytest.mark.parametrize(("held", "cases"), [(1, "1 case"), (0, "0 cases"), (49, "49 cases")])
def test_one_case_is_one_case(
    model: LifeModel, monkeypatch: pytest.MonkeyPatch, held: int, cases: str
) -> None:
    near = np.full((1, len(model.vocabulary)), float(held))
    monkeypatch.setattr(type(model.calibration.support), "near_to", lambda *_: near)

    said = answer(model, SHE, [C]).silent["C"]

    assert said == f"the cohort holds {cases} near that sex and age, of at least 50"


def test_a_code_that_the_cohort_hardly_holds_is_silent(model: LifeModel) -> None:
    assert answer(model, SHE, [C]).silent == {
        "C": "the cohort holds 9 cases near that sex and age, of at least 50"
    }


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        pytest.param(question(none=NoLife.NO_BIRTH_DATE), "no birth date", id="no birth date"),
        pytest.param(question(WOMAN), "an empty history", id="empty"),
        pytest.param(question(A_AT_20), "sex is not known", id="sex"),
        pytest.param(
            question(WOMAN, Entry(20, "Z")),
            "not enough history: 0 codes that the model understands, of at least 1",
            id="nothing understood",
        ),
        pytest.param(
            question(WOMAN, A_AT_20, now_days=33_000),
            "the cohort holds 20 years of female lives of 90, of at least 1000",
            id="older than the cohort",
        ),
        pytest.param(
            question(WOMAN, A_AT_20, Entry(9_000, "DEATH", Kind.DEATH)),
            "death is on the record",
            id="dead",
        ),
    ],
)
def test_of_whom_the_model_does_not_speak_it_is_said_why(
    model: LifeModel, asked: LifeQuestion, why: str
) -> None:
    found = answer(model, asked)

    assert found.refused == why
    assert found.risks == ()


def test_what_is_not_understood_is_told_with_the_risks(model: LifeModel) -> None:
    asked = question(WOMAN, A_AT_20, Entry(20, "Z"))

    found = answer(model, asked)

    assert found.not_understood == ("Z",)
    assert found == replace(answer(model, SHE), not_understood=("Z",))


def test_all_at_once_are_answered_as_each_alone(model: LifeModel) -> None:
    """Float32 rounds a little by who is in the run."""
    asked = [SHE, question(WOMAN), HE, question(MAN, Entry(8_000, "C"), now_days=9_000)]

    together = answers_of(model, asked, [B])

    for found, each in zip(together, asked, strict=True):
        alone = answer(model, each)
        assert (found.refused, found.silent) == (alone.refused, alone.silent)
        for one, other in zip(found.risks, alone.risks, strict=True):
            assert one.risks == pytest.approx(other.risks, rel=1e-4)
            assert [mover.name for mover in one.moved_by] == [m.name for m in other.moved_by]


def test_nobody_is_asked_about(model: LifeModel) -> None:
    assert answers_of(model, []) == []
