"""The model card of PREVENT, as data and as a page.

Its headings follow the source attributes of 45 CFR 170.315(b)(11)(iv)(B) as far as this model has
something to say to them; figures are of Khan et al. 2024 (abstract) unless they say otherwise.
"""

from dataclasses import asdict

from epione.medicine.risk import (
    COLUMNS,
    HORIZONS_YEARS,
    OPTIONAL,
    OUTCOMES,
    RANGES,
    Model,
    prevent_evidence,
)
from epione_training.prevent_checks import Checks
from epione_training.prevent_evaluation import Evaluation

Card = dict[str, object]

PURPOSE = {
    "intended use": "Informs a clinician of the absolute risk of cardiovascular disease over 10 "
    "and 30 years, for primary prevention and for deciding on blood pressure treatment.",
    "intended population": "Adults of 30 to 79 years in the United States without known "
    "cardiovascular disease (coronary, stroke, heart failure).",
    "intended users": "Clinicians, and services that show them the answer with its reasons.",
    "decision role": "Informs; it decides nothing, and an answer says which inputs it rests on.",
    "output": "Predicted probability of a first event, adjusted for death of other causes.",
}
CAUTIONS = [
    "Not for people with known cardiovascular disease: the inputs do not tell, the caller must.",
    "Inputs outside the ranges below, and missing ones, are refused by name; none is clamped.",
    "30-year risks above 59 years are given with a warning.",
    "Answers with one input changed are the model's, not the effect of a treatment.",
    "Other populations: discrimination and calibration differ; validate locally before use.",
    "Zip code based deprivation is an average of an area, not of a person.",
]
DEVELOPMENT = {
    "developer of the equations": "American Heart Association, Khan SS et al.",
    "developer of this artefact": "The Epione project; coefficients as published, nothing fitted.",
    "derivation": "25 data sets, 3,281,919 people, 1992 to 2017, meta-analysed.",
    "race and ethnicity": "Not used. Sex, age, health status and, if known, area deprivation are.",
    "fairness": "Sex-specific and race-free by design; no own evaluation by group was made.",
}
VALIDATION = {
    "external validation": "21 further data sets, 3,330,085 people, by the developers.",
    "discrimination": "Median C-statistic for cardiovascular disease 0.794 (interquartile 0.763 to "
    "0.809) in women and 0.757 (0.727 to 0.778) in men.",
    "calibration": "Median slope 1.03 (0.81 to 1.16) in women and 0.94 (0.81 to 1.13) in men.",
}
MAINTENANCE = {
    "updates": "With a release of the equations or a correction of the coefficients; every version "
    "keeps its folder, and an answer names the version it came from.",
    "local validity": "Not measured here; to be measured by whoever deploys it.",
}


def card_of(*, version: str, sha256: str, evaluation: Evaluation, checks: Checks) -> Card:
    """Describe one version of the artefact."""
    return {
        "name": "prevent",
        "version": version,
        "artefact": {"file": "model.onnx", "sha256": sha256, "format": "ONNX, float64"},
        "knowledge": asdict(prevent_evidence()),
        "purpose": PURPOSE,
        "cautions": CAUTIONS,
        "inputs": [_input(name) for name in COLUMNS],
        "outputs": {
            "risks": {
                "shape": ["batch", len(HORIZONS_YEARS), len(OUTCOMES)],
                "horizons_years": list(HORIZONS_YEARS),
                "outcomes": list(OUTCOMES),
                "unit": "fraction",
            },
            "model": {"shape": ["batch"], "values": [model.value for model in Model]},
        },
        "development": DEVELOPMENT,
        "validation": VALIDATION,
        "evaluation": {
            "against": "runs of preventr (MIT), answers printed to three decimals",
            **asdict(evaluation),
        },
        "maintenance": MAINTENANCE,
        "checks": checks,
    }


def _input(name: str) -> Card:
    known = {"name": name, "required": name not in OPTIONAL}
    if name == "sex":
        return {**known, "unit": "0 female, 1 male"}
    if name not in RANGES:
        return {**known, "unit": "0 no, 1 yes"}
    return {**known, **asdict(RANGES[name])}


def markdown_of(card: Card) -> str:
    """Write a card as a page for people."""
    lines = [f"# Model card: {card['name']} {card['version']}"]
    for heading, content in card.items():
        if heading not in {"name", "version", "checks"}:
            lines += ["", f"## {heading.capitalize()}", "", *_listed(content)]
    return "\n".join(lines) + "\n"


def _listed(content: object) -> list[str]:
    if isinstance(content, dict):
        return [f"- **{name}**: {_inline(value)}" for name, value in content.items()]
    if isinstance(content, list):
        return [f"- {_inline(value)}" for value in content]
    return [str(content)]


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_inline(inner)}" for name, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
