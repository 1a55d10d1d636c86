"""The source attributes of a model of a life, filled in from what is known of it.

The 31 are those of predictive decision support in 45 CFR 170.315(b)(11)(iv)(B) (ONC, HTI-1 final
rule, 2024; in force from 1 January 2025, and its repeal proposed in December 2025). What no fact
answers is "not known".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from epione.timeline.calibration import SEX_NAMES
from epione_training.lives.cohort import Floats
from epione_training.lives.genome import Estimate
from epione_training.lives.groups import band_name, may_be_chance

NOT_KNOWN = "not known"

# Group, attribute, and what is always so of this model; None is filled from facts, or not known.
ATTRIBUTES: tuple[tuple[str, str, str | None], ...] = (
    (
        "output",
        "name and contact of the developer",
        "Made by whoever ran Epione's training; who that was, and a contact, is not known.",
    ),
    ("output", "funding source", None),
    (
        "output",
        "value produced as output",
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
    (
        "purpose",
        "intended decision-making role",
        "Informs; it decides and replaces nothing.",
    ),
    (
        "caution",
        "cautioned tasks, situations, populations",
        "Codes, ages and sexes that the cohort hardly holds are refused; so are people of ten "
        "years and more without any event.",
    ),
    (
        "caution",
        "known risks, inappropriate settings or uses, limitations",
        "What is foreseen is what is recorded, not what is caused: no answer says what a treatment "
        "would change.",
    ),
    ("development", "inclusion and exclusion criteria of training", None),
    (
        "development",
        "use of race, ethnicity, language, sexual orientation, gender identity, sex, birth date, "
        "social determinants (SDOH), health status as inputs",
        "Sex, age (by the birth date) and health status are used; social determinants only where "
        "the record has codes of them. Race, ethnicity, language, sexual orientation and gender "
        "identity are not read.",
    ),
    ("development", "demographic representativeness of training data", None),
    ("development", "relevance of training data to the deployed setting", None),
    (
        "fairness process",
        "approach to make output fair",
        "Every life that is learned from counts alike, and no rate is corrected by race.",
    ),
    (
        "fairness process",
        "approaches to manage and reduce bias",
        "Rates are calibrated by sex and ten years of age; differences by sex, age and genome are "
        "measured, and are in this card where it was evaluated.",
    ),
    ("external validation", "data source and setting", None),
    ("external validation", "party doing external testing", None),
    ("external validation", "demographic representativeness of external data", None),
    ("external validation", "process", None),
    ("performance", "validity in test data of the same source", None),
    ("performance", "fairness in test data of the same source", None),
    ("performance", "validity in external data", None),
    ("performance", "fairness in external data", None),
    ("performance", "references on outcome evaluation", None),
    (
        "maintenance",
        "process and frequency of validity monitoring",
        "None by itself: `epione evaluate` measures it where and when it is run.",
    ),
    ("maintenance", "validity in local data", None),
    (
        "maintenance",
        "process and frequency of fairness monitoring",
        "None by itself: `epione evaluate` measures it by sex, age and genome.",
    ),
    ("maintenance", "fairness in local data", None),
    (
        "update",
        "process and frequency of updates",
        "No schedule: it is trained and exported anew, and the export has another version.",
    ),
    (
        "update",
        "frequency of performance correction",
        "Once, when it is trained: what is served learns nothing.",
    ),
)


@dataclass(frozen=True)
class Known:
    """What is known of a model beside the facts of `model.json`.

    `evaluated` is what `epione evaluate --json` prints of lives that it did not learn from, and
    `lived_years` how long the cohort was lived in, by sex and ten years of age.
    """

    made_on: date | None = None
    evaluated: Mapping[str, Any] | None = None
    lived_years: Floats | None = None
    link: str = ""  # to where the card is published


def attributes_of(facts: Mapping[str, Any], known: Known) -> Mapping[str, str]:
    """Answer every attribute, by its number, group and name.

    Args:
        facts: Those of `model.json`, of which the cohort's are used.
        known: The rest.
    """
    cohort = facts.get("cohort")
    filled = {
        **(_of_cohort(cohort, known.lived_years) if cohort else {}),
        **(_of_evaluation(known.evaluated) if known.evaluated else {}),
    }
    return {
        f"{n}. {group}: {name}": always or filled.get(name, NOT_KNOWN)
        for n, (group, name, always) in enumerate(ATTRIBUTES, 1)
    }


def _of_cohort(cohort: Mapping[str, Any], lived_years: Floats | None) -> Mapping[str, str]:
    lives = f"{cohort['lives']:,} lives with {cohort['events']:,} events"
    said = {
        "inclusion and exclusion criteria of training": (
            f"All lives of the cohort but those held back: {lives}."
        )
    }
    if lived_years is not None:
        said["demographic representativeness of training data"] = _lived(lived_years)
    if planted := cohort.get("planted"):
        nobody = f"Nobody: the cohort is planted, not measured (world of {planted})."
        names = (
            "intended patient population",
            "demographic representativeness of training data",
            "relevance of training data to the deployed setting",
        )
        said |= dict.fromkeys(names, nobody)
    return said


def _lived(years: Floats) -> str:
    by_sex = (
        f"{sex} "
        + ", ".join(f"{band_name(band)} {n:,.0f}" for band, n in enumerate(bands) if n >= 1)
        for sex, bands in zip(SEX_NAMES, years, strict=True)
    )
    return (
        f"Years lived in the cohort, by sex and age: {'; '.join(by_sex)}. Race, ethnicity, "
        "language, place and income of the people are not known."
    )


def _of_evaluation(evaluated: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        "validity in test data of the same source": (
            f"{evaluated['lives']:,} lives that it did not learn from, on "
            f"{evaluated['evaluated_on']}: total loss "
            f"{evaluated['total_loss']:.3f} nats an event (counting alone "
            f"{evaluated['baselines']['lift']['total_loss']:.3f}); area under the curve "
            f"{_said(evaluated['mean_auc_female'])} in women, {_said(evaluated['mean_auc_male'])} "
            f"in men, {_said(evaluated['death_auc'])} of death. "
            "Within years, by rates that stand still and are not calibrated, which is not the risk "
            f"that is served: {'; '.join(_within(evaluated['auc_within_years']))}."
        ),
        "fairness in test data of the same source": (
            "Each group less the others, ±1.96 standard errors (of twenty differences that are "
            "chance one is told as more); observed over expected events before rates are "
            f"calibrated. {' '.join(_gaps(evaluated['groups']))} Race and ethnicity are not in the "
            "cohort: how it serves groups by them is not known."
        ),
    }


def _within(areas: Mapping[str, Any]) -> Iterator[str]:
    for years, by_sex in areas["model"].items():
        for sex, of in by_sex.items():
            beside = areas["lift"][years][sex]
            if of["mean"] and beside["mean"]:
                yield f"{years} {sex} {_shown(of['mean'])} (counting {_shown(beside['mean'])})"


def _shown(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} ±{1.96 * estimate['error']:.3f}"


def _gaps(groups: Mapping[str, Any]) -> Iterator[str]:
    """Say how each group differs from the others; without genomes to compare, that too."""
    names = {
        "auc_difference": "area under the curve",
        "observed_expected_difference": "observed over expected",
    }
    for kind, of_kind in groups.items():
        for name, group in of_kind.items():
            gaps = [
                f"{what} {_gap(Estimate(**group[key]))}"
                for key, what in names.items()
                if group[key] is not None
            ]
            if gaps:
                yield f"By {kind}, {name}: {', '.join(gaps)}."
    if "genome" not in groups:
        yield "By genome: not known."


def _gap(of: Estimate) -> str:
    chance = " (may be chance)" if may_be_chance(of) else ""
    return f"{of.value:+.3f} ±{1.96 * of.error:.3f}{chance}"


def _said(figure: float | None) -> str:
    return NOT_KNOWN if figure is None else f"{figure:.3f}"
