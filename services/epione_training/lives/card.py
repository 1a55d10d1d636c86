"""The model card of a model of a life, as data and as a page, where it is trained and exported."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from epione.errors import Misconfigured
from epione.timeline.exported import CARD
from epione_training.lives.attributes import Known, attributes_of
from epione_training.lives.calibration import CALIBRATION, read_calibration
from epione_training.lives.cohort import Floats
from epione_training.lives.groups import FEWEST_EXPECTED, band_name
from epione_training.prevent_card import markdown_of

PAGE = "card.md"
BY_CODE = ("codes", "codes_within_years")  # of an evaluation, too long for a card
# What a page shows of a card and of the model's facts, in this order; the rest is for machines.
SHOWN = (
    "name",
    "version",
    "made_on",
    "link",
    "artefact",
    "source attributes",
    "observed over expected",
    "losses",
    "largest_difference_from_torch",
    "cohort",
    "training",
)

Card = dict[str, object]


def known_in(folder: Path) -> Known:
    """Read what the folder of a trained model says; of what is missing nothing is known.

    Raises:
        Misconfigured: The card there cannot be read.
    """
    lived = _lived_years(folder)
    if not (folder / CARD).exists():
        return Known(lived_years=lived)
    try:
        card = json.loads((folder / CARD).read_text("utf-8"))
        made_on = date.fromisoformat(card["made_on"]) if card.get("made_on") else None
    except (OSError, ValueError) as fault:
        raise Misconfigured(f"{folder} holds no {CARD} that can be read: {fault}") from fault
    return Known(made_on, card.get("evaluated"), lived)


def said_of(facts: Mapping[str, Any], known: Known) -> Card:
    """Give what the cards of a trained and of an exported model both say.

    Args:
        facts: Those of `model.json`: cohort, training, size.
        known: The rest.
    """
    evaluated = known.evaluated
    said: Card = {
        "made_on": known.made_on.isoformat() if known.made_on else None,
        "link": known.link or None,
        "source attributes": dict(attributes_of(facts, known)),
        "evaluated": None,
    }
    if evaluated is not None:
        said["evaluated"] = {name: evaluated[name] for name in evaluated if name not in BY_CODE}
        said["observed over expected"] = dict(calibration_by_group(evaluated))
    return said


def card_of(facts: Mapping[str, Any], known: Known) -> Card:
    """Describe a trained model."""
    return {
        "name": "life",
        "version": f"{facts['size']} of {known.made_on or 'an unknown day'}",
        **said_of(facts, known),
        "cohort": dict(facts["cohort"]),
        "training": dict(facts["training"]),
    }


def write_card(
    folder: Path,
    facts: Mapping[str, Any],
    made_on: date | None,
    evaluated: Mapping[str, Any] | None = None,
) -> None:
    """Leave a card beside a trained model and its calibration, as JSON and as Markdown."""
    leave_card(card_of(facts, Known(made_on, evaluated, _lived_years(folder))), facts, folder)


def leave_card(card: Mapping[str, object], facts: Mapping[str, Any], folder: Path) -> None:
    """Write a card for machines, and as a page for people."""
    (folder / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
    both = {**facts, **card}
    shown = {name.replace("_", " "): both[name] for name in SHOWN if both.get(name)}
    (folder / PAGE).write_text(markdown_of(shown), "utf-8")


def calibration_by_group(evaluated: Mapping[str, Any]) -> Mapping[str, str]:
    """Give observed over expected events of each sex and ten years that has enough of them."""
    return {
        f"{sex} of {band_name(band)}": (
            f"{observed / expected:.2f} ({observed:.0f} of {expected:.0f} expected)"
        )
        for sex, bands in evaluated["observed_expected_by_ten_years"].items()
        for band, (observed, expected) in enumerate(bands)
        if expected >= FEWEST_EXPECTED
    }


def _lived_years(folder: Path) -> Floats | None:
    is_there = (folder / CALIBRATION).exists()
    return read_calibration(folder).support.lived_years if is_there else None
