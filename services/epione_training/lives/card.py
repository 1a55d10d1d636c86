"""The model card of a trained model of a life, as data and as a page.

The 31 source attributes are those of predictive decision support in 45 CFR 170.315(b)(11)(iv)(B)
(ONC, HTI-1 final rule, 2024; in force from 1 January 2025, and its repeal proposed in December
2025). What no fact answers is "not known".
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from epione_training.prevent_card import markdown_of

CARD, PAGE = "card.json", "card.md"
NOT_KNOWN = "not known"
# Our own bounds of what is said of calibration by group.
FEWEST_EXPECTED = 100.0

# Group, attribute, and what is always so of this model; None is filled from facts, or not known.
ATTRIBUTES: tuple[tuple[str, str, str | None], ...] = (
    ("output", "name and contact of the developer", None),
    ("output", "funding source", None),
    (
        "output",
        "value produced",
        "A rate a day of each code and of death, and the chance of each within some years.",
    ),
    ("output", "output type", "prediction"),
    (
        "purpose",
        "intended use",
        "Shows how likely what a record holds as codes is to come next, beside why.",
    ),
    ("purpose", "intended patient population", None),
    ("purpose", "intended users", "Clinicians and data scientists who know its limits."),
    ("purpose", "intended decision-making role", "Informs; it decides and replaces nothing."),
    (
        "caution",
        "cautioned tasks, situations, populations",
        "Codes, ages and sexes that the cohort hardly holds are refused; so are people of ten "
        "years and more without any event.",
    ),
    (
        "caution",
        "known risks, inappropriate uses, limitations",
        "What is foreseen is what is recorded, not what is caused: no answer says what a treatment "
        "would change.",
    ),
    ("development", "inclusion and exclusion criteria", None),
    (
        "development",
        "use of race, ethnicity, language, orientation, identity, sex, birth date, social "
        "determinants, health status",
        "Sex, age and health status are used. Race, ethnicity, language, orientation, identity "
        "and social determinants are not.",
    ),
    ("development", "demographic representativeness of training data", None),
    ("development", "relevance of training data to the deployed setting", None),
    ("fairness process", "approach to make output fair", None),
    (
        "fairness process",
        "approaches to manage bias",
        "Rates are calibrated by sex and ten years of age; differences by group are in this card.",
    ),
    ("external validation", "data source and setting", None),
    ("external validation", "party doing external testing", None),
    ("external validation", "demographic representativeness of external data", None),
    ("external validation", "process", None),
    ("performance", "validity in test data of the same source", None),
    ("performance", "fairness in test data of the same source", None),
    ("performance", "validity in external data", None),
    ("performance", "fairness in external data", None),
    ("performance", "references on outcomes", None),
    ("maintenance", "process and frequency of validity monitoring", None),
    ("maintenance", "validity in local data", None),
    ("maintenance", "process and frequency of fairness monitoring", None),
    ("maintenance", "fairness in local data", None),
    ("update", "process and frequency of updates", None),
    ("update", "frequency of performance correction", None),
)

Card = dict[str, object]


def card_of(
    facts: Mapping[str, Any], made_on: date, evaluated: Mapping[str, Any] | None = None
) -> Card:
    """Describe a model.

    Args:
        facts: Those of `model.json`: cohort, training, size.
        made_on: The day.
        evaluated: What `epione evaluate --json` prints, of lives that it did not learn from.
    """
    known = {**_of_cohort(facts["cohort"]), **_of_evaluation(evaluated)}
    card: Card = {
        "name": "life",
        "version": f"{facts['size']} of {made_on.isoformat()}",
        "source attributes": {
            f"{n}. {group}: {name}": said or known.get(name, NOT_KNOWN)
            for n, (group, name, said) in enumerate(ATTRIBUTES, 1)
        },
        "cohort": dict(facts["cohort"]),
        "training": dict(facts["training"]),
    }
    if evaluated is not None:
        card["calibration"] = dict(calibration_by_group(evaluated))
    return card


def write_card(
    folder: Path,
    facts: Mapping[str, Any],
    made_on: date,
    evaluated: Mapping[str, Any] | None = None,
) -> None:
    """Leave a card beside a model, as JSON and as Markdown."""
    card = card_of(facts, made_on, evaluated)
    (folder / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / PAGE).write_text(markdown_of(card), "utf-8")


def calibration_by_group(evaluated: Mapping[str, Any]) -> Mapping[str, str]:
    """Give observed over expected events of each sex and ten years that has enough of them."""
    return {
        f"{sex} of {10 * band} to {10 * band + 9}": (
            f"{observed / expected:.2f} ({observed:.0f} of {expected:.0f} expected)"
        )
        for sex, bands in evaluated["observed_expected_by_ten_years"].items()
        for band, (observed, expected) in enumerate(bands)
        if expected >= FEWEST_EXPECTED
    }


def _of_cohort(cohort: Mapping[str, Any]) -> Mapping[str, str]:
    lives = f"{cohort['lives']:,} lives with {cohort['events']:,} rows"
    said = {
        "inclusion and exclusion criteria": f"All lives of the cohort but those held back: {lives}."
    }
    if planted := cohort.get("planted"):
        nobody = f"Nobody: the cohort is planted, not measured (world of {planted})."
        names = (
            "intended patient population",
            "demographic representativeness of training data",
            "relevance of training data to the deployed setting",
        )
        said |= dict.fromkeys(names, nobody)
    return said


def _of_evaluation(evaluated: Mapping[str, Any] | None) -> Mapping[str, str]:
    if evaluated is None:
        return {}
    return {
        "validity in test data of the same source": (
            f"{evaluated['lives']:,} lives that it did not learn from: total loss "
            f"{evaluated['total_loss']:.3f} nats an event (counting alone "
            f"{evaluated['baselines']['lift']['total_loss']:.3f}); area under the curve "
            f"{_said(evaluated['mean_auc_female'])} in women, {_said(evaluated['mean_auc_male'])} "
            f"in men, {_said(evaluated['death_auc'])} of death."
        ),
        "fairness in test data of the same source": _gaps(evaluated),
    }


def _gaps(evaluated: Mapping[str, Any]) -> str:
    by_sex = [evaluated[f"mean_auc_{sex}"] for sex in ("female", "male")]
    gap = f"{abs(by_sex[0] - by_sex[1]):.3f}" if None not in by_sex else NOT_KNOWN
    ratios = [
        observed / expected
        for bands in evaluated["observed_expected_by_ten_years"].values()
        for observed, expected in bands
        if expected >= FEWEST_EXPECTED
    ]
    widest = f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else NOT_KNOWN
    return (
        f"Area under the curve: {gap} between the sexes. Observed over expected events by sex and "
        f"ten years of age: {widest}."
    )


def _said(figure: float | None) -> str:
    return NOT_KNOWN if figure is None else f"{figure:.3f}"
