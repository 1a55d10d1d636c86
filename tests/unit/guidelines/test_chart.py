"""What a finding may rest on."""

from dataclasses import replace
from itertools import chain

from tests.unit.guidelines.charts import ADULT, having, measured

from epione.medicine.guidelines import Chart, Problem, findings_of

FULL = replace(
    having(measured(ADULT, 150, 95), *(each for each in Problem if each != Problem.PREGNANCY)),
    egfr=50,
    uacr=40,
    bmi=31,
    total_cvd_10y=0.2,
)


def test_every_ground_is_a_field_of_the_chart_or_a_problem() -> None:
    grounds = chain.from_iterable(each.grounds for each in findings_of(FULL))

    assert {ground.fact for ground in grounds} <= {*Chart.__slots__, *Problem}


def test_every_finding_has_its_grounds_its_source_and_what_would_change_it() -> None:
    for each in findings_of(FULL):
        assert each.grounds
        assert each.evidence[0].reference
        assert each.would_change_if


def test_keys_are_distinct() -> None:
    keys = [each.key for each in findings_of(FULL)]

    assert len(keys) == len(set(keys))


def test_the_order_of_readings_and_problems_does_not_matter() -> None:
    backwards = replace(
        FULL,
        readings=FULL.readings[::-1],
        problems=dict(reversed(list(FULL.problems.items()))),
    )

    assert findings_of(backwards) == findings_of(FULL)
