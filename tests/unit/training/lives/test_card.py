"""What a card says of a model, where it is trained and exported, and what it admits not to know."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from epione.errors import Misconfigured
from epione.timeline.calibration import N_BANDS, SEXES, Calibration, Support
from epione.timeline.exported import CARD
from epione_training.lives.attributes import ATTRIBUTES, NOT_KNOWN, Known, attributes_of
from epione_training.lives.calibration import write_calibration
from epione_training.lives.card import PAGE, calibration_by_group, known_in, said_of, write_card

TODAY = date(2026, 11, 29)
FACTS = {
    "size": "2M",
    "cohort": {"lives": 19_000, "validated_by": 1_000, "events": 600_000, "planted": ""},
    "training": {"took_steps": 900},
}


def group(gap: float | None) -> dict[str, object]:
    """Give a group's figures, with a standard error of 0.01."""
    estimate = gap and {"value": gap, "error": 0.01}
    none = dict.fromkeys(("auc", "observed_expected", "observed_expected_difference"))
    return {"lives": 250, "auc_difference": estimate, **none}


EVALUATED = {
    "evaluated_on": "2026-11-30",
    "lives": 500,
    "total_loss": 11.5,
    "mean_auc_female": 0.7,
    "mean_auc_male": 0.65,
    "death_auc": None,
    "baselines": {"lift": {"total_loss": 11.6}},
    "codes": {"female": {"A": {"value": 0.7, "error": 0.1, "cases": 9}}},
    "auc_within_years": {
        name: {"5": {"female": {"mean": {"value": auc, "error": 0.01}}, "male": {"mean": None}}}
        for name, auc in (("model", 0.7), ("lift", 0.6))
    },
    "groups": {
        "sex": {"female": group(0.05), "male": group(-0.015)},
        "age": {"0 to 9": group(None)},
    },
    "observed_expected_by_ten_years": {
        "female": [(90.0, 100.0), (1.0, 5.0)],
        "male": [(210.0, 200.0), (0.0, 0.0)],
    },
}


def words_of(text: str) -> set[str]:
    """Give the words of a name, without what stands in brackets only to explain it."""
    return set("".join(letter if letter.isalnum() else " " for letter in text).lower().split())


@pytest.mark.reference
def test_the_31_source_attributes_are_there_by_number_group_and_name(reference_data: Path) -> None:
    facts = json.loads((reference_data / "guidelines" / "trust_facts.json").read_text())
    attributes = facts["hti1"]["attributes"]

    assert [each["n"] for each in attributes] == [*range(1, len(ATTRIBUTES) + 1)]
    assert len(ATTRIBUTES) == 31
    for (group, name, _), each in zip(ATTRIBUTES, attributes, strict=True):
        assert group == each["group"]
        assert words_of(each["name"].split(" (")[0]) <= words_of(f"{group} {name}"), each["name"]


def test_what_no_fact_answers_is_not_known() -> None:
    said = attributes_of(FACTS, Known())

    assert len(said) == 31
    assert said["2. output: funding source"] == NOT_KNOWN
    assert said["13. development: demographic representativeness of training data"] == NOT_KNOWN
    assert said["21. performance: validity in test data of the same source"] == NOT_KNOWN
    assert said["23. performance: validity in external data"] == NOT_KNOWN
    assert "19,000 lives" in said["11. development: inclusion and exclusion criteria of training"]


def test_a_model_of_which_nothing_is_known_has_its_attributes_too() -> None:
    said = attributes_of({}, Known())

    assert said["11. development: inclusion and exclusion criteria of training"] == NOT_KNOWN
    assert said["4. output: output type"] == "prediction"


def test_figures_are_filled_in_and_gaps_of_groups_are_said() -> None:
    said = attributes_of(FACTS, Known(TODAY, EVALUATED))

    validity = said["21. performance: validity in test data of the same source"]
    fairness = said["22. performance: fairness in test data of the same source"]
    assert "500 lives that it did not learn from, on 2026-11-30" in validity
    assert "11.500 nats an event (counting alone 11.600)" in validity
    assert "not known of death" in validity
    assert "5 female 0.700 ±0.020 (counting 0.600 ±0.020)" in validity
    assert "By sex, female: area under the curve +0.050 ±0.020." in fairness
    assert "By sex, male: area under the curve -0.015 ±0.020 (may be chance)." in fairness
    assert "By age" not in fairness
    assert "By genome: not known." in fairness
    assert "Race and ethnicity are not in the cohort" in fairness


def test_a_planted_cohort_represents_nobody() -> None:
    planted = {**FACTS, "cohort": {**FACTS["cohort"], "planted": "2026-11-29"}}  # type: ignore[dict-item]

    said = attributes_of(planted, Known(lived_years=np.ones((SEXES, N_BANDS))))

    assert "Nobody" in said["6. purpose: intended patient population"]
    assert "Nobody" in said["13. development: demographic representativeness of training data"]
    assert "Nobody" in said["14. development: relevance of training data to the deployed setting"]


def test_whom_the_cohort_holds_is_said_by_sex_and_age() -> None:
    lived = np.zeros((SEXES, N_BANDS))
    lived[0, 4], lived[1, 9] = 12_345, 7

    said = attributes_of(FACTS, Known(lived_years=lived))

    whom = said["13. development: demographic representativeness of training data"]
    assert "female 40 to 49 12,345; male 90 to 99 7." in whom
    assert "Race, ethnicity, language, place and income of the people are not known." in whom


def test_calibration_is_said_of_groups_with_enough_events() -> None:
    assert calibration_by_group(EVALUATED) == {
        "female of 0 to 9": "0.90 (90 of 100 expected)",
        "male of 0 to 9": "1.05 (210 of 200 expected)",
    }


def test_a_card_is_left_for_machines_and_for_people(tmp_path: Path) -> None:
    write_card(tmp_path, FACTS, TODAY, EVALUATED)

    card = json.loads((tmp_path / CARD).read_text())
    assert card["version"] == "2M of 2026-11-29"
    assert card["evaluated"]["total_loss"] == 11.5
    assert "codes" not in card["evaluated"]
    page = (tmp_path / PAGE).read_text()
    assert "# Model card: life 2M of 2026-11-29" in page
    assert "**2. output: funding source**: not known" in page


def test_a_model_of_which_no_one_noted_the_day_is_of_an_unknown_day(tmp_path: Path) -> None:
    """Not of the day on which it is evaluated."""
    write_card(tmp_path, FACTS, None, EVALUATED)

    card = json.loads((tmp_path / CARD).read_text())
    assert card["made_on"] is None
    assert card["version"] == "2M of an unknown day"


def test_what_a_trained_model_says_goes_on_into_its_export(tmp_path: Path) -> None:
    """With the day it was made, its figures as they were, and whom its cohort held."""
    support = Support(np.zeros((SEXES, N_BANDS, 3)), np.full((SEXES, N_BANDS), 1_000.0), True)
    write_calibration(
        Calibration(np.ones((3, SEXES, N_BANDS, 2)), np.ones((3, 3)), support, None), tmp_path
    )
    write_card(tmp_path, FACTS, TODAY, EVALUATED)

    known = known_in(tmp_path)

    trained = json.loads((tmp_path / CARD).read_text())
    carried = json.loads(json.dumps(said_of(FACTS, known)))
    assert carried == {name: trained[name] for name in carried}
    assert carried["made_on"] == "2026-11-29"
    assert "40 to 49 1,000" in str(carried["source attributes"])


def test_of_a_folder_without_a_card_nothing_is_known(tmp_path: Path) -> None:
    assert known_in(tmp_path) == Known()


def test_a_card_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text('{"made_on": "yesterday"}')

    with pytest.raises(Misconfigured, match="yesterday"):
        known_in(tmp_path)
