"""The room's pinned knowledge, read once when it is first asked for."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from epione.medicine.guidelines.problems import Problem
from epione.medicine.recommendation import Evidence

RELEASE = "2025-08"


@dataclass(frozen=True, slots=True)
class Avoid:
    """What speaks against a drug class."""

    problem: Problem
    strength: str
    source: str


@dataclass(frozen=True, slots=True)
class DrugClass:
    """A first-line class of drugs against high blood pressure."""

    key: str
    name: str
    atc: str
    avoid: tuple[Avoid, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A change of life and the fall of systolic pressure to expect, mmHg as printed."""

    key: str
    action: str
    strength: str
    hypertensive_mmhg: str
    others_mmhg: str
    from_bmi: float = 0.0
    not_with: tuple[Problem, ...] = ()
    caution: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """A test for everyone with hypertension; the first code is the one to order."""

    key: str
    name: str
    loinc: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    drug_classes: tuple[DrugClass, ...]
    lifestyle: tuple[Measure, ...]
    tests: tuple[Test, ...]
    sources: dict[str, Evidence]


@cache
def knowledge() -> Knowledge:
    """Read the release this code was written for."""
    folder = resources.files("epione.medicine.guidelines") / "knowledge" / RELEASE
    facts = tomllib.loads((folder / "hypertension.toml").read_text(encoding="utf-8"))
    sources = tomllib.loads((folder / "SOURCE.toml").read_text(encoding="utf-8"))["sources"]
    return Knowledge(
        drug_classes=tuple(
            DrugClass(
                key=each["key"],
                name=each["name"],
                atc=each["atc"],
                avoid=tuple(
                    Avoid(Problem(avoid["problem"]), avoid["strength"], avoid["source"])
                    for avoid in each["avoid"]
                ),
            )
            for each in facts["drug_classes"]
        ),
        lifestyle=tuple(
            Measure(**{**each, "not_with": tuple(map(Problem, each.get("not_with", ())))})
            for each in facts["lifestyle"]
        ),
        tests=tuple(
            Test(each["key"], each["name"], tuple(each["loinc"])) for each in facts["tests"]
        ),
        sources={
            key: Evidence(
                source=each["name"],
                release=each["release"],
                reference=each["reference"],
                knowledge_as_of=each["knowledge_as_of"],
            )
            for key, each in sources.items()
        },
    )


def evidence(source: str) -> Evidence:
    """Cite a source by its key in SOURCE.toml."""
    return knowledge().sources[source]
