"""What would lower a risk: one input changed at a time, within the model's range."""

from dataclasses import replace

import pytest

from epione.medicine.risk import PreventInputs, scenarios_of

AT_HIGH_RISK = PreventInputs(
    age=55,
    sex="male",
    sbp=148,
    bp_tx=True,
    total_c=220,
    hdl_c=45,
    statin=False,
    dm=False,
    smoking=True,
    egfr=90,
    bmi=34,
)


def test_each_scenario_changes_one_input_alone() -> None:
    scenarios = scenarios_of(AT_HIGH_RISK)

    assert [each.name for each in scenarios] == [
        "sbp=129",
        "smoking=false",
        "total_c=181",
        "bmi=32.3",
    ]
    assert [
        replace(each.inputs, **{each.changed: getattr(AT_HIGH_RISK, each.changed)})
        for each in scenarios
    ] == [AT_HIGH_RISK] * 4


@pytest.mark.parametrize(
    ("known", "name"),
    [
        pytest.param({"sbp": 129}, "sbp=129", id="the pressure is at goal"),
        pytest.param({"smoking": False}, "smoking=false", id="does not smoke"),
        pytest.param({"total_c": 168}, "total_c=129", id="cholesterol would leave the range"),
        pytest.param({"bmi": 30}, "bmi=28.5", id="weight counts above 30 alone"),
    ],
)
def test_what_cannot_be_changed_for_the_better_is_not_offered(
    known: dict[str, float], name: str
) -> None:
    names = [each.name for each in scenarios_of(replace(AT_HIGH_RISK, **known))]  # type: ignore[arg-type]

    assert len(names) == 3
    assert name not in names


@pytest.mark.parametrize(
    ("known", "name"),
    [
        pytest.param({"sbp": 130}, "sbp=129", id="130 is not at goal"),
        pytest.param({"total_c": 169}, "total_c=130", id="cholesterol stays in range"),
        pytest.param({"bmi": 30.1}, "bmi=28.6", id="weight counts above 30"),
    ],
)
def test_what_can_just_be_changed_is_offered(known: dict[str, float], name: str) -> None:
    scenarios = scenarios_of(replace(AT_HIGH_RISK, **known))  # type: ignore[arg-type]

    assert name in [each.name for each in scenarios]


def test_what_is_not_known_is_not_changed() -> None:
    assert scenarios_of(PreventInputs()) == ()


def test_inputs_the_model_refuses_have_no_scenarios() -> None:
    assert scenarios_of(replace(AT_HIGH_RISK, egfr=None)) == ()
