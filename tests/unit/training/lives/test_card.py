"""What a card says of a model, and what it admits not to know."""

import json
from datetime import date
from pathlib import Path

import pytest

from epione_training.lives.card import (
    ATTRIBUTES,
    CARD,
    NOT_KNOWN,
    PAGE,
    calibration_by_group,
    card_of,
    write_card,
)

TODAY = date(2026, 11, 29)
FACTS = {
    "size": "2M",
    "cohort": {"lives": 19_000, "validated_by": 1_000, "events": 600_000, "planted": ""},
    "training": {"took_steps": 900},
}
EVALUATED = {
    "lives": 500,
    "total_loss": 11.5,
    "mean_auc_female": 0.7,
    "mean_auc_male": 0.65,
    "death_auc": None,
    "baselines": {"lift": {"total_loss": 11.6}},
    "observed_expected_by_ten_years": {
        "female": [(90.0, 100.0), (1.0, 5.0)],
        "male": [(210.0, 200.0), (0.0, 0.0)],
    },
}


def attributes(card: dict[str, object]) -> dict[str, str]:
    said = card["source attributes"]
    assert isinstance(said, dict)
    return said


@pytest.mark.reference
def test_each_of_the_31_source_attributes_is_there_in_its_group(reference_data: Path) -> None:
    facts = json.loads((reference_data / "guidelines" / "trust_facts.json").read_text())
    groups = [attribute["group"] for attribute in facts["hti1"]["attributes"]]

    assert [group for group, _, _ in ATTRIBUTES] == groups


def test_what_no_fact_answers_is_not_known() -> None:
    said = attributes(card_of(FACTS, TODAY))

    assert len(said) == 31
    assert said["2. output: funding source"] == NOT_KNOWN
    assert said["21. performance: validity in test data of the same source"] == NOT_KNOWN
    assert "19,000 lives" in said["11. development: inclusion and exclusion criteria"]


def test_figures_are_filled_in_and_gaps_of_groups_are_said() -> None:
    said = attributes(card_of(FACTS, TODAY, EVALUATED))

    validity = said["21. performance: validity in test data of the same source"]
    fairness = said["22. performance: fairness in test data of the same source"]
    assert "11.500 nats an event (counting alone 11.600)" in validity
    assert "not known of death" in validity
    assert "0.050 between the sexes" in fairness
    assert "0.90 to 1.05" in fairness


def test_a_planted_cohort_represents_nobody() -> None:
    planted = {**FACTS, "cohort": {**FACTS["cohort"], "planted": "2026-11-29"}}  # type: ignore[dict-item]

    said = attributes(card_of(planted, TODAY))

    assert "Nobody" in said["6. purpose: intended patient population"]
    assert "Nobody" in said["14. development: relevance of training data to the deployed setting"]


def test_calibration_is_said_of_groups_with_enough_events() -> None:
    assert calibration_by_group(EVALUATED) == {
        "female of 0 to 9": "0.90 (90 of 100 expected)",
        "male of 0 to 9": "1.05 (210 of 200 expected)",
    }


def test_a_card_is_left_for_machines_and_for_people(tmp_path: Path) -> None:
    write_card(tmp_path, FACTS, TODAY, EVALUATED)

    assert json.loads((tmp_path / CARD).read_text())["version"] == "2M of 2026-11-29"
    page = (tmp_path / PAGE).read_text()
    assert "# Model card: life 2M of 2026-11-29" in page
    assert "**2. output: funding source**: not known" in page
